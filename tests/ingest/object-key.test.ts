/** What a key tells: tags of its folders, the instant in it, and whether it is a log. */
import { describe, expect, test } from 'vitest';
import { objectContext, skipObject, timeInKey } from '../../lib/ingest/object-key.ts';

const at = (key: string): string | null => {
  const ms = timeInKey(key);
  return ms === null ? null : new Date(ms).toISOString().slice(0, 19);
};

describe('the time in a key', () => {
  test.each([
    ['logs/2026-08-01.jsonl', '2026-08-01T00:00:00'],
    ['logs/2026/08/01/x.jsonl', '2026-08-01T00:00:00'],
    ['logs/2026/08/01/23/x.jsonl', '2026-08-01T23:00:00'],
    [
      'AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/08/01/05/20260801T051500123Z_ab.json.gz',
      '2026-08-01T05:00:00',
    ],
    ['logs/year=2026/month=8/day=1/x.json', '2026-08-01T00:00:00'],
    ['logs/y=2026/m=08/d=01/h=05/m=30/PT1H.json', '2026-08-01T05:00:00'],
    ['t/dt=2026-08-01/hour=7/x.parquet', '2026-08-01T07:00:00'],
    ['t/dt=2026-08-01/x.parquet', '2026-08-01T00:00:00'],
    ['.codex/sessions/rollout-2026-08-01T06-07-08-0198.jsonl', '2026-08-01T06:07:08'],
    ['usage_20260801.csv', '2026-08-01T00:00:00'],
    ['usage-20260801T0607.csv', '2026-08-01T06:07:00'],
    ['firehose-1-2026-08-01-13-05-59-0a1b', '2026-08-01T13:05:59'],
    ['export_2026-07-01_2026-07-31.csv', '2026-07-31T00:00:00'],
    ['2026-01-01/late/2026-08-01.jsonl', '2026-08-01T00:00:00'],
    ['logs/2026-08-01-99.jsonl', '2026-08-01T00:00:00'],
  ])('%s', (key, expected) => {
    expect(at(key)).toBe(expected);
  });

  test.each([
    'logs/app.jsonl',
    'logs/2026-13-45.jsonl',
    'x/0198f20260801a.json',
    'run-12345678.json',
    '1999/12/31/x',
    'v2026.08.01',
  ])('%s has none', (key) => {
    expect(at(key)).toBeNull();
  });
});

describe('the folders of a key', () => {
  test('pairs are tags, decoded; dates and the file name are not', () => {
    const context = objectContext('inbox/team=alpha/env=prod%2Feu/dt=2026-08-01/hour=05/day=3/x=y.jsonl', 123);
    expect(context.pathPairs).toEqual({ team: 'alpha', env: 'prod/eu' });
    expect(context.keyTimeMs).toBe(Date.UTC(2026, 7, 1, 5));
    expect(context.lastModifiedMs).toBe(123);
    expect(context.state.size).toBe(0);
  });

  test('what is no pair is none, and a broken code stays as it is', () => {
    expect(objectContext('=a/b=/team=50%/c/x', 0).pathPairs).toEqual({ team: '50%' });
  });
});

describe('objects that are no logs', () => {
  test.each([
    ['AWSLogs/1/BedrockModelInvocationLogs/eu/2026/08/01/00/data/abc_input.json.gz', 'spilled_body'],
    ['AWSLogs/1/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check', 'permission_check'],
    ['focus/metadata/2026/x.csv', 'not_a_log'],
    ['cur/manifests/m.json', 'not_a_log'],
    ['litellm/audit_logs/2026.json', 'not_a_log'],
    ['spark/_temporary/0/x', 'not_a_log'],
    ['spark/_SUCCESS', 'marker'],
    ['spark/.part-0.crc', 'not_a_log'],
    ['a/.DS_Store', 'hidden'],
    ['corpora/handbook.pdf', 'documents'],
    ['folder/', 'folder'],
  ])('%s: %s', (key, reason) => {
    expect(skipObject(key, 10)).toBe(reason);
  });

  test('empty objects are none, everything else is read', () => {
    expect(skipObject('a/b.jsonl', 0)).toBe('empty');
    for (const key of [
      'a/b.jsonl',
      'data/x.json',
      'my-data/data/x.json',
      'metadata.json',
      'x/corpora-usage.csv',
      'no extension',
    ]) {
      expect([key, skipObject(key, 1)]).toEqual([key, null]);
    }
  });
});
