/** Alarms: few, on metrics that exist, each with a paragraph of the runbook. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { METRICS } from '../../lib/metrics.ts';
import { ROOT } from '../architecture/imports.ts';
import { SYNTH_MS, at, ofType, shown, synthesized } from './synthesized.ts';
import type { Resource, Synthesized } from './synthesized.ts';

let app: Synthesized;
let alarms: [string, Resource][];
beforeAll(async () => {
  app = await synthesized({ alarms: { email: 'finance@example.com', silent_hours: 50 } });
  alarms = ofType(app.report, 'AWS::CloudWatch::Alarm');
}, SYNTH_MS);

const runbook = readFileSync(`${ROOT}docs/runbook.md`, 'utf8');
const headings = [...runbook.matchAll(/^## (Alarm: .+)$/gm)].map((match) => match[1] ?? '');
const headingOf = (alarm: Resource): string =>
  /"(Alarm: [^"]+)"\.$/.exec(String(at(alarm, 'AlarmDescription')))?.[1] ?? '';

test('every alarm names a heading of the runbook, and every such heading an alarm', () => {
  expect(alarms.length).toBeGreaterThan(5);
  expect(alarms.length).toBeLessThanOrEqual(18);
  expect([...new Set(alarms.map(([, alarm]) => headingOf(alarm)))].toSorted()).toEqual(headings.toSorted());
});

test('every paragraph says more than its heading', () => {
  for (const heading of headings) {
    const text = runbook.slice(runbook.indexOf(`## ${heading}`)).split('\n## ')[0] ?? '';
    expect(text.length - heading.length).toBeGreaterThan(200);
  }
});

test('every metric of ours that is watched is one that the functions write, under the one dimension', () => {
  const used = alarms.flatMap(([, alarm]) => [
    alarm.Properties,
    ...((at(alarm, 'Metrics') as { MetricStat?: { Metric: Record<string, unknown> } }[] | undefined) ?? []).map(
      (query) => query.MetricStat?.Metric ?? {},
    ),
  ]);
  const own = used.filter((metric) => metric['Namespace'] === 'InferenceLedger');
  expect(own.map((metric) => String(metric['MetricName'])).toSorted()).toEqual([
    'ConfigInvalid',
    'DocumentsPending',
    'Lines',
    'LinesRejected',
    'ObjectsLanded',
    'ReportsInDoubt',
    'SealFinished',
    'UnpricedPercent',
  ]);
  const names = new Set<string>(Object.values(METRICS).map(({ name }) => name));
  expect(own.filter((metric) => !names.has(String(metric['MetricName'])))).toEqual([]);
  for (const metric of own) expect(metric['Dimensions']).toEqual([{ Name: 'service', Value: 'inference-ledger' }]);
});

test('the functions write under the dimension and namespace that the alarms watch', () => {
  for (const [, fn] of [app.pipeline, app.report].flatMap((stack) => ofType(stack, 'AWS::Lambda::Function'))) {
    expect(at(fn, 'Environment', 'Variables', 'POWERTOOLS_SERVICE_NAME')).toBe('inference-ledger');
    expect(at(fn, 'Environment', 'Variables', 'POWERTOOLS_METRICS_NAMESPACE')).toBe('InferenceLedger');
  }
});

test('silence is alarming, absence of errors is not', () => {
  const byId = new Map(alarms);
  for (const id of ['NoObjects', 'SealMissing']) expect(at(byId.get(id), 'TreatMissingData')).toBe('breaching');
  expect(at(byId.get('NoObjects'), 'EvaluationPeriods')).toBe(50);
  for (const id of [
    'DeadLetters',
    'DocumentDeadLetters',
    'DocumentsWaiting',
    'IngestErrors',
    'BackfillFailed',
    'Rejected',
    'Unpriced',
    'ReportFailed',
    'ReportInDoubt',
    'CheckFailed',
  ])
    expect(at(byId.get(id), 'TreatMissingData')).toBe('notBreaching');
});

test('CloudWatch takes the periods: no more than seven days in all, one day where the period is shorter than an hour', () => {
  const tooLong = alarms.filter(([, alarm]) => {
    const period = (at(alarm, 'Period') as number | undefined) ?? 3600;
    const whole = period * (at(alarm, 'EvaluationPeriods') as number);
    return whole > (period >= 3600 ? 7 * 86_400 : 86_400);
  });
  expect(tooLong).toEqual([]);
});

test('all reach the topic, and the topic the mail address of the config', () => {
  for (const [, alarm] of alarms) expect(shown(at(alarm, 'AlarmActions', 0))).toBe('<Alarms>');
  expect(ofType(app.report, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties)).toEqual([
    { TopicArn: { Ref: 'Alarms' }, Protocol: 'email', Endpoint: 'finance@example.com' },
  ]);
});

test('what may not have arrived comes with the command that sends it again', () => {
  expect(at(new Map(alarms).get('ReportInDoubt'), 'AlarmDescription')).toContain(
    'inference-ledger report --stack inference-ledger --send-again',
  );
});
