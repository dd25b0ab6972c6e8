/**
 * What an object's key tells: who (Hive pairs in its folders), when (a date in its path or name), and whether it is a log at all.
 * Sources for the names passed over: formats.md §11 of our facts (Bedrock spill bodies, manifests, markers of Spark and Hadoop).
 */
import { fromIso } from '../time.ts';
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
    if (!/^(year|month|day|hour|minute|date|dt|y|m|d|h)$/i.test(name)) pairs[name] = decoded(segment.slice(cut + 1));
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

const HIVE_DATE =
  /(?:^|\/)y(?:ear)?=(\d{4})\/m(?:onth)?=(\d{1,2})\/d(?:ay)?=(\d{1,2})(?:\/h(?:our)?=(\d{1,2}))?/i;
const FOLDER_DATE = /(?:^|\/)(\d{4})\/(\d{2})\/(\d{2})(?:\/(\d{2}))?(?=\/|$)/;
const DASHED_DATE = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?:[T_ ](\d{2})[-:h](\d{2})(?:[-:m](\d{2}))?)?(?!\d)/;
const PLAIN_DATE = /(?<!\d)(20\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(?!\d)/;

/** The instant named by the key, or null: the last date in it that is one, since folders come before names. */
export function timeInKey(key: string): number | null {
  for (const pattern of [HIVE_DATE, FOLDER_DATE, DASHED_DATE, PLAIN_DATE]) {
    const matches = [...key.matchAll(new RegExp(pattern, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`))];
    for (const m of matches.toReversed()) {
      const [, year, month, day, hour, minute, second] = m;
      const two = (part: string | undefined): string => (part ?? '0').padStart(2, '0');
      const ms = fromIso(`${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`);
      if (ms !== null) return ms;
    }
  }
  return null;
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
