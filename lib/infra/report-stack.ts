/**
 * The stack that speaks to people: the weekly report and the daily check with their schedules, the sender's identity, alarms with their topic, and
 * the ledger's own statements as named queries in Athena's console. In: what the other stacks made. Out: the stack. It holds no data: what was
 * sent is noted in the lake.
 */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AnyPrincipal,
  Effect,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnEmailIdentity } from 'aws-cdk-lib/aws-ses';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { alarmSpecs } from './alarms.ts';
import type { Reporting } from './alarms.ts';
import { spendFunction } from './constructs/spend-function.ts';
import { createWeeklyReport, scheduleCheck, scheduleReport } from './constructs/weekly-report.ts';
import type { LedgerPlaces } from './data-stack.ts';
import { environmentOf } from './function-environment.ts';
import { acknowledgeFolders } from './nag-wildcards.ts';
import type { Pipeline } from './pipeline-stack.ts';
import { reportStatements, senderStatements, simulateStatements } from './roles.ts';
import type { LedgerSettings, QuerySource } from './settings.ts';
import { stackProps } from './stack-props.ts';

/** A week of some million calls is read into memory, day by day; larger ones are sampled. */
const SIMULATE_MEMORY_MB = 3008;
/** Charts are painted four times each: wide and narrow, light and dark. */
const REPORT_MEMORY_MB = 1769;
const SECONDS = 900;

/** Makes the report stack. */
export function createReportStack(app: App, settings: LedgerSettings, places: LedgerPlaces, pipeline: Pipeline): Stack {
  const { aws } = settings;
  const stack = new Stack(
    app,
    'Report',
    stackProps(settings, 'report', 'Weekly report, daily check, alarms and named queries of the inference ledger'),
  );
  const reporting = createReporting(stack, settings, places);
  const topic = createTopic(stack, aws.alarms.email);
  for (const { id, heading, what, props } of alarmSpecs(aws, pipeline, reporting, places.engineWorkgroup)) {
    new CfnAlarm(stack, id, {
      ...props,
      alarmDescription: `${what} What to do: docs/runbook.md, "${heading}".`,
      alarmActions: [topic.ref],
      okActions: [topic.ref],
    });
  }
  for (const query of settings.queries) createNamedQuery(stack, query, places);
  new CfnOutput(stack, 'AlarmTopic', { value: topic.ref });
  return stack;
}

function createReporting(stack: Stack, settings: LedgerSettings, places: LedgerPlaces): Reporting {
  const { aws, report: when } = settings;
  const shared = {
    settings,
    environment: environmentOf(settings, places),
    timeoutSeconds: SECONDS,
    countsTokens: false,
  };
  const simulate = spendFunction(stack, 'SimulateWeek', {
    ...shared,
    entry: 'simulate-week',
    description: 'Simulates what each lever would have saved in the last week',
    memoryMb: SIMULATE_MEMORY_MB,
    statements: simulateStatements(stack, aws, places),
    simulates: true,
  });
  const report = spendFunction(stack, 'ReportWeek', {
    ...shared,
    entry: 'report-week',
    description: 'Reports the last week: page, mail, chat',
    memoryMb: REPORT_MEMORY_MB,
    statements: reportStatements(stack, settings, places),
    mails: true,
  });
  const check = spendFunction(stack, 'CheckDay', {
    ...shared,
    entry: 'check-day',
    description: 'Tells once of what crosses a line, and of a report that is due and did not go out',
    memoryMb: REPORT_MEMORY_MB,
    statements: reportStatements(stack, settings, places),
    mails: true,
  });
  const machine = createWeeklyReport(stack, aws, { simulate, report });
  scheduleReport(stack, machine, when);
  scheduleCheck(stack, check, when);
  createIdentity(stack, settings);
  createSenderPolicy(stack, settings, places);
  publishReporting(stack, { simulate, report, check }, machine.ref);
  return { reportMachine: machine.ref, checkFunction: check.functionName };
}

function publishReporting(
  stack: Stack,
  { simulate, report, check }: Readonly<Record<'simulate' | 'report' | 'check', LambdaFunction>>,
  machine: string,
): void {
  const outputs = {
    SimulateWeekFunction: simulate.functionName,
    ReportWeekFunction: report.functionName,
    CheckDayFunction: check.functionName,
    ReportStateMachine: machine,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
}

/** The sender's address as an identity of SES, unless the owner has one already: AWS asks the address for consent by mail. */
function createIdentity(stack: Stack, { aws, report }: LedgerSettings): void {
  if (report.from === null || !report.usesSes) return;
  new CfnOutput(stack, 'MailSender', { value: report.from });
  if (!aws.ses.create_identity) return;
  new CfnEmailIdentity(stack, 'Sender', { emailIdentity: report.from });
}

/** The policy for people who send reports, beside the operator's. */
function createSenderPolicy(stack: Stack, settings: LedgerSettings, places: LedgerPlaces): void {
  const statements = senderStatements(stack, settings, places);
  const policy = new ManagedPolicy(stack, 'SenderRights', {
    description: 'Sends reports of the inference ledger from a computer, beside the policy for operators',
    statements,
  });
  acknowledgeFolders(policy, statements);
  new CfnOutput(stack, 'SenderPolicy', { value: policy.managedPolicyArn });
}

/** Alarms of this account may publish, over TLS only. Their texts hold no data of the ledger. */
function createTopic(stack: Stack, email: string | undefined): CfnTopic {
  const topic = new CfnTopic(stack, 'Alarms', { displayName: 'inference ledger' });
  new CfnTopicPolicy(stack, 'AlarmsPolicy', {
    topics: [topic.ref],
    policyDocument: new PolicyDocument({
      statements: [
        new PolicyStatement({
          principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
          actions: ['sns:Publish'],
          resources: [topic.ref],
          conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
        }),
        new PolicyStatement({
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ['sns:Publish'],
          resources: [topic.ref],
          conditions: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ],
    }),
  });
  if (email !== undefined)
    new CfnSubscription(stack, 'AlarmMail', { topicArn: topic.ref, protocol: 'email', endpoint: email });
  return topic;
}

function createNamedQuery(stack: Stack, { name, sql }: QuerySource, places: LedgerPlaces): void {
  const comment = sql
    .split('\n')
    .filter((line) => line.startsWith('--'))
    .map((line) => line.replace(/^--\s*/, ''))
    .join(' ');
  new CfnNamedQuery(stack, `Query-${name}`, {
    name,
    description: comment.slice(0, 1024),
    database: places.database,
    queryString: sql,
    workGroup: places.usersWorkgroup,
  });
}
