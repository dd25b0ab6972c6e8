/**
 * What wakes somebody up: few alarms, each with a heading of the same name in docs/runbook.md (a test compares them). In: what the pipeline
 * is called and the limits of the config. Out: descriptions of alarms; `report-stack.ts` makes them. Invariant: metric names come from
 * lib/metrics.ts, where the functions take them from.
 */
import type { CfnAlarm, CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import type { AwsConfig } from '../config-aws.ts';
import { METRICS, METRIC_DIMENSION, METRIC_NAMESPACE } from '../metrics.ts';
import type { MetricKey } from '../metrics.ts';
import type { Pipeline } from './pipeline-stack.ts';

/** An alarm: `id` names the resource, `heading` the paragraph of the runbook. */
export interface AlarmSpec {
  readonly id: string;
  readonly heading: string;
  readonly what: string;
  readonly props: Omit<CfnAlarmProps, 'alarmDescription'>;
}

/** What reports, for the alarms that watch it. */
export interface Reporting {
  readonly reportMachine: string;
  readonly checkFunction: string;
}

type OneMetric = Pick<CfnAlarmProps, 'namespace' | 'metricName' | 'dimensions' | 'statistic'>;

const MINUTES = 60;
const HOURS = 3600;
const DAY = 24 * HOURS;
const GB = 1e9;
/** A large corpus takes its time; what no event led to is read within two hours. */
const WAITING_HOURS = 6;

/** Sum (or another statistic) of one AWS metric. */
function awsMetric(
  namespace: string,
  metricName: string,
  dimension: readonly [string, string],
  statistic: 'Sum' | 'Maximum' = 'Sum',
): OneMetric {
  return { namespace, metricName, dimensions: [{ name: dimension[0], value: dimension[1] }], statistic };
}

/** One of our own metrics. */
function ownMetric(aws: AwsConfig, key: MetricKey, statistic: 'Sum' | 'Maximum'): OneMetric {
  return awsMetric(METRIC_NAMESPACE, METRICS[key].name, [METRIC_DIMENSION, aws.name], statistic);
}

const above = (threshold: number, period: number, periods = 1) =>
  ({
    comparisonOperator: 'GreaterThanThreshold',
    threshold,
    period,
    evaluationPeriods: periods,
    treatMissingData: 'notBreaching',
  }) as const;

/** Nothing came for so long: missing data is what breaks the limit. */
const silentFor = (hours: number) =>
  ({
    comparisonOperator: 'LessThanThreshold',
    threshold: 1,
    period: HOURS,
    evaluationPeriods: hours,
    treatMissingData: 'breaching',
  }) as const;

/** Every alarm of a deployment. */
export function alarmSpecs(
  aws: AwsConfig,
  pipeline: Pipeline,
  reporting: Reporting,
  engineWorkgroup: string,
): AlarmSpec[] {
  return [
    ...queueAlarms(pipeline),
    ...workAlarms(aws, pipeline),
    ...dataAlarms(aws, engineWorkgroup),
    ...reportAlarms(aws, reporting),
  ];
}

function reportAlarms(aws: AwsConfig, { reportMachine, checkFunction }: Reporting): AlarmSpec[] {
  const machine = (id: string, metricName: string): CfnAlarm.MetricDataQueryProperty => ({
    id,
    returnData: false,
    metricStat: {
      metric: {
        namespace: 'AWS/States',
        metricName,
        dimensions: [{ name: 'StateMachineArn', value: reportMachine }],
      },
      period: 5 * MINUTES,
      stat: 'Sum',
    },
  });
  return [
    {
      id: 'ReportFailed',
      heading: 'Alarm: a report failed',
      what: 'The weekly report was not made, or not sent, or its simulation failed.',
      props: {
        metrics: [
          machine('failed', 'ExecutionsFailed'),
          machine('late', 'ExecutionsTimedOut'),
          { id: 'both', expression: 'failed + late', returnData: true },
        ],
        comparisonOperator: 'GreaterThanThreshold',
        threshold: 0,
        evaluationPeriods: 1,
        treatMissingData: 'notBreaching',
      },
    },
    {
      id: 'ReportInDoubt',
      heading: 'Alarm: a report may not have arrived',
      what: `A mail or chat message may or may not have been sent, and is not sent again by itself; or a report is due and did not go out. If it did not come: inference-ledger report --stack ${aws.name} --send-again (the last week; --week names another).`,
      props: { ...ownMetric(aws, 'reportsInDoubt', 'Sum'), ...above(0, 5 * MINUTES) },
    },
    {
      id: 'CheckFailed',
      heading: 'Alarm: the daily check failed',
      what: 'The function that looks once a day whether spend crosses a line ended with an error.',
      props: { ...awsMetric('AWS/Lambda', 'Errors', ['FunctionName', checkFunction]), ...above(0, HOURS) },
    },
  ];
}

function queueAlarms({ queueName, deadLettersName, documentDeadLettersName }: Pipeline): AlarmSpec[] {
  return [
    {
      id: 'DocumentDeadLetters',
      heading: 'Alarm: documents in the dead letters',
      what: 'Documents that could not be read after several tries wait in the dead letters of the corpora.',
      props: {
        ...awsMetric(
          'AWS/SQS',
          'ApproximateNumberOfMessagesVisible',
          ['QueueName', documentDeadLettersName],
          'Maximum',
        ),
        ...above(0, 5 * MINUTES),
      },
    },
    {
      id: 'DeadLetters',
      heading: 'Alarm: objects in the dead letters',
      what: 'Objects that could not be read after several tries wait in the dead letters.',
      props: {
        ...awsMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', ['QueueName', deadLettersName], 'Maximum'),
        ...above(0, 5 * MINUTES),
      },
    },
    {
      id: 'OldestEvent',
      heading: 'Alarm: ingest is behind',
      what: 'An object has waited for more than four hours to be read.',
      props: {
        ...awsMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', ['QueueName', queueName], 'Maximum'),
        // a message that failed comes back after half an hour and is tried five times: what is older is a backlog
        ...above(4 * HOURS, 15 * MINUTES, 2),
      },
    },
  ];
}

function workAlarms(aws: AwsConfig, { functions, backfillMachine }: Pipeline): AlarmSpec[] {
  const errors = Object.entries(functions).map(([name, functionName]) => ({
    id: `${name.charAt(0).toUpperCase()}${name.slice(1)}Errors`,
    heading: 'Alarm: a function fails',
    what: `The ${name} function ended with an error or ran out of time or memory, in three quarters of an hour out of an hour.`,
    props: {
      ...awsMetric('AWS/Lambda', 'Errors', ['FunctionName', functionName]),
      ...above(0, 15 * MINUTES, 4),
      datapointsToAlarm: 3,
    },
  }));
  const intervals = Math.ceil((4 * aws.seal.every_minutes) / 60);
  return [
    ...errors,
    {
      id: 'SealMissing',
      heading: 'Alarm: nothing was sealed',
      what: 'No seal ended well for some hours: what arrives does not reach the tables.',
      props: { ...ownMetric(aws, 'sealFinished', 'Sum'), ...silentFor(Math.max(2, intervals)) },
    },
    {
      id: 'ConfigInvalid',
      heading: 'Alarm: the config has an error',
      what: 'A file below config/ of the lake bucket has an error; the rules of before stay in force.',
      props: { ...ownMetric(aws, 'configInvalid', 'Sum'), ...above(0, HOURS) },
    },
    {
      id: 'BackfillFailed',
      heading: 'Alarm: a backfill failed',
      what: 'An execution of the backfill ended with an error.',
      props: {
        ...awsMetric('AWS/States', 'ExecutionsFailed', ['StateMachineArn', backfillMachine]),
        ...above(0, 5 * MINUTES),
      },
    },
  ];
}

function dataAlarms(aws: AwsConfig, engineWorkgroup: string): AlarmSpec[] {
  const { alarms } = aws;
  return [
    {
      id: 'NoObjects',
      heading: 'Alarm: no object arrived',
      what: `No object was read for ${alarms.silent_hours} hours (aws.alarms.silent_hours). Silence looks like saving.`,
      props: { ...ownMetric(aws, 'objectsLanded', 'Sum'), ...silentFor(alarms.silent_hours) },
    },
    {
      id: 'DocumentsWaiting',
      heading: 'Alarm: documents wait to be read',
      what: `Objects of corpora waited to be read in each of ${WAITING_HOURS} hours.`,
      props: { ...ownMetric(aws, 'documentsPending', 'Maximum'), ...above(0, HOURS, WAITING_HOURS) },
    },
    {
      id: 'Rejected',
      heading: 'Alarm: many lines are rejected',
      what: `More than ${alarms.rejected_percent} % of the lines of an hour could not become usage.`,
      props: {
        metrics: [
          shareOf(aws, 'rejected', 'linesRejected'),
          shareOf(aws, 'lines', 'lines'),
          // hours without a line have no share
          { id: 'share', expression: 'IF(lines > 0, 100 * rejected / lines, 0)', returnData: true },
        ],
        comparisonOperator: 'GreaterThanThreshold',
        threshold: alarms.rejected_percent,
        evaluationPeriods: 1,
        treatMissingData: 'notBreaching',
      },
    },
    {
      id: 'Unpriced',
      heading: 'Alarm: tokens without a price',
      what: `More than ${alarms.unpriced_percent} % of the tokens of the days sealed last have no price.`,
      props: { ...ownMetric(aws, 'unpricedPercent', 'Maximum'), ...above(alarms.unpriced_percent, HOURS) },
    },
    {
      id: 'EngineBytes',
      heading: 'Alarm: the ledger reads too much',
      what: `The ledger itself read more than ${alarms.engine_gb_per_day} GB through Athena in a day.`,
      props: {
        ...awsMetric('AWS/Athena', 'ProcessedBytes', ['WorkGroup', engineWorkgroup]),
        ...above(alarms.engine_gb_per_day * GB, DAY),
      },
    },
  ];
}

function shareOf(aws: AwsConfig, id: string, key: MetricKey): CfnAlarm.MetricDataQueryProperty {
  return {
    id,
    returnData: false,
    metricStat: {
      metric: {
        namespace: METRIC_NAMESPACE,
        metricName: METRICS[key].name,
        dimensions: [{ name: METRIC_DIMENSION, value: aws.name }],
      },
      period: HOURS,
      stat: 'Sum',
    },
  };
}
