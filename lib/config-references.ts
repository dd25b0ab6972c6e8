/**
 * What no single field of the configuration can tell: ids that are used twice, ranges that end before they begin, fixed splits without
 * shares, teams that the list of teams does not know. In: a config whose fields are valid. Out: problems, each with its JSON path.
 */
import { nearest } from './config-problems.ts';
import type { Config } from './config-schema.ts';
import { UNALLOCATED, teamKey } from './team-name.ts';
import { fromIso } from './time.ts';

/**
 * All problems found; none means the config can be used. With `sourceFormats`, the ids of all readers, formats that match none of them
 * are problems, too: such an entry would never hold, without a word.
 */
export function checkReferences(config: Config, sourceFormats?: readonly string[]): string[] {
  return [
    ...teamProblems(config),
    ...doubleIds('attribution.rules', config.attribution.rules),
    ...doubleIds('shared_costs', config.shared_costs),
    ...rangeProblems('attribution.rules', config.attribution.rules, fromIso),
    ...rangeProblems('billing', config.billing, fromIso),
    ...rangeProblems('rates', config.rates, fromIso),
    ...rangeProblems('shared_costs', config.shared_costs, (month) => fromIso(`${month}-01`)),
    ...rangeProblems('budgets', config.budgets, (month) => fromIso(`${month}-01`)),
    ...budgetProblems(config.budgets),
    ...config.shared_costs.flatMap((cost, i) => splitProblems(cost, `shared_costs[${i}]`)),
    ...unknownTeams(config),
    ...doubleHooks(config),
    ...(sourceFormats ? unknownFormats(config, sourceFormats) : []),
  ];
}

function doubleIds(list: string, items: readonly { id: string }[]): string[] {
  const seen = new Map<string, number>();
  const problems: string[] = [];
  items.forEach(({ id }, i) => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, i);
    else problems.push(`${list}[${i}].id: is already the id of ${list}[${first}]; ids must differ`);
  });
  return problems;
}

/** The name of a webhook is how a delivery is known again. */
function doubleHooks({ report }: Config): string[] {
  const names = report.webhooks.map((hook) => hook.name);
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [`report.webhooks[${i}].name: is already the name of report.webhooks[${names.indexOf(name)}]`]
      : [],
  );
}

type Range = { readonly from?: string | undefined; readonly to?: string | undefined };

function rangeProblems(list: string, items: readonly Range[], instantOf: (text: string) => number | null): string[] {
  return items.flatMap(({ from, to }, i) => {
    if (from === undefined || to === undefined) return [];
    const isEmpty = (instantOf(from) ?? 0) >= (instantOf(to) ?? 0);
    return isEmpty
      ? [`${list}[${i}].to: must be later than ${list}[${i}].from (to is the first instant that no longer counts)`]
      : [];
  });
}

function splitProblems(cost: Config['shared_costs'][number], path: string): string[] {
  const isFixed = cost.split === 'fixed';
  const problems: string[] = [];
  if (isFixed && !Object.values(cost.shares ?? {}).some((share) => share > 0))
    problems.push(`${path}.shares: "fixed" needs shares that are not all zero`);
  if (!isFixed && cost.shares) problems.push(`${path}.shares: only "fixed" has shares; use among to name the teams`);
  if (isFixed && cost.among) problems.push(`${path}.among: "fixed" names its teams in shares`);
  for (const [field, teams] of [
    ['among', cost.among ?? []],
    ['shares', Object.keys(cost.shares ?? {})],
  ] as const) {
    if (new Set(teams.map(teamKey)).size < teams.length) problems.push(`${path}.${field}: must not name a team twice`);
  }
  return problems;
}

/** Two budgets of one scope must not hold for the same month. */
function budgetProblems(budgets: Config['budgets']): string[] {
  return budgets.flatMap((budget, i) => {
    const scopeOf = ({ scope, team }: Config['budgets'][number]): string => `${scope} ${teamKey(team ?? '')}`;
    const first = budgets.findIndex(
      (other, at) =>
        at < i &&
        scopeOf(other) === scopeOf(budget) &&
        (other.from ?? '') < (budget.to ?? '9') &&
        (budget.from ?? '') < (other.to ?? '9'),
    );
    return first < 0
      ? []
      : [`budgets[${i}]: holds for months that budgets[${first}] holds for, too; end that one with to, or begin later`];
  });
}

