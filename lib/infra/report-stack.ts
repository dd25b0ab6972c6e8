/**
 * The stack that speaks to people: alarms with their topic, and the ledger's own statements as named queries in Athena's console. In: what the
 * other stacks made. Out: the stack. The weekly mail will live here too; until then nothing in it pretends to.
 */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { alarmSpecs } from './alarms.ts';
import type { LedgerPlaces } from './data-stack.ts';
import type { Pipeline } from './pipeline-stack.ts';
import type { LedgerSettings, QuerySource } from './settings.ts';
import { stackProps } from './stack-props.ts';

/** Makes the report stack. */
export function createReportStack(app: App, settings: LedgerSettings, places: LedgerPlaces, pipeline: Pipeline): Stack {
  const { aws } = settings;
  const stack = new Stack(
    app,
    'Report',
    stackProps(settings, 'report', 'Alarms and named queries of the inference ledger'),
  );
  const topic = createTopic(stack, aws.alarms.email);
  for (const { id, heading, what, props } of alarmSpecs(aws, pipeline, places.engineWorkgroup)) {
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
