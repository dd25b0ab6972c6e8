/** What a person sees: aligned tables, a live progress line, colors on terminals only. Results go to stdout, everything else to stderr. */
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import colors from 'picocolors';
import type { Log, Progress } from '../lib/ports.ts';

export interface TextColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const PLAIN_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** An aligned table without borders; cells too wide for the terminal are cut with an ellipsis. */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const limit = Math.max(12, Math.floor((width - columns.length * 2) / Math.max(1, Math.min(columns.length, 3))));
  const table = new Table({
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: PLAIN_BORDERS,
    style: {
      head: process.stdout.isTTY ? ['bold'] : [],
      border: [],
      'padding-left': 0,
      'padding-right': 0,
      compact: true,
    },
  });
  table.push(...rows.map((row) => row.map((cell) => printable(cell, limit))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names come from logs: control and direction characters are taken out, and long ones are cut. */
export function printable(text: string, limit = 200): string {
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  // by code points: a cut never leaves half of a surrogate pair
  const signs = Array.from(clean);
  return signs.length > limit ? `${signs.slice(0, limit - 1).join('')}…` : clean;
}

/** A cell of a result as text: null is empty, lists and maps are JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function terminalWidth(): number {
  return process.stdout.columns ?? 120;
}

export function consoleLog(): Log {
  return {
    info: (message) => process.stderr.write(`${message}\n`),
    warn: (message) =>
      process.stderr.write(`${process.stderr.isTTY ? colors.yellow('warning:') : 'warning:'} ${message}\n`),
  };
}

/** A line with records per second and time left while work runs; nothing in pipes and CI. */
export function terminalProgress(label: string): Progress {
  if (!process.stderr.isTTY) return { start: () => undefined, advance: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% | {records} records, {rate}/s | {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let records = 0;
  let startedMs = 0;
  return {
    start: (total) => {
      startedMs = Date.now();
      bar.start(Math.max(1, total.bytes), 0, { records: 0, rate: 0 });
    },
    advance: (done) => {
      records += done.records ?? 0;
      const seconds = Math.max(0.001, (Date.now() - startedMs) / 1000);
      bar.increment(done.bytes ?? 0, {
        records: records.toLocaleString('en-US'),
        rate: Math.round(records / seconds).toLocaleString('en-US'),
      });
    },
    stop: () => bar.stop(),
  };
}
