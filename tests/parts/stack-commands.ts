/** The real command line as a person runs it against a deployment: a process of its own, told by the environment where AWS is. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../architecture/imports.ts';
import type { Printed } from '../cli/run-command.ts';
import { HASH_KEY } from './deployment.ts';
import { cacheFolder } from './stack/install.ts';
import type { Endpoints } from './stack/servers.ts';

/** Where the calls go: to the servers, or to a door before them. */
export interface Target {
  readonly control: string;
  readonly athena: string;
}

/** Runs the command line with these words; `target` is null for a ledger in a folder, which must need none. */
export async function typed(endpoints: Endpoints, target: Target | null, words: readonly string[]): Promise<Printed> {
  const home = await mkdtemp(join(tmpdir(), 'ops-home-'));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    NO_COLOR: '1',
    // dozens of commands: each would compile the same code again
    NODE_COMPILE_CACHE: join(cacheFolder(), 'node-code'),
    ...(target === null
      ? { INFERENCE_LEDGER_HASH_KEY: HASH_KEY }
      : {
          AWS_ENDPOINT_URL: target.control,
          AWS_ENDPOINT_URL_ATHENA: target.athena,
          AWS_REGION: endpoints.region,
          AWS_ACCESS_KEY_ID: endpoints.accessKeyId,
          AWS_SECRET_ACCESS_KEY: endpoints.secretAccessKey,
        }),
  };
  const printed = await new Promise<Printed>((done) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'bin/inference-ledger.ts'), ...words],
      { cwd: home, env, maxBuffer: 1 << 26 },
      (error, out, err) => done({ code: error === null ? 0 : (child.exitCode ?? -1), out, err }),
    );
    child.stdin?.end();
  });
  await rm(home, { recursive: true, force: true });
  return printed;
}

/** The same against the servers themselves. */
export function direct({ control, athenaOnControl }: Endpoints): Target {
  return { control, athena: athenaOnControl };
}
