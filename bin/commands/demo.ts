/** `demo` (this is `npm start`): sample inbox -> ledger -> report, with three lines of SQL to go on with. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CONFIG_NAME } from '../../lib/config.ts';
import { demoEndDay, demoNowMs } from '../../lib/generate/demo-calendar.ts';
import { demoConfig } from '../../lib/generate/demo-config.ts';
import { demoInbox } from '../../lib/generate/demo-inbox.ts';
import { wholeNumber } from '../options.ts';
import { openReportHome } from '../report-home.ts';
import { renderSummary } from '../summary-text.ts';
import { report } from './report.ts';
import { runLedger } from './run.ts';

export async function demo(options: { out: string; seed: string; report: boolean }): Promise<void> {
  const seed = wholeNumber('--seed', options.seed);
  const endDay = demoEndDay(Date.now());
  const inbox = join(options.out, 'inbox');
  const lake = join(options.out, 'lake');
  const config = join(options.out, CONFIG_NAME);
  for (const folder of [inbox, lake]) await rm(folder, { recursive: true, force: true });
  process.stderr.write(`writing five weeks of sample logs to ${inbox} …\n`);
  for (const { key, bytes } of demoInbox({ seed, endDay })) {
    const path = join(inbox, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  await writeFile(config, `${JSON.stringify(demoConfig(endDay), null, 2)}\n`);
  const now = new Date(demoNowMs(endDay)).toISOString();
  const { result, sums, summary, corpora } = await runLedger({ inbox, lake, config, now });
  process.stdout.write(renderSummary(result, sums, summary, corpora, lake));
  process.stdout.write(nextSteps(relative('.', lake) || lake, config));
  if (!options.report) return;
  process.stdout.write('\n');
  const out = join(options.out, 'report');
  await report({ lake, config, now, out, teams: false, format: 'table' }, openReportHome);
  process.stdout.write(`\nopen     ${pathToFileURL(join(out, 'report.html')).href}\n`);
}

/** Lines to try; they work as printed, in the folder where the demo ran. */
function nextSteps(lake: string, config: string): string {
  const queries = [
    'select team, sum(cost) as cost from spend_daily group by team order by cost desc',
    `select model, sum(cache_read_tokens) as cached, sum(input_tokens) as fresh, sum(cost) as cost from usage group by model order by cost desc`,
    'select record_id, team, model, cost, price_rows from usage order by cost desc limit 5',
  ];
  return `config   ${config}

try:
${queries.map((sql) => `  npx inference-ledger query --lake ${lake} "${sql}"`).join('\n')}
`;
}
