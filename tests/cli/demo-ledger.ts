/** The demo's inbox, lake and report in a temporary folder, made by the real command line. */
import { join } from 'node:path';
import { folder, ledger } from './run-command.ts';

export interface DemoLedger {
  /** the folder it was run in; the demo is below it, where its own printed lines expect it */
  readonly root: string;
  readonly lake: string;
  readonly printed: string;
  close(): Promise<void>;
}

/** Runs `inference-ledger demo`; throws what it printed if it failed. `hasReport`: also the report of its last week, which writes tables of its own. */
export async function demoLedger({ hasReport = false } = {}): Promise<DemoLedger> {
  const place = await folder();
  const { code, out, err } = await ledger(place.path, 'demo', ...(hasReport ? [] : ['--no-report']));
  if (code !== 0) {
    await place.close();
    throw new Error(`the demo ended with ${code}:\n${err}`);
  }
  return {
    root: place.path,
    lake: join(place.path, 'ledger-demo', 'lake'),
    printed: out,
    close: async () => place.close(),
  };
}
