/**
 * The functions as they are deployed: what `cdk synth` leaves. In: an empty folder. Out: for each function its bundle and what the template
 * says of it. Invariant: nothing is bundled here; the files are those that a deployment would upload.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LambdaLimits } from './lambda-process.ts';

const run = promisify(execFile);
const PROJECT = fileURLToPath(new URL('..', import.meta.url));

export interface SynthesizedFunction extends LambdaLimits {
  /** path of the bundle */
  readonly bundle: string;
  /** variables whose value the template itself holds; the others name resources */
  readonly variables: Readonly<Record<string, string>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: FunctionProperties }>>;
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

/** Synthesizes the app with its defaults; functions by their id in the stack (`Ingest`, `Seal`, …). */
export async function synthesizeFunctions(out: string): Promise<ReadonlyMap<string, SynthesizedFunction>> {
  await run('npx', ['--no-install', 'cdk', 'synth', '--quiet', '--output', out], { cwd: PROJECT });
  return await readFunctions(out);
}

/** The functions of an app that was synthesized into this folder. */
export async function readFunctions(out: string): Promise<ReadonlyMap<string, SynthesizedFunction>> {
  const template = JSON.parse(await readFile(join(out, 'Pipeline.template.json'), 'utf8')) as Template;
  const functions = new Map<string, SynthesizedFunction>();
  for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources)) {
    if (type !== 'AWS::Lambda::Function') continue;
    const variables = Object.entries(properties.Environment.Variables);
    functions.set(id.replace(/[0-9A-F]{8}$/, ''), {
      bundle: join(out, `asset.${properties.Code.S3Key.replace('.zip', '')}`, 'index.mjs'),
      memoryMb: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      variables: Object.fromEntries(
        variables.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
    });
  }
  return functions;
}
