/**
 * From the end of a week to its report: a schedule in the owner's zone starts a state machine that simulates the week, then reports it. In: the two
 * functions and when. Out: the state machine. Invariant: a simulation that fails keeps no report back, and still ends the execution as failed, so
 * that somebody hears of it; every retry is safe, because what was sent is claimed in the lake.
 */
import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../../config-aws.ts';
import { acknowledge } from '../acknowledge.ts';
import type { ReportSettings } from '../settings.ts';

const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
/** Simulation and report with all their retries; what takes longer hangs. */
const MACHINE_SECONDS = 8 * 3600;
/** The instant a schedule stood for, however late it came. */
const SCHEDULED = '{"at": "<aws.scheduler.scheduled-time>"}';

interface WeeklyReport {
  readonly simulate: LambdaFunction;
  readonly report: LambdaFunction;
}

/** Makes the state machine, whose input is `{"at": instant}` or `{"week": last day}`. */
export function createWeeklyReport(scope: Construct, aws: AwsConfig, functions: WeeklyReport): CfnStateMachine {
  const stack = Stack.of(scope);
  const role = new Role(scope, 'WeeklyReportRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  new ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [functions.simulate.functionArn, functions.report.functionArn],
      }),
    ],
  });
  const machine = new CfnStateMachine(scope, 'WeeklyReport', {
    stateMachineName: `${aws.name}-report`,
    stateMachineType: 'STANDARD',
    roleArn: role.roleArn,
    definitionString: stack.toJsonString(definition(functions)),
  });
  machine.node.addDependency(role);
  acknowledge(machine, {
    'AwsSolutions-SF1':
      'Both functions write logs, what was sent is noted below delivery/, and the history of an execution is kept for 90 days; delivering logs would need rights on every log group of the account.',
    'AwsSolutions-SF2':
      'Two states in a row: there is nothing to trace, and X-Ray would need rights on every resource.',
  });
  return machine;
}

function definition({ simulate, report }: WeeklyReport): object {
  return {
    Comment: 'Simulates the last week and reports it',
    StartAt: 'Simulate',
    TimeoutSeconds: MACHINE_SECONDS,
    States: {
      Simulate: {
        ...invoke(simulate.functionArn),
        // two tries more: without it the report says that the plan is missing
        Retry: [{ ErrorEquals: ['Misconfigured'], MaxAttempts: 0 }, retry(30, 2)],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.simulation', Next: 'ReportWithoutSimulation' }],
        ResultPath: null,
        Next: 'Report',
      },
      Report: { ...reportState(report), OutputPath: '$.Payload', End: true },
      ReportWithoutSimulation: { ...reportState(report), ResultPath: null, Next: 'SimulationFailed' },
      SimulationFailed: {
        Type: 'Fail',
        Error: 'SimulationFailed',
        Cause: 'The report was made, without new savings: the simulation of the week failed.',
      },
    },
  };
}

/** A minute, three, nine … for about two hours: what was refused for now is sent then. What only a person can change is not tried again. */
function reportState(report: LambdaFunction): object {
  return {
    ...invoke(report.functionArn),
    Retry: [{ ErrorEquals: ['NotDelivered', 'Misconfigured'], MaxAttempts: 0 }, retry(60, 5)],
  };
}

function invoke(functionArn: string): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
  };
}

function retry(IntervalSeconds: number, MaxAttempts: number): object {
  return { ErrorEquals: ['States.ALL'], IntervalSeconds, MaxAttempts, BackoffRate: 3 };
}

/** Starts the state machine once a week, at the owner's hour. */
export function scheduleReport(scope: Construct, machine: CfnStateMachine, report: ReportSettings): void {
  ownersSchedule(scope, 'ReportSchedule', report, {
    description: 'Reports the last week of the inference ledger, six hours or more after its end',
    day: `? * ${DAYS[report.weekday - 1] ?? 'MON'} *`,
    action: 'states:StartExecution',
    arn: machine.ref,
    // an execution that is started twice sends nothing twice
    retries: 3,
  });
}

/** Runs the daily check at the owner's hour. */
export function scheduleCheck(scope: Construct, check: LambdaFunction, report: ReportSettings): void {
  ownersSchedule(scope, 'CheckSchedule', report, {
    description: 'Looks once a day whether spend of the inference ledger crosses a line',
    day: '* * ? *',
    action: 'lambda:InvokeFunction',
    arn: check.functionArn,
    retries: 3,
  });
}

function ownersSchedule(
  scope: Construct,
  id: string,
  { timezone, hour }: ReportSettings,
  what: { description: string; day: string; action: string; arn: string; retries: number },
): void {
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
  new ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [new PolicyStatement({ actions: [what.action], resources: [what.arn] })],
  });
  const made = new CfnSchedule(scope, id, {
    description: what.description,
    scheduleExpression: `cron(0 ${hour} ${what.day})`,
    scheduleExpressionTimezone: timezone,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: what.arn,
      roleArn: role.roleArn,
      input: SCHEDULED,
      retryPolicy: { maximumRetryAttempts: what.retries, maximumEventAgeInSeconds: 6 * 3600 },
    },
  });
  made.node.addDependency(role);
}
