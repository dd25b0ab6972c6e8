import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { objectStoreContract } from './object-store.ts';
import { sqlEngineContract } from './sql-engine.ts';
import { tableCatalogContract } from './table-catalog.ts';

const folders: string[] = [];
const temporary = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-contract-'));
  folders.push(folder);
  return folder;
};
const closers: (() => void)[] = [];
afterAll(async () => {
  for (const close of closers) close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('folder store', () => {
  objectStoreContract(async () => createFolderStore(await temporary()));
});
describe('memory store of the tests', () => {
  objectStoreContract(async () => createMemoryStore());
});
describe('folder catalog', () => {
  tableCatalogContract(async () => createFolderCatalog(createFolderStore(await temporary())));
});
describe('DuckDB engine', () => {
  sqlEngineContract(async () => {
    const engine = await openDuckDb(await temporary());
    closers.push(() => engine.close());
    return engine;
  });
});
