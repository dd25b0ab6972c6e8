/**
 * `run --watch`: a run at once, then one each time the inbox has changed and become quiet. In: folders, what a run does. Out: nothing; ends on Ctrl-C or
 * SIGTERM, after the run that is under way. Invariant: a failed run is told and the next change tries again; the lake is locked only while it runs.
 */
import { folderChanges } from './folder-changes.ts';
import { writeNote } from './progress.ts';

export interface WatchedInbox {
  readonly inbox: string;
  /** paths whose changes do not count */
  readonly ignored: readonly string[];
  /** What is done each time; the first one's failure ends everything. */
  readonly run: (isFirst: boolean) => Promise<void>;
  /** Tells of a failure. */
  readonly onFailure: (error: unknown) => void;
}

/** Returns when it was asked to end. */
export async function runOnChanges({ inbox, ignored, run, onFailure }: WatchedInbox): Promise<void> {
  const ending = new AbortController();
  let isRunning = true;
  const end = (): void => {
    // whoever asks twice does not want to wait; what was committed is kept
    if (ending.signal.aborted) process.exit(130);
    ending.abort();
    if (isRunning) writeNote('ends after this run; Ctrl-C again ends at once');
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  try {
    const changes = folderChanges(inbox, {
      ignored,
      signal: ending.signal,
      onUnwatched: (reason) => writeNote(`changes cannot be watched (${reason}): looking every five minutes`),
    });
    await run(true);
    isRunning = false;
    if (!ending.signal.aborted) writeNote(`watching ${inbox}; Ctrl-C ends`);
    while (await changes.next()) {
      isRunning = true;
      await run(false).catch(onFailure);
      isRunning = false;
    }
  } finally {
    ending.abort();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}
