/** The weekly report and the daily check as deployed: when they run, what each step does with a failure, and who may send. */
import { beforeAll, describe, expect, test } from 'vitest';
import { SYNTH_MS, allStatements, at, ofType, shown, synthesized } from './synthesized.ts';
import type { Statement, Synthesized } from './synthesized.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack-AbCdEf';
const MAIL = { from: 'ledger@example.com', to: ['finance@example.com'], send_hour: 7 };

let plain: Synthesized;
let mailing: Synthesized;
beforeAll(async () => {
  plain = await synthesized();
  mailing = await synthesized(
    {},
    { timezone: 'Europe/Berlin', mail: MAIL, webhooks: [{ name: 'finance', secret_arn: SECRET }] },
  );
}, SYNTH_MS);

describe('when', () => {
  const schedule = (app: Synthesized, id: string): unknown[] => {
    const made = app.report.Resources[id];
    return [at(made, 'ScheduleExpression'), at(made, 'ScheduleExpressionTimezone')];
  };

  test('weekly in the owner’s zone, on the first day whose hour is six hours after the week in summer, too', async () => {
    expect(schedule(plain, 'ReportSchedule')).toEqual(['cron(0 8 ? * MON *)', 'UTC']);
    expect(schedule(mailing, 'ReportSchedule')).toEqual(['cron(0 7 ? * TUE *)', 'Europe/Berlin']);
    const sundays = await synthesized({}, { timezone: 'Asia/Tokyo' }, 'sunday');
    expect(schedule(sundays, 'ReportSchedule')).toEqual(['cron(0 8 ? * MON *)', 'Asia/Tokyo']);
  });

  test('the check daily at the same hour', () => {
    expect(schedule(plain, 'CheckSchedule')).toEqual(['cron(0 8 * * ? *)', 'UTC']);
    expect(schedule(mailing, 'CheckSchedule')).toEqual(['cron(0 7 * * ? *)', 'Europe/Berlin']);
  });

  test('a schedule that comes late stands for its own instant, and is tried again for hours', () => {
    for (const id of ['ReportSchedule', 'CheckSchedule'])
      expect(at(mailing.report.Resources[id], 'Target')).toMatchObject({
        Input: '{"at": "<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 21_600 },
      });
    expect(shown(at(mailing.report.Resources['ReportSchedule'], 'Target', 'Arn'))).toBe('<WeeklyReport>');
    expect(shown(at(mailing.report.Resources['CheckSchedule'], 'Target', 'Arn'))).toMatch(/^<CheckDay/);
  });
});

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly ResultPath?: string | null;
  readonly OutputPath?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly Retry?: readonly {
    ErrorEquals: string[];
    MaxAttempts: number;
    IntervalSeconds?: number;
    BackoffRate?: number;
  }[];
  readonly Catch?: readonly { ErrorEquals: string[]; Next: string; ResultPath: string }[];
}

describe('the state machine', () => {
  const states = (): Record<string, State> => {
    const machine = mailing.report.Resources['WeeklyReport'];
    return (JSON.parse(shown(at(machine, 'DefinitionString'))) as { States: Record<string, State> }).States;
  };

  test('simulates, then reports what it was told to, not what the simulation said', () => {
    const { Simulate: simulate, Report: report } = states();
    expect(simulate).toMatchObject({ Next: 'Report', ResultPath: null });
    expect(simulate?.OutputPath).toBeUndefined();
    expect(simulate?.Parameters?.['FunctionName']).toMatch(/^<SimulateWeek.*\.Arn>$/);
    expect(report?.Parameters).toMatchObject({ 'Payload.$': '$', FunctionName: expect.stringMatching(/^<ReportWeek/) });
    expect(report?.End).toBe(true);
  });

  test('a simulation that fails keeps no report back, and the execution still fails', () => {
    const { Simulate: simulate, ReportWithoutSimulation: without, SimulationFailed: failed } = states();
    expect(simulate?.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], ResultPath: '$.simulation', Next: 'ReportWithoutSimulation' },
    ]);
    expect(without).toMatchObject({ Next: 'SimulationFailed', Parameters: states()['Report']?.Parameters });
    expect(failed?.Type).toBe('Fail');
  });

  test('what was refused for now is tried for about two hours; what only a person can change is not', () => {
    for (const name of ['Report', 'ReportWithoutSimulation']) {
      const [never, later] = states()[name]?.Retry ?? [];
      expect(never).toEqual({ ErrorEquals: ['NotDelivered', 'Misconfigured'], MaxAttempts: 0 });
      const { IntervalSeconds: first = 0, MaxAttempts: tries = 0, BackoffRate: rate = 0 } = later ?? {};
      const waits = Array.from({ length: tries }, (_, i) => first * rate ** i);
      const minutes = waits.reduce((sum, wait) => sum + wait, 0) / 60;
      expect(minutes).toBeGreaterThan(100);
      // with all tries of both steps it ends before the machine is stopped
      expect(60 * minutes + 9 * 900 + 300).toBeLessThan(8 * 3600);
    }
  });

  test('every state that is named exists', () => {
    const all = states();
    const named = Object.values(all).flatMap((state) => [
      ...(state.Next === undefined ? [] : [state.Next]),
      ...(state.Catch ?? []).map((caught) => caught.Next),
    ]);
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(Object.keys(all)).toContain(name);
  });
});

