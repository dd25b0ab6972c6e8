/**
 * The owner's hash key: from the environment, else a file that only its owner can read in the user's config folder, made on first
 * use. Never in the lake: whoever reads the lake cannot test guesses against the hashes.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Misconfigured } from '../../errors.ts';

export interface HashKey {
  /** names the key without telling it; hashes are compared within one id */
  readonly id: string;
  readonly bytes: Uint8Array;
}

const KEY_BYTES = 32;
export const HASH_KEY_VARIABLE = 'INFERENCE_LEDGER_HASH_KEY';

/** Reads the key, or makes one. */
export async function loadHashKey(environment: Readonly<Record<string, string | undefined>>): Promise<HashKey> {
  const given = environment[HASH_KEY_VARIABLE];
  if (given) return keyFrom(given.trim(), HASH_KEY_VARIABLE);
  const folder = environment['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const path = join(folder, 'inference-ledger', 'hash.key');
  const stored = await readFile(path, 'utf8').catch(() => null);
  if (stored !== null) return keyFrom(stored.trim(), path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' }).catch(
    () => undefined,
  );
  return keyFrom((await readFile(path, 'utf8')).trim(), path);
}

/** A key from its text; `where` names the place in the error. */
export function keyFrom(hex: string, where: string): HashKey {
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new Misconfigured(`${where} must hold ${KEY_BYTES} bytes in hex`, {
      hint: 'make one with: openssl rand -hex 32',
    });
  }
  const bytes = Buffer.from(hex, 'hex');
  return {
    id: createHash('sha256').update('inference-ledger hash key id').update(bytes).digest('hex').slice(0, 12),
    bytes,
  };
}
