/**
 * Live lines while work runs: a bar with rate and time left where the work can be measured, else what is being done and for how long. On terminals only:
 * nothing in pipes and CI. Invariant: at most one line lives at a time, and a note clears it before it is written.
 */
import { Presets, SingleBar } from 'cli-progress';
import type { Progress, SqlEngine } from '../lib/ports.ts';

/** Where lines go, and the time. */
export interface ProgressOutput {
  readonly stream: NodeJS.WriteStream;
  readonly nowMs: () => number;
}

const TERMINAL: ProgressOutput = { stream: process.stderr, nowMs: () => Date.now() };
const CLEAR_LINE = '\r\u001b[K';
/** What takes less is done before a line could be read. */
const SHOWN_AFTER_MS = 300;

let live: SingleBar | null = null;

/** Writes a line to stderr; a live line is drawn again below it. */
export function writeNote(text: string): void {
  process.stderr.write(`${live === null ? '' : CLEAR_LINE}${text}\n`);
}

/** A bar with amount, rate and time left; `unit` names what is counted. */
export function terminalProgress(label: string, unit = 'records', { stream, nowMs } = TERMINAL): Progress {
  if (!stream.isTTY) return { start: () => undefined, advance: () => undefined, stop: () => undefined };
  let bar: SingleBar | null = null;
  let [records, bytes, total] = [0, 0, 1];
  let startedMs = 0;
  // by the average since the start: work comes in steps of very different size, and the last ones would make the time left jump
  const counts = (): Record<string, string> => {
    const seconds = Math.max(0.001, (nowMs() - startedMs) / 1000);
    return {
      records: records.toLocaleString('en-US'),
      rate: Math.round(records / seconds).toLocaleString('en-US'),
      left: bytes === 0 ? '' : `${durationText((seconds * Math.max(0, total - bytes)) / bytes)} left`,
    };
  };
  return {
    start: (all) => {
      startedMs = nowMs();
      [records, bytes, total] = [0, 0, Math.max(1, all.bytes)];
      bar = opened(stream, barFormat(label, unit, stream.columns ?? 80), barSize(stream.columns ?? 80));
      bar.start(total, 0, counts());
    },
    advance: (done) => {
      records += done.records ?? 0;
      bytes += done.bytes ?? 0;
      bar?.increment(done.bytes ?? 0, counts());
    },
    stop: () => {
      if (bar !== null) closed(bar);
      bar = null;
    },
  };
}

/** `9 s`, `2 min 10 s`, `1 h 5 min`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function barFormat(label: string, unit: string, columns: number): string {
  return columns < 80
    ? `${label} {percentage}% {rate}/s {left}`
    : `${label} {bar} {percentage}% | {records} ${unit}, {rate}/s | {left}`;
}

function barSize(columns: number): number {
  return Math.max(5, Math.min(40, columns - 70));
}

function opened(stream: NodeJS.WriteStream, format: string, barsize: number): SingleBar {
  if (live !== null) live.stop();
  live = new SingleBar({ format, barsize, stream, clearOnComplete: true }, Presets.shades_classic);
  return live;
}

function closed(bar: SingleBar): void {
  bar.stop();
  if (live === bar) live = null;
}

/** Does something and tells meanwhile what and for how long, if it takes longer than a blink and nothing else is told. */
export async function withLine<T>(label: string, work: () => Promise<T>, { stream } = TERMINAL): Promise<T> {
  if (!stream.isTTY) return await work();
  let bar: SingleBar | null = null;
  const timer = setTimeout(() => {
    if (live !== null) return;
    bar = opened(stream, `${label} · {duration_formatted}`, 1);
    bar.start(1, 0);
  }, SHOWN_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (bar !== null) closed(bar);
  }
}

/** An engine that tells of statements that take their time. How many will follow is not known, so there is no time left to tell. */
export function engineWithLine<E extends SqlEngine>(engine: E, label: string): E {
  let statements = 0;
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    statements++;
    return await withLine(`${label} · statement ${statements}`, work);
  };
  return {
    ...engine,
    query: (sql, parameters) => told(() => engine.query(sql, parameters)),
    execute: (sql) => told(() => engine.execute(sql)),
    write: (select, prefix, partitionBy) => told(() => engine.write(select, prefix, partitionBy)),
  };
}
