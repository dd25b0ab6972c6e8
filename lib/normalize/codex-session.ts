/**
 * What a Codex rollout file has told so far: whose session it is, which sessions it descends from, the model of the turn, the last totals.
 * In: session and turn headers in file order. Out: the scope in which a call is identified, and whether it is a replay.
 * Invariant: the state is small and bounded, whatever the length of the file.
 */
import { fromIso } from '../time.ts';
import type { JsonObject, ObjectContext } from '../record.ts';
import { objectAt, textAt } from './fields.ts';

/** A fork writes its parent's history in one go; the first pause this long ends it. */
const REPLAY_PAUSE_MS = 1_000;
/** Forks of forks name each ancestor; a chain longer than this is a defect of the file. */
const MAX_ANCESTORS = 64;

export interface CodexSession {
  own: string | null;
  /** parent first, then the ancestors whose headers are replayed */
  readonly ancestors: string[];
  isFork: boolean;
  startedAtMs: number | null;
  createdAtMs: number | null;
  previousAtMs: number | null;
  /** no pause yet since the file's start */
  isInBurst: boolean;
  provider: string;
  model: string | null;
  cwd: string | null;
  branch: string | null;
  totals: readonly number[];
}

/** The session that the object's lines belong to now. */
export function sessionOf(object: ObjectContext): CodexSession {
  let session = object.state.get('codex.session') as CodexSession | undefined;
  if (session === undefined) {
    session = newSession();
    // a file that lost its head still says in its name whose it is
    session.own = /rollout-.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl/.exec(object.key)?.[1] ?? null;
    object.state.set('codex.session', session);
  }
  return session;
}

function newSession(): CodexSession {
  return {
    own: null,
    ancestors: [],
    isFork: false,
    startedAtMs: null,
    createdAtMs: null,
    previousAtMs: null,
    isInBurst: true,
    provider: 'openai',
    model: null,
    cwd: null,
    branch: null,
    totals: [],
  };
}

/** A session header: the file's own, an ancestor's that is replayed, or that of the next session in a merged file. */
export function readMeta(object: ObjectContext, payload: JsonObject | null, atMs: number | null): void {
  const session = sessionOf(object);
  const id = textAt(payload, 'id');
  if (session.startedAtMs === null) open(session, id, payload, atMs);
  else if (isReplayed(session, id, payload, atMs)) addAncestors(session, id, parentOf(payload));
  else {
    const next = newSession();
    open(next, id, payload, atMs);
    object.state.set('codex.session', next);
  }
}

function open(session: CodexSession, id: string | null, payload: JsonObject | null, atMs: number | null): void {
  session.own = id ?? session.own;
  session.startedAtMs = atMs;
  session.previousAtMs = atMs;
  session.createdAtMs = fromIso(payload?.['timestamp']) ?? atMs;
  session.cwd = textAt(payload, 'cwd');
  session.branch = textAt(objectAt(payload, 'git'), 'branch');
  session.provider = textAt(payload, 'model_provider')?.toLowerCase() ?? 'openai';
  addAncestors(session, parentOf(payload));
}

/** An ancestor is named by its child; without that, only a header older than the file's own and written in its first moment is one. */
function isReplayed(
  session: CodexSession,
  id: string | null,
  payload: JsonObject | null,
  atMs: number | null,
): boolean {
  if (id === null || id === session.own || session.ancestors.includes(id)) return true;
  const createdAtMs = fromIso(payload?.['timestamp']);
  const isOlder = createdAtMs !== null && session.createdAtMs !== null && createdAtMs < session.createdAtMs;
  return isOlder && atMs !== null && atMs >= (session.startedAtMs ?? 0) && isInBurstAt(session, atMs);
}

function addAncestors(session: CodexSession, ...ids: readonly (string | null)[]): void {
  for (const id of ids) {
    if (id === null || id === session.own || session.ancestors.includes(id)) continue;
    session.isFork = true;
    if (session.ancestors.length < MAX_ANCESTORS) session.ancestors.push(id);
  }
}

/** A fork names its parent; a sub-agent's thread names the thread that spawned it. */
function parentOf(payload: JsonObject | null): string | null {
  const spawn = objectAt(objectAt(objectAt(payload, 'source'), 'subagent'), 'thread_spawn');
  return textAt(payload, 'forked_from_id') ?? textAt(spawn, 'parent_thread_id');
}

/** A turn header: the model from here on. */
export function readTurn(session: CodexSession, payload: JsonObject | null): void {
  session.model = textAt(payload, 'model') ?? session.model;
  session.cwd = textAt(payload, 'cwd') ?? session.cwd;
}

/** Notes the time of a line: the first pause in a fork ends its replay. */
export function passTime(session: CodexSession, atMs: number | null): void {
  if (atMs === null) return;
  session.isInBurst = session.isInBurst && isInBurstAt(session, atMs);
  session.previousAtMs = atMs;
}

/** Replays keep their old times or take the fork's; what comes later than a pause is the fork's own. */
function isInBurstAt(session: CodexSession, atMs: number): boolean {
  const { startedAtMs, previousAtMs } = session;
  if (startedAtMs === null || atMs < startedAtMs) return true;
  return session.isInBurst && atMs - Math.max(previousAtMs ?? startedAtMs, startedAtMs) < REPLAY_PAUSE_MS;
}

/** Takes new totals over and returns those before, or null where nothing advanced: the same totals are written on every refresh. */
export function advance(session: CodexSession, totals: readonly number[]): readonly number[] | null {
  const before = session.totals;
  if (totals.every((n, i) => n === (before[i] ?? 0))) return null;
  session.totals = totals;
  return before;
}

/** Session ids in which a call may be known: the oldest ancestor first, the own last. Empty for a file that names none. */
export function scopesOf(session: CodexSession): string[] {
  const own = session.own === null ? [] : [session.own];
  return [...session.ancestors.toReversed(), ...own];
}
