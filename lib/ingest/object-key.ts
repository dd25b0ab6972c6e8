/**
 * What an object's key tells: who (Hive pairs in its folders), when (a date in its path or name), and whether it is a log at all.
 * Sources for the names passed over: formats.md §11 of our facts (Bedrock spill bodies, manifests, markers of Spark and Hadoop).
 */
import { fromIso } from '../time.ts';
import { setNamed } from '../record.ts';
import type { ObjectContext } from '../record.ts';

/** Context of all lines of an object. */
export function objectContext(key: string, lastModifiedMs: number): ObjectContext {
  return { key, pathPairs: pathPairs(key), keyTimeMs: timeInKey(key), lastModifiedMs, state: new Map() };
}

/** `k=v` folders, percent-decoded. Date parts are not tags. */
function pathPairs(key: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const segment of key.split('/').slice(0, -1)) {
    const cut = segment.indexOf('=');
    if (cut <= 0 || cut === segment.length - 1) continue;
    const name = segment.slice(0, cut);
    if (!/^(year|month|day|hour|minute|date|dt|y|m|d|h)$/i.test(name))
      setNamed(pairs, name, decoded(segment.slice(cut + 1)));
  }
  return pairs;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `year=2026/month=8/day=1[/hour=5]`, `dt=2026-08-01/hour=05`, `2026/08/01[/05]`, `2026-08-01[T05-30-00]`, `20260801[T0530]`, in this order. */
const KEY_TIMES: readonly RegExp[] = [
  /(?:^|\/)y(?:ear)?=(\d{4})\/m(?:onth)?=(\d{1,2})\/d(?:ay)?=(\d{1,2})(?:\/h(?:our)?=(\d{1,2}))?(?=\/|$)/gi,
  /(?:^|\/)\w+=(\d{4})-(\d{2})-(\d{2})\/h(?:our|h)?=(\d{1,2})(?=\/|$)/gi,
  /(?<![^/])(\d{4})\/(\d{2})\/(\d{2})(?:\/(\d{2}))?(?=\/|$)/g,
  /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?:[T_ -](\d{2})(?:[-:h](\d{2})(?:[-:m](\d{2}))?)?)?(?!\d)/g,
  /(?<![\dA-Za-z])(20\d{2})(\d{2})(\d{2})(?:[T_-]?(\d{2})(\d{2})(\d{2})?\d{0,3}Z?)?(?![\dA-Za-z])/g,
];

/** The instant named by the key, or null: start of the day or hour, UTC. Of several dates the last one counts: names are finer than folders. */
export function timeInKey(key: string): number | null {
  for (const pattern of KEY_TIMES) {
    for (const match of [...key.matchAll(pattern)].toReversed()) {
      const [, year = '', month = '', day = '', hour, minute, second] = match;
      const date = `${year}-${two(month)}-${two(day)}`;
      // digits behind a date need not be an hour: then the day still stands
      const ms = fromIso(`${date}T${two(hour)}:${two(minute)}:${two(second)}Z`) ?? fromIso(date);
      if (ms !== null) return ms;
    }
  }
  return null;
}

function two(digits = '0'): string {
  return digits.padStart(2, '0');
}

const NOT_LOGS: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)corpora\//, 'documents'],
  [/BedrockModelInvocationLogs\/.*\/data\//, 'spilled_body'],
  [/permission-check$/, 'permission_check'],
  [/(^|\/)(manifests|metadata|audit_logs|_temporary)\//, 'not_a_log'],
  [/(^|\/)(_SUCCESS|_started.*|_committed.*)$/, 'marker'],
  [/\.(crc|tmp|part|lock|sqlite-wal|db-journal)$/, 'not_a_log'],
  [/(^|\/)\.[^/]+/, 'hidden'],
  [/(^|\/)truth\.json$/, 'not_a_log'],
  [/(^|\/)inference-ledger\.config\.json$/, 'config'],
  [/\/$/, 'folder'],
];

/** Why an object is not read as a log, or null. */
export function skipObject(key: string, bytes: number): string | null {
  if (bytes === 0) return 'empty';
  for (const [pattern, reason] of NOT_LOGS) if (pattern.test(key)) return reason;
  return null;
}
