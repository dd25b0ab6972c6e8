/** Name, place and tags of a stack, the same rule for all three. In: settings and the stack's role. Out: properties for `new Stack`. */
import type { StackProps } from 'aws-cdk-lib';
import type { LedgerSettings } from './settings.ts';

/** Properties of the stack `NAME-role`. Without account and region in the config the template fits any. */
export function stackProps(
  { aws }: LedgerSettings,
  role: 'data' | 'pipeline' | 'report',
  description: string,
): StackProps {
  return {
    stackName: `${aws.name}-${role}`,
    description,
    tags: { app: aws.name, stage: aws.stage, ...aws.tags },
    env: {
      ...(aws.account === undefined ? {} : { account: aws.account }),
      ...(aws.region === undefined ? {} : { region: aws.region }),
    },
  };
}