describe('who may send', () => {
  const rights = (app: Synthesized, where: RegExp): string[] =>
    allStatements(app)
      .filter((one: Statement) => one.effect === 'Allow' && where.test(one.where))
      .flatMap(({ actions, resources }) => actions.flatMap((action) => resources.map((on) => `${action} ${on}`)));
  const sending = /^(ses:|secretsmanager:)/;

  test('without mail nobody: no identity, no right', () => {
    expect(ofType(plain.report, 'AWS::SES::EmailIdentity')).toEqual([]);
    expect(allStatements(plain).filter(({ actions }) => actions.some((action) => action.startsWith('ses:')))).toEqual(
      [],
    );
  });

  test('with it report and check, from the one address only, and the secrets that the config names', () => {
    for (const id of ['ReportWeek', 'CheckDay']) {
      const own = rights(mailing, new RegExp(`^report\\.${id}Role`)).filter((right) => sending.test(right));
      expect(own.toSorted()).toEqual([
        'secretsmanager:GetSecretValue <inference-ledger-data:HashKeySecret>',
        `secretsmanager:GetSecretValue ${SECRET}`,
        'ses:SendEmail arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*',
      ]);
    }
    const mails = allStatements(mailing).filter(({ actions }) => actions.includes('ses:SendEmail'));
    expect(mails).toHaveLength(3);
    for (const { conditions } of mails)
      expect(conditions).toEqual({ StringEquals: { 'ses:FromAddress': 'ledger@example.com' } });
    expect(rights(mailing, /^report\.SimulateWeekRole/).filter((right) => right.startsWith('ses:'))).toEqual([]);
  });

  test('none of them opens a log, a row of landing or a commit record, and claims are never deleted', () => {
    for (const id of ['SimulateWeek', 'ReportWeek', 'CheckDay']) {
      const own = rights(mailing, new RegExp(`^report\\.${id}Role`));
      expect(own.length).toBeGreaterThan(20);
      expect(
        own.filter((right) =>
          /^s3:(Get|Put|Delete)Object .*(InboxBucket|LakeBucket>\/(landing|commits|documents)\/)/.test(right),
        ),
      ).toEqual([]);
      expect(own.filter((right) => /^s3:DeleteObject .*\/(delivery|reports|alerts|catalog)/.test(right))).toEqual([]);
    }
    const written = rights(mailing, /^report\.ReportWeekRole/).filter((right) => right.startsWith('s3:PutObject'));
    expect(written.map((right) => right.replace(/^.*LakeBucket>\//, '')).toSorted()).toEqual([
      'alerts/*',
      'athena/engine/*',
      'catalog.json',
      'delivery/*',
      'glue-following/*',
      'reports/*',
      'v1/*',
      'work/*',
    ]);
  });

  test('people get it by a policy of its own, beside the operator’s', () => {
    const own = rights(mailing, /^report\.SenderRights/);
    const writes = own.filter((right) => right.startsWith('s3:PutObject')).map((right) => right.replace(/^.*>\//, ''));
    expect(writes.toSorted()).toEqual(['alerts/*', 'delivery/*', 'reports/*']);
    expect(own).toContain(
      'ses:GetEmailIdentity arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/example.com',
    );
    expect(shown(mailing.report.Outputs['SenderPolicy']?.Value)).toMatch(/^<SenderRights/);
  });

  test('the sender is an identity that the stack makes, unless there is one; a mail server needs none', async () => {
    expect(ofType(mailing.report, 'AWS::SES::EmailIdentity').map(([, { Properties }]) => Properties)).toEqual([
      { EmailIdentity: 'ledger@example.com' },
    ]);
    const known = await synthesized({ ses: { create_identity: false } }, { mail: MAIL });
    expect(ofType(known.report, 'AWS::SES::EmailIdentity')).toEqual([]);
    expect(known.report.Outputs['MailSender']?.Value).toBe('ledger@example.com');
    const smtp = await synthesized({}, { mail: { ...MAIL, smtp: { host: 'smtp.example.com' } } });
    expect(ofType(smtp.report, 'AWS::SES::EmailIdentity')).toEqual([]);
    expect(allStatements(smtp).filter(({ actions }) => actions.includes('ses:SendEmail'))).toEqual([]);
  });
});

test('functions of the report have the runtime, log and time of all others', () => {
  const functions = ofType(mailing.report, 'AWS::Lambda::Function');
  expect(
    functions.map(([id, fn]) => [id.replace(/[0-9A-F]{8}$/, ''), at(fn, 'MemorySize'), at(fn, 'Timeout')]),
  ).toEqual([
    ['SimulateWeek', 3008, 900],
    ['ReportWeek', 1769, 900],
    ['CheckDay', 1769, 900],
  ]);
  for (const [, fn] of functions)
    expect(fn.Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  expect(ofType(mailing.report, 'AWS::Logs::LogGroup').map(([, log]) => at(log, 'LogGroupName'))).toEqual([
    '/inference-ledger/simulate-week',
    '/inference-ledger/report-week',
    '/inference-ledger/check-day',
  ]);
});