function teamProblems(config: Config): string[] {
  const owner = new Map<string, number>();
  const problems: string[] = [];
  (config.teams ?? []).forEach((team, i) => {
    const spellings = new Set([team.name, ...(team.aliases ?? [])].map(teamKey));
    if (spellings.has(UNALLOCATED)) problems.push(`teams[${i}]: "${UNALLOCATED}" is reserved for spend without a team`);
    for (const spelling of spellings) {
      const first = owner.get(spelling);
      if (first !== undefined) problems.push(`teams[${i}]: shares a name or alias with teams[${first}]`);
      owner.set(spelling, i);
    }
  });
  return problems;
}

/**
 * Teams that rules name must be in the list of teams, where there is one: a typo would found a new team. Rules may use aliases, as they
 * are read like any other evidence; shared costs charge a team and name it as the ledger does.
 */
function unknownTeams(config: Config): string[] {
  const names = config.teams?.map((team) => team.name);
  const spellings = config.teams?.flatMap((team) => [team.name, ...(team.aliases ?? [])]);
  const inRules = config.attribution.rules.flatMap(({ set }, i): NamedTeam[] =>
    set.team === undefined ? [] : [[`attribution.rules[${i}].set.team`, set.team]],
  );
  const inShares = config.shared_costs.flatMap((cost, i): NamedTeam[] => [
    ...(cost.among ?? []).map((team): NamedTeam => [`shared_costs[${i}].among`, team]),
    ...Object.keys(cost.shares ?? {}).map((team): NamedTeam => [`shared_costs[${i}].shares`, team]),
  ]);
  // who looks after spend without a team has a budget and a report for it
  const inBudgets = config.budgets.map(({ team }, i): [string, string | undefined] => [`budgets[${i}].team`, team]);
  const inReport = [
    ...Object.keys(config.report.mail?.teams ?? {}).map((team): [string, string] => ['report.mail.teams', team]),
    ...config.report.webhooks.map(({ team }, i): [string, string | undefined] => [`report.webhooks[${i}].team`, team]),
  ];
  const others = [...inBudgets, ...inReport].flatMap(([path, team]): NamedTeam[] =>
    team === undefined || teamKey(team) === UNALLOCATED ? [] : [[path, team]],
  );
  return [...teamsNotAmong(inRules, spellings), ...teamsNotAmong(inShares, names), ...teamsNotAmong(others, names)];
}

type NamedTeam = readonly [path: string, team: string];

function teamsNotAmong(named: readonly NamedTeam[], valid: readonly string[] | undefined): string[] {
  const known = valid && new Set(valid.map(teamKey));
  return named.flatMap(([path, team]) => {
    if (teamKey(team) === UNALLOCATED) return [`${path}: "${UNALLOCATED}" is reserved for spend without a team`];
    return valid && !known?.has(teamKey(team)) ? [`${path}: ${notAmong('a name in teams', team, valid)}`] : [];
  });
}

function unknownFormats(config: Config, valid: readonly string[]): string[] {
  const known = new Set(valid);
  const named: [path: string, format: string][] = config.sources.flatMap(({ source_format: format }, i) =>
    format === undefined ? [] : [[`sources[${i}].source_format`, format]],
  );
  const lists = { 'attribution.rules': config.attribution.rules, accounts: config.accounts, billing: config.billing };
  for (const [list, entries] of Object.entries(lists)) {
    entries.forEach(({ match }, i) => {
      const patterns = [match.source_format ?? []].flat().filter((pattern) => !pattern.includes('*'));
      for (const pattern of patterns) named.push([`${list}[${i}].match.source_format`, pattern.toLowerCase()]);
    });
  }
  return named
    .filter(([, format]) => !known.has(format))
    .map(([path, format]) => `${path}: ${notAmong('a source format', format, valid)}`);
}

function notAmong(what: string, text: string, valid: readonly string[]): string {
  const meant = nearest(text, valid);
  const guess = meant === null ? '' : `did you mean ${JSON.stringify(meant)}? `;
  return `${JSON.stringify(text)} is not ${what}, ${guess}valid here: ${valid.slice(0, 40).join(', ')}${valid.length > 40 ? ', …' : ''}`;
}
