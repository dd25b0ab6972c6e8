/**
 * The config that belongs to the demo inbox: who owns what, what is shared, which agent sessions are billed by the API. In: the demo's last
 * day. Out: the content of `inference-ledger.config.json`. Invariant: every team, path and tag it names occurs in the demo inbox.
 */
import { demoDays } from './demo-calendar.ts';

/** Names that the inbox and its config must agree on. */
export const DEMO = {
  teams: ['search', 'support', 'data', 'mobile', 'finance', 'growth', 'research', 'platform', 'engineering'],
  sharedTeam: 'shared',
  labsTeam: 'labs',
  growthAlias: 'Growth Marketing',
  nightlyJob: 'nightly-enrichment',
  financeRole: 'fin-reporting-prod',
  apiAgents: 'agents/api/',
  seatAgents: 'agents/subscription/',
  unknownModel: 'helios-7b-preview',
} as const;

/** The demo's config as a JSON value. Throws `Misconfigured` if `endDay` is no Sunday. */
export function demoConfig(endDay: string): Record<string, unknown> {
  const days = demoDays(endDay);
  const monday = (week: number): string | undefined => days[week * 7]?.day;
  const aliases: Readonly<Record<string, readonly string[]>> = { growth: [DEMO.growthAlias] };
  return {
    report: { title: 'Demo: five weeks of a company with nine teams' },
    teams: DEMO.teams.map((name) => ({ name, ...(aliases[name] && { aliases: aliases[name] }) })),
    attribution: {
      rules: [
        { id: 'finance-by-role', match: { principal: 'fin-*' }, set: { team: 'finance' } },
        {
          id: 'nightly-job',
          match: { tag: { job: DEMO.nightlyJob } },
          set: { team: 'data', feature: DEMO.nightlyJob },
        },
        { id: 'agents-on-the-api-account', match: { path: `${DEMO.apiAgents}*` }, set: { team: 'platform' } },
        { id: 'agents-on-seats', match: { path: `${DEMO.seatAgents}*` }, set: { team: 'engineering' } },
        { id: 'codex', match: { path: 'codex/*' }, set: { team: 'engineering' } },
        // a reorganization: from the fourth week on the labs belong to research
        { id: 'labs-joined-research', match: { team: DEMO.labsTeam }, set: { team: 'research' }, from: monday(3) },
      ],
    },
    shared_costs: [{ id: 'document-index', match: { team: DEMO.sharedTeam }, split: 'proportional_to_spend' }],
    billing: [
      { match: { path: `${DEMO.apiAgents}*` }, mode: 'on_demand' },
      { match: { path: `${DEMO.seatAgents}*` }, mode: 'subscription' },
    ],
    budgets: [
      { scope: 'total', amount: '420.00', owner: 'the platform engineer' },
      { scope: 'team', team: 'platform', amount: '90.00', owner: 'the lead of platform' },
      // passed in the last week
      { scope: 'team', team: 'search', amount: '40.00', owner: 'the lead of search' },
    ],
    // a price change: a negotiated discount that begins in the third week
    rates: [{ provider: 'anthropic', from: monday(2), discount_percent: '8' }],
  };
}
