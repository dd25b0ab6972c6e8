/** The picture of the deployed ledger tells of what is deployed: each box is a resource of the templates under its own name, and its numbers are theirs. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { BOXES, architecturePicture } from '../../scripts/make-architecture.ts';
import { ROOT } from '../architecture/imports.ts';
import { SYNTH_MS, at, ofType, synthesized } from './synthesized.ts';
import type { Synthesized } from './synthesized.ts';

let app: Synthesized;
beforeAll(async () => {
  app = await synthesized();
}, SYNTH_MS);

const noteOf = (id: string): string => BOXES.find((box) => box.id === id)?.note ?? '';

test('docs/architecture.svg is what scripts/make-architecture.ts gives, and small', () => {
  const shown = readFileSync(`${ROOT}docs/architecture.svg`, 'utf8');
  expect(shown).toBe(architecturePicture());
  expect(Buffer.byteLength(shown)).toBeLessThan(60_000);
});

test('README shows it', () => {
  expect(readFileSync(`${ROOT}README.md`, 'utf8')).toContain('](docs/architecture.svg)');
});

test('every box is a resource of its stack', () => {
  const strangers = BOXES.filter(({ resource }) => {
    if (resource === null) return false;
    const [stack, type, id] = resource;
    // CDK puts a hash behind the ids of functions
    return !ofType(app[stack], type).some(([name]) => new RegExp(`^${id}([0-9A-F]{8})?$`).test(name) || id === '');
  });
  expect(strangers).toEqual([]);
});

test('every function, queue, bucket, workgroup, schedule and state machine is in the picture', () => {
  const kinds =
    /^AWS::(Lambda::Function|SQS::Queue|S3::Bucket|Athena::WorkGroup|Scheduler::Schedule|StepFunctions::StateMachine)$/;
  const drawn = new Set(BOXES.map(({ resource }) => resource?.[2]));
  const all = [app.data, app.pipeline, app.report].flatMap((template) => Object.entries(template.Resources));
  const deployed = all.filter(([, { Type: type }]) => kinds.test(type)).map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
  expect(deployed.length).toBeGreaterThanOrEqual(10);
  expect(deployed.filter((id) => !drawn.has(id))).toEqual([]);
});

test('names and numbers are those of the templates', () => {
  const only = (stack: keyof Omit<Synthesized, 'app'>, type: string, id: string): Parameters<typeof at>[0] => {
    const found = ofType(app[stack], type).find(([name]) => name === id);
    if (found === undefined) throw new Error(`no ${id}`);
    return found[1];
  };
  const nameOf = (id: string): string => BOXES.find((box) => box.id === id)?.name ?? '';
  expect(at(only('data', 'AWS::Athena::WorkGroup', 'Users'), 'Name')).toBe(nameOf('users'));
  expect(at(only('data', 'AWS::Athena::WorkGroup', 'Engine'), 'Name')).toBe(nameOf('engine'));
  const cutoff = at(
    only('data', 'AWS::Athena::WorkGroup', 'Users'),
    'WorkGroupConfiguration',
    'BytesScannedCutoffPerQuery',
  );
  expect(noteOf('users')).toContain(`${Number(cutoff) / 1e9} GB`);
  expect(at(only('data', 'AWS::Glue::Database', 'LedgerDatabase'), 'DatabaseInput', 'Name')).toBe(nameOf('tables'));
  const schedule = String(at(only('pipeline', 'AWS::Scheduler::Schedule', 'SealSchedule'), 'ScheduleExpression'));
  expect(schedule).toBe(`rate(${noteOf('schedule').replace('every ', '')})`);
  const queue = only('pipeline', 'AWS::SQS::Queue', 'InboxEvents');
  expect(architecturePicture()).toContain(`after ${String(at(queue, 'RedrivePolicy', 'maxReceiveCount'))} tries`);
  const dead = only('pipeline', 'AWS::SQS::Queue', 'InboxDeadLetters');
  expect(noteOf('dead')).toContain(`${Number(at(dead, 'MessageRetentionPeriod')) / 86_400} days`);
  const mapping = ofType(app.pipeline, 'AWS::Lambda::EventSourceMapping')[0]?.[1];
  expect(noteOf('queue')).toContain(`${String(mapping && at(mapping, 'MaximumBatchingWindowInSeconds'))} s`);
  expect(nameOf('alarms')).toBe(`${ofType(app.report, 'AWS::CloudWatch::Alarm').length} alarms`);
});
