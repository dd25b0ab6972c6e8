/** A real Chromium for the page tests: the one named in CHROMIUM_PATH, the system's, or, as root on a Debian, a freshly installed one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const exec = promisify(execFile);
const SYSTEM = '/usr/bin/chromium';

/** Starts it; throws with what to do where there is none. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await browserPath(), args: ['--no-sandbox', '--disable-gpu'] });
}

async function browserPath(): Promise<string> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error('CHROMIUM_PATH names a file that does not exist');
    return named;
  }
  if (!existsSync(SYSTEM)) await install();
  return SYSTEM;
}

async function install(): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(
      'no Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its binary',
    );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await exec('apt-get', ['update', '-qq'], { env });
  await exec('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'chromium'], { env, maxBuffer: 1 << 26 });
}
