/**
 * Tells when something changed below a folder. In: a folder, what below it does not count, how to end. Out: a turn each time it has become quiet again, and
 * one now and then, because a file system may lose an event. Invariant: what changes while a turn is being used gives another one.
 */
import { watch } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

export interface FolderChanges {
  /** The next turn; false when it was ended. */
  next(): Promise<boolean>;
}

export interface FolderChangeChoices {
  /** paths whose changes do not count, such as a lake inside its inbox */
  readonly ignored: readonly string[];
  readonly signal: AbortSignal;
  /** told once if the system cannot watch so many files; turns then come by the clock alone */
  readonly onUnwatched: (reason: string) => void;
  /** without a change for so long a folder is quiet */
  readonly quietMs?: number;
  /** a turn comes at least so often */
  readonly lookMs?: number;
}

/** Begins at once: what changes after the call is not missed. */
export function folderChanges(
  folder: string,
  { ignored, signal, onUnwatched, quietMs = 500, lookMs = 300_000 }: FolderChangeChoices,
): FolderChanges {
  let isDue = false;
  let wake = (): void => undefined;
  let quiet: NodeJS.Timeout | null = null;
  const turn = (): void => {
    isDue = true;
    wake();
  };
  const clock = setInterval(turn, lookMs);
  const changed = (name: string | null): void => {
    if (!isChangeOf(folder, name, ignored)) return;
    if (quiet !== null) clearTimeout(quiet);
    quiet = setTimeout(turn, quietMs);
  };
  const watcher = watch(folder, { recursive: true }, (_, name) => changed(name));
  watcher.on('error', (error) => {
    watcher.close();
    onUnwatched(error.message);
  });
  signal.addEventListener('abort', () => {
    clearInterval(clock);
    if (quiet !== null) clearTimeout(quiet);
    watcher.close();
    wake();
  });
  return {
    next: async () => {
      if (!isDue && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      isDue = false;
      return !signal.aborted;
    },
  };
}

/** Whether something at a path below the folder counts; null: the system does not say where. */
export function isChangeOf(folder: string, name: string | null, ignored: readonly string[]): boolean {
  return name === null || !ignored.some((path) => isBelow(resolve(folder, name), resolve(path)));
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..');
}
