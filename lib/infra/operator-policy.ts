/**
 * The policy for people who operate the ledger from a computer: `run`, `reprice`, `retract`, `simulate`, `doctor` and `query` with `--stack`.
 * In: where things lie. Out: a managed policy to attach to roles or permission sets. It opens what the functions' roles open together, because
 * these commands do their work; it cannot write a log, change the config, delete a commit record, or touch the stacks.
 */
import { CfnOutput } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { AwsConfig } from '../config-aws.ts';
import type { LedgerPlaces } from './data-stack.ts';
import { acknowledgeFolders } from './nag-wildcards.ts';
import { operatorStatements } from './roles.ts';

/** Makes the policy; its ARN is the output `OperatorPolicy`. */
export function createOperatorPolicy(
  stack: Stack,
  aws: AwsConfig,
  places: LedgerPlaces,
  queueArns: readonly string[],
): void {
  const statements = operatorStatements(stack, aws, places, queueArns);
  const policy = new ManagedPolicy(stack, 'Operator', {
    description: 'Runs, reprices, retracts and checks the inference ledger from a computer',
    statements,
  });
  acknowledgeFolders(policy, statements);
  new CfnOutput(stack, 'OperatorPolicy', { value: policy.managedPolicyArn });
}
