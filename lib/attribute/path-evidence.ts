/**
 * What the folders of an object's key say about the owner of its calls, the weakest evidence there is. In: a key and its `name=value`
 * folders. Out: a name per field, or null. Which plain folder means what is config (`attribution.path`): 0 is the first, -1 the last.
 */
import type { Config } from '../config-schema.ts';
import type { ObjectContext } from '../record.ts';

export type PathField = 'team' | 'project' | 'application' | 'environment' | 'feature' | 'customer';
export interface PathEvidence {
  readonly names: Readonly<Record<PathField, string | null>>;
  /** teams named by `team=…` folders: readers hand these on as tags, which they are not */
  readonly pairTeams: ReadonlySet<string>;
}

const FIELDS: readonly PathField[] = ['team', 'project', 'application', 'environment', 'feature', 'customer'];
const TEAM_PAIR = /^(x-)?team(_name|_alias)?$/i;

/** Reads one object's key; a `team=…` folder wins over a folder counted by position. */
export function pathEvidence(config: Config, object: Pick<ObjectContext, 'key' | 'pathPairs'>): PathEvidence {
  const folders = object.key.split('/').slice(0, -1);
  const names = Object.fromEntries(
    FIELDS.map((field) => [field, folderName(folders, config.attribution.path?.[field])]),
  ) as Record<PathField, string | null>;
  const pairTeams = new Set(
    Object.entries(object.pathPairs).flatMap(([key, value]) => (TEAM_PAIR.test(key) ? [value] : [])),
  );
  const [pairTeam] = pairTeams;
  return { names: { ...names, team: pairTeam ?? names.team }, pairTeams };
}

/** The folder at a position; of `name=value` the value. */
function folderName(folders: readonly string[], position: number | undefined): string | null {
  const folder = position === undefined ? undefined : folders.at(position);
  const value = folder?.slice(folder.indexOf('=') + 1);
  return value === undefined || value === '' ? null : value;
}
