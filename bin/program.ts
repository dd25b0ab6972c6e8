/** The words of the command line: commands, options, examples. What a command needs is loaded when it is called, so that help and completion are quick. */
import { Command, Option } from 'commander';
import colors from 'picocolors';
import { configOption, format, lakeOption, nowOption, stackOption, withExamples } from './command-options.ts';
import { addToolCommands } from './program-tools.ts';

/** The program, not yet run. Wrong words throw a `CommanderError`. */
export function program(): Command {
  const cli = new Command('inference-ledger')
    .description('Exact spend per team and model from LLM usage logs: ingest, query with SQL, explain every cent.')
    .version('0.1.0')
    .showHelpAfterError('  → inference-ledger --help, or --help behind a command, shows what there is, with examples')
    .configureHelp({ styleTitle: colors.createColors(true).bold }) // commander takes it out again where no colors are wanted
    .exitOverride();
  addToolCommands(cli);
  addRun(cli);
  addQuestions(cli);
  addReports(cli);
  addRepairs(cli);
  return cli;
}

function addRun(cli: Command): void {
  withExamples(
    cli
      .command('run')
      .description('read what is new in the inbox, seal what it touches, print spend by team and model')
      .option('--inbox <dir>', 'folder with usage logs; a deployed ledger has its own')
      .addOption(lakeOption())
      .addOption(stackOption())
      .addOption(configOption())
      .addOption(nowOption())
      .addOption(
        new Option('--watch', 'stay and run again when the inbox changes, until Ctrl-C').conflicts(['stack', 'now']),
      )
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/run.ts')).run(options)),
    'run --inbox ./logs --lake ./lake',
    'run --inbox ./logs --lake ./lake --watch',
  );
}

function addQuestions(cli: Command): void {
  withExamples(
    cli
      .command('query')
      .description('ask the ledger with SQL')
      .argument('<sql>', 'one SELECT over usage, spend_daily, spend_by_team …')
      .allowUnknownOption() // SQL may begin with a comment
      .addOption(lakeOption())
      .addOption(stackOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (sql: string, options) => await (await import('./commands/query.ts')).query(sql, options)),
    'query --lake ./lake "select team, sum(cost) as cost from spend_daily group by team order by cost desc"',
  );
  withExamples(
    cli
      .command('explain')
      .description('meters × rates × sources that made one cost')
      .argument('<record_id>', 'record_id of table usage (a unique beginning is enough)')
      .requiredOption('--lake <dir>', 'folder of the ledger')
      .addOption(configOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (id: string, options) => await (await import('./commands/explain.ts')).explain(id, options)),
    'explain --lake ./lake 0f3a9c',
  );
  withExamples(
    cli
      .command('simulate')
      .description('what caching, batching, other models would have saved; each call is saved at most once')
      .addOption(lakeOption())
      .addOption(stackOption())
      .addOption(
        new Option('--week <week>', 'ISO week such as 2026-W46, kept in table savings').conflicts([
          'month',
          'from',
          'to',
        ]),
      )
      .addOption(
        new Option('--month <month>', 'month such as 2026-11, kept in table savings').conflicts(['from', 'to']),
      )
      .option('--from <day>', 'first day (UTC), default: the first of the ledger')
      .option('--to <day>', 'last day, default: the last one')
      .option(
        '--prompts <dir>',
        'folder with logs, to measure lossless rewrites on their prompts; nothing of them is kept',
      )
      .addOption(configOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/simulate.ts')).simulate(options)),
    'simulate --lake ./lake --month 2026-10',
  );
}

function addReports(cli: Command): void {
  withExamples(
    cli
      .command('report')
      .description('the report of a week: as files, and with --send to those whom the config names')
      .addOption(lakeOption())
      .addOption(stackOption())
      .option('--week <week>', 'ISO week such as 2026-W46, or the last day of a week; default: the last one')
      .option('--out <dir>', 'folder for the files, default report-DAY')
      .option('--team <name>', 'the report of this team alone')
      .option('--no-teams', "write everybody's report only")
      .option('--send', 'mail and post what was not sent')
      .option('--send-again', 'mail and post everything, also what may have been sent')
      .addOption(configOption())
      .addOption(nowOption())
      .addOption(format('table', 'json'))
      .action(async (options) => {
        const { openReportHome } = await import('./report-home.ts');
        await (await import('./commands/report.ts')).report(options, openReportHome);
      }),
    'report --lake ./lake --week 2026-W46 --out ./report',
    'report --lake ./lake --week 2026-W46 --send',
  );
  withExamples(
    cli
      .command('check')
      .description('what crossed a line: budgets, projections, anomalies, silent sources; exit code 3 if something did')
      .addOption(lakeOption())
      .addOption(stackOption())
      .option('--remember', 'tell each of them once: not again by this command, nor by mail')
      .addOption(configOption())
      .addOption(nowOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => {
        const { newAlerts } = await import('./alert-home.ts');
        await (await import('./commands/check.ts')).check(options, newAlerts);
      }),
    'check --lake ./lake',
  );
}

function addRepairs(cli: Command): void {
  withExamples(
    cli
      .command('reprice')
      .description(
        "today's prices and rules for days of closed months too, from what has landed; shows the difference first",
      )
      .addOption(lakeOption())
      .addOption(stackOption())
      .requiredOption('--from <day>', 'first day (UTC)')
      .option('--to <day>', 'last day, default: all later ones')
      .addOption(configOption())
      .addOption(nowOption())
      .option('--yes', 'switch without asking; without a terminal nothing is switched unless this is given')
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/reprice.ts')).reprice(options)),
    'reprice --lake ./lake --from 2026-09-01 --to 2026-09-30',
  );
  withExamples(
    cli
      .command('retract')
      .description(
        "take one object's rows out of usage; they are kept as excluded, and a new version of the object counts again",
      )
      .argument('<object>', 'object as in table ingested_objects')
      .addOption(lakeOption())
      .addOption(stackOption())
      .addOption(configOption())
      .addOption(nowOption())
      .addOption(format('table', 'json', 'csv'))
      .action(
        async (object: string, options) => await (await import('./commands/retract.ts')).retract(object, options),
      ),
    'retract --lake ./lake gateway/2026-11-01.jsonl',
  );
  withExamples(
    cli
      .command('doctor')
      .description('check config, prices and a ledger, and say what to do')
      .addOption(lakeOption())
      .addOption(stackOption())
      .addOption(configOption())
      .addOption(nowOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/doctor.ts')).doctor(options)),
    'doctor --lake ./lake',
  );
}
