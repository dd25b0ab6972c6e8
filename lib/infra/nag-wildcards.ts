/**
 * cdk-nag reports every resource with a wildcard on its own. Those of the ledger are folders of its buckets, tables of its databases and
 * streams of its log groups; each is acknowledged where it stands, with what it is. Invariant: only patterns this file knows pass; a
 * statement with any other wildcard fails the synth.
 */
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from './acknowledge.ts';

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/:s3:::.+\/.+\*$/, 'Objects below one folder of one bucket; names of objects are not known beforehand.'],
  [
    /:s3:::([a-z0-9.-]+|[a-z0-9-]+-data:InboxBucket)\/\*$/,
    'The config names the whole bucket as the inbox (aws.inbox.prefix is empty).',
  ],
  [/:glue:.*:table\/[^/]+\/\*$/, 'Tables of one database of the ledger.'],
  [/:cloudformation:.*:stack\/[a-z0-9-]+\/\*$/, 'One stack of the ledger; its id is not known beforehand.'],
  [
    /:ses:.*:identity\/\*$/,
    'Mail from one address (ses:FromAddress); the identities of recipients count in the sandbox.',
  ],
  [/:log-group:.+:\*$/, 'Streams of one log group of the ledger.'],
  [/:execution:.+:\*$/, 'Executions of one state machine; their names are not known beforehand.'],
];

/** Acknowledges the folder patterns of statements on the construct that holds them. */
export function acknowledgeFolders(construct: IConstruct, statements: readonly PolicyStatement[]): void {
  const stack = Stack.of(construct);
  for (const resource of new Set(statements.flatMap((statement) => statement.resources))) {
    const shown = shownBy(stack.resolve(resource));
    if (!shown.includes('*')) continue;
    const reason = REASONS.find(([pattern]) => pattern.test(shown))?.[1];
    if (reason !== undefined) acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${shown}]`]: reason });
  }
}

/** A resolved value as cdk-nag writes it in its finding ids: references become `<LogicalId>` or `<LogicalId.Attribute>`. */
function shownBy(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const [[name, inner] = ['', null]] = Object.entries(value);
  if (name === 'Fn::Join') return ((inner as [string, unknown[]])[1] ?? []).map(shownBy).join((inner as [string])[0]);
  if (name === 'Ref') return `<${String(inner)}>`;
  if (name === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  if (name === 'Fn::ImportValue') return shownBy(inner);
  return JSON.stringify(value);
}
