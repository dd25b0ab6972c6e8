/** Names of teams: which spellings are one team, and the one name no team can have. */

/** The name under which spend without a team appears everywhere. */
export const UNALLOCATED = 'unallocated';

/** Equal for spellings of one name: letter case and space around it do not matter. */
export function teamKey(team: string): string {
  return team.trim().toLowerCase();
}
