/** Bedrock model ids and callers: every kind of resource, the scope that prices it, who called. */
import { expect, test } from 'vitest';
import { bedrockIdentity, bedrockModel } from '../../lib/normalize/bedrock-model.ts';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333';
const BARE = 'in-region(bare-id)';

test.each([
  ['anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6', BARE],
  ['global.anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6', 'global'],
  ['us.anthropic.claude-3-5-haiku-20241022-v1:0', 'anthropic.claude-3-5-haiku-20241022-v1:0', 'us'],
  ['eu.amazon.nova-2-lite-v1:0', 'amazon.nova-2-lite-v1:0', 'eu'],
  ['apac.amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0', 'apac'],
  ['jp.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 'jp'],
  ['au.anthropic.claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6', 'au'],
  ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'anthropic.claude-3-haiku-20240307-v1:0', 'us-gov'],
  [`${ARN}:inference-profile/global.anthropic.claude-sonnet-4-6`, 'anthropic.claude-sonnet-4-6', 'global'],
  [`${ARN}:inference-profile/us.meta.llama3-1-70b-instruct-v1:0`, 'meta.llama3-1-70b-instruct-v1:0', 'us'],
  ['arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-instruct-v1:0', 'meta.llama3-8b-instruct-v1:0', BARE],
  [
    'arn:aws:bedrock:eu-west-2::foundation-model/meta.llama3-8b-instruct-v1:0',
    'meta.llama3-8b-instruct-v1:0',
    'eu-west-2',
  ],
  // a vendor segment that begins like a geo is none
  ['ai21.jamba-1-5-mini-v1:0', 'ai21.jamba-1-5-mini-v1:0', BARE],
  // bodies spell Claude without its vendor
  ['claude-sonnet-4-5-20250929', 'anthropic.claude-sonnet-4-5-20250929', BARE],
])('%s is %s at scope %s', (id, model, scope) => {
  expect(bedrockModel(id)).toMatchObject({ model, scope, isProvisioned: false });
});

test.each([
  ['us-east-1', BARE],
  ['us-west-2', BARE],
  ['ap-south-1', 'ap-south-1'],
  ['us-gov-west-1', 'us-gov-west-1'],
  [null, BARE],
])('a plain id in %s is priced at scope %s', (region, scope) => {
  expect(bedrockModel('meta.llama3-8b-instruct-v1:0', region).scope).toBe(scope);
});

test('a geo profile is priced by its geo, wherever it is called from', () => {
  expect(bedrockModel('eu.amazon.nova-pro-v1:0', 'eu-central-1').scope).toBe('eu');
});

test.each([
  [`${ARN}:application-inference-profile/a1b2c3d4e5f6`, 'a1b2c3d4e5f6', false],
  [`${ARN}:provisioned-model/x9y8z7`, 'x9y8z7', true],
  [`${ARN}:imported-model/im1`, 'im1', false],
  [`${ARN}:custom-model/amazon.titan-text-lite-v1:0:4k/cm1`, 'cm1', false],
])('%s is opaque: model %s, no scope', (id, model, isProvisioned) => {
  expect(bedrockModel(id)).toEqual({ model, geo: null, scope: null, isProvisioned, publisher: null });
});

test.each([
  ['anthropic.claude-sonnet-4-6', 'anthropic'],
  ['us.meta.llama3-1-70b-instruct-v1:0', 'meta'],
  ['qwen.qwen3-32b', 'alibaba'],
  ['moonshotai.kimi-k3', 'moonshot'],
  ['unknown', null],
])('%s is published by %s', (id, publisher) => {
  expect(bedrockModel(id).publisher).toBe(publisher);
});

test.each([
  ['arn:aws:sts::1:assumed-role/search-app/i-0abc', 'search-app', 'i-0abc'],
  ['arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_1a2b/ann@example.com', 'AWSReservedSSO_Dev_1a2b', 'ann@example.com'],
  ['arn:aws:iam::1:user/teams/ci', 'ci', null],
  ['arn:aws:iam::1:root', 'root', null],
  [null, null, null],
])('caller %s is principal %s, session %s', (arn, principal, session) => {
  expect(bedrockIdentity(arn)).toEqual({ principal, session });
});
