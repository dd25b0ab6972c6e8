/** The app synthesized without bundling, as templates to look at. One app per set of changes, because loading and checking take seconds. */
import { readFileSync } from 'node:fs';
import type { App } from 'aws-cdk-lib';
import { ledgerSettings, reportSettings } from '../../bin/ledger-settings.ts';
import { parseConfig } from '../../lib/config.ts';
import { awsSchema } from '../../lib/config-aws.ts';
import { createLedgerApp } from '../../lib/infra/ledger-app.ts';
import { ROOT } from '../architecture/imports.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

export interface Synthesized {
  readonly app: App;
  readonly data: Template;
  readonly pipeline: Template;
  readonly report: Template;
}

/** What loading CDK and checking an app may take on a busy machine. */
export const SYNTH_MS = 120_000;

/** CDK's own settings, as `npx cdk` takes them from cdk.json. */
export const CONTEXT = (
  JSON.parse(readFileSync(`${ROOT}cdk.json`, 'utf8')) as { context: Readonly<Record<string, unknown>> }
).context;

/** Synthesizes with these sections `aws` and `report` of the config, and the day its weeks begin on. */
export async function synthesized(
  aws: Readonly<Record<string, unknown>> = {},
  report: Readonly<Record<string, unknown>> = {},
  weekStart = 'monday',
): Promise<Synthesized> {
  const config = parseConfig(JSON.stringify({ report, week_start: weekStart }), 'config.json');
  const settings = {
    ...(await ledgerSettings(undefined)),
    aws: awsSchema.parse(aws),
    report: reportSettings(config),
  };
  const app = createLedgerApp(settings, { ...CONTEXT, 'aws:cdk:bundling-stacks': [] });
  const assembly = app.synth();
  const template = (name: string): Template => assembly.stacks.find((stack) => stack.id === name)?.template as Template;
  return { app, data: template('Data'), pipeline: template('Pipeline'), report: template('Report') };
}

/** Resources of a type, with their logical ids. */
export function ofType(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** All resources of the three templates, as `stack.logicalId`. */
export function allResources({ data, pipeline, report }: Synthesized): [string, Resource][] {
  return Object.entries({ data, pipeline, report }).flatMap(([name, template]) =>
    Object.entries(template.Resources).map(([id, resource]): [string, Resource] => [`${name}.${id}`, resource]),
  );
}

/** A property deep inside a resource; undefined where the way ends. */
export function at(resource: Resource | undefined, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[name] : undefined,
    resource?.Properties,
  );
}

/** A value of a template as text: what is joined is joined, references are written as their names. */
export function shown(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  const [[name, inner] = ['', null]] = Object.entries(value);
  if (name === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(shown).join(separator);
  }
  if (name === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  return name === 'Ref' || name === 'Fn::ImportValue' ? `<${shown(inner)}>` : JSON.stringify(value);
}

export interface Statement {
  readonly where: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: unknown;
}

interface RawStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Every statement of every policy of the app: of roles, managed policies, buckets, queues and topics. */
export function allStatements(app: Synthesized): Statement[] {
  return allResources(app).flatMap(([where, resource]) =>
    documentsIn(resource.Properties).flatMap((document) =>
      document.map((statement) => ({
        where,
        effect: statement.Effect,
        actions: [statement.Action].flat(),
        resources: [statement.Resource].flat().map(shown),
        conditions: statement.Condition,
      })),
    ),
  );
}

function documentsIn(value: unknown): (readonly RawStatement[])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(documentsIn);
  const own = value as Record<string, unknown>;
  if ('Statement' in own && 'Version' in own) return [[own['Statement']].flat() as RawStatement[]];
  return Object.values(own).flatMap(documentsIn);
}
