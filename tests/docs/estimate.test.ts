/** docs/estimate.md against the program: every option, every field of the JSON, every key of the config, and the numbers of its tables. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentsSchema } from '../../lib/config-documents.ts';
import { chatOverhead } from '../../lib/estimate/chat-overhead.ts';
import { corpusCostRows, estimateJson } from '../../lib/estimate/estimate-json.ts';
import { DEFAULT_CHUNK_TOKENS, DEFAULT_OVERLAP_TOKENS } from '../../lib/estimate/estimate-settings.ts';
import { LEAST_CALLS, TASK_FACTS, TASKS } from '../../lib/estimate/output-length.ts';
import { MODES } from '../../lib/estimate/plan.ts';
import { PRESETS } from '../../lib/estimate/presets.ts';
import { documentOf, estimateOf } from '../fixtures/estimates.ts';

const fromRoot = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const PAGE = fromRoot('docs/estimate.md');
const section = (page: string, heading: string): string =>
  page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';

test('every option of the command is described', () => {
  const command = /\.command\('estimate'\)[\s\S]*?\.action\(/.exec(fromRoot('bin/program-tools.ts'))?.[0] ?? '';
  const options = [...command.matchAll(/\.option\('(--[a-z-]+)/g)].map((match) => match[1] as string);
  expect(options.length).toBeGreaterThan(15);
  for (const option of options) expect(PAGE.split('## Documents')[0]).toContain(`\`${option}`);
  for (const preset of Object.keys(PRESETS)) expect(PAGE).toContain(`\`${preset}\``);
});

test('every field of the JSON is described', () => {
  const estimate = estimateOf(['gpt-4o'], [documentOf(1)]);
  const json = estimateJson(estimate);
  const rows = section(PAGE, 'JSON');
  for (const field of Object.keys(json)) expect(rows).toContain(`\`${field}\``);
  for (const field of Object.keys(json.plans[0] ?? {})) expect(rows).toContain(`\`plans[].${field}\``);
  for (const field of ['provider', 'is_cheapest'])
    expect(Object.keys(corpusCostRows(estimate)[0] ?? {})).toContain(field);
});

test('the tables of tasks and modes are those of the program', () => {
  const rows = [
    ...section(PAGE, 'Lengths of answers').matchAll(
      /^\| `([a-z_]+)` \| (\d+) \| (\d+) \| (\d+) \| (\w+) \| (\d+) \|/gm,
    ),
  ];
  const facts = TASKS.map((task) => {
    const { range, unit, instructionTokens } = TASK_FACTS[task];
    return [task, ...[range.low, range.expected, range.high].map(String), unit, String(instructionTokens)];
  });
  expect(rows.map(([, ...cells]) => cells)).toEqual(facts);
  const modes = [...section(PAGE, 'Modes').matchAll(/^\| `([a-z+]+)` \|/gm)].map((match) => match[1]);
  expect(modes).toEqual([...MODES]);
});

test('numbers that the page names are those of the program', () => {
  const [alone, shared] = [1, 2].map((messages) => chatOverhead('openai', messages).tokens);
  expect(PAGE).toContain(`so ${alone} with one message and ${shared} with a`);
  expect(PAGE).toContain(`20 tokens are billed as ${20 + (alone as number)}`);
  expect(PAGE).toContain(`Default ${DEFAULT_CHUNK_TOKENS} and ${DEFAULT_OVERLAP_TOKENS},`);
  expect(PAGE).toContain(`if it has ${LEAST_CALLS} calls`);
});

test('every key of the config is described, and the example is valid', () => {
  const text = section(fromRoot('docs/config.md'), 'documents');
  for (const key of Object.keys(documentsSchema.shape)) expect(text).toContain(`\`${key}\``);
  for (const key of Object.keys(documentsSchema.shape.limits.unwrap().shape)) expect(text).toContain(`\`${key}\``);
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '') as { documents: unknown };
  expect(() => documentsSchema.parse(example.documents)).not.toThrow();
});
