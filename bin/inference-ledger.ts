#!/usr/bin/env node
/** The command line: parses words, calls a command, maps errors to exit codes. 0 done · 1 failed · 2 wrong usage or config · 3 limits passed. */
import { Command, CommanderError, Option } from 'commander';
import { LedgerError, Misconfigured } from '../lib/errors.ts';
import { claims } from './commands/claims.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { estimate } from './commands/estimate.ts';
import { explain } from './commands/explain.ts';
import { generate } from './commands/generate.ts';
import { init } from './commands/init.ts';
import { prices } from './commands/prices.ts';
import { query } from './commands/query.ts';
import { reprice } from './commands/reprice.ts';
import { retract } from './commands/retract.ts';
import { run } from './commands/run.ts';
import { simulate } from './commands/simulate.ts';

const format = (...choices: string[]): Option =>
  new Option('--format <format>', 'how to print the result').choices(choices).default(choices[0]);

function program(): Command {
  const cli = new Command('inference-ledger')
    .description('Exact spend per team and model from LLM usage logs: ingest, query with SQL, explain every cent.')
    .version('0.1.0')
    .showHelpAfterError('(add --help for an example)')
    .exitOverride();
  cli
    .command('demo')
    .description('sample inbox -> ledger -> report')
    .option('--out <dir>', 'folder to write to', 'ledger-demo')
    .option('--seed <n>', 'seed of the sample', '1')
    .addHelpText('after', '\nExample:\n  inference-ledger demo')
    .action(demo);
  cli
    .command('init')
    .description('ask a few questions, write a commented config')
    .option('--config <file>', 'file to write', 'inference-ledger.config.json')
    .option('--yes', 'take the defaults without asking')
    .addHelpText('after', '\nExample:\n  inference-ledger init')
    .action(init);
  cli
    .command('run')
    .description('read what is new in the inbox, seal what it touches, print spend by team and model')
    .option('--inbox <dir>', 'folder with usage logs; a deployed ledger has its own')
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .option('--config <file>', 'inference-ledger.config.json')
    .option('--now <iso>', 'take this as the current time')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger run --inbox ./logs --lake ./lake')
    .action(run);
  cli
    .command('query')
    .description('ask the ledger with SQL')
    .argument('<sql>', 'one SELECT over usage, spend_daily, spend_by_team …')
    .allowUnknownOption() // SQL may begin with a comment
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .addOption(format('table', 'json', 'csv'))
    .addHelpText(
      'after',
      '\nExample:\n  inference-ledger query --lake ./lake "select team, sum(cost) as cost from spend_daily group by team order by cost desc"',
    )
    .action(query);
  cli
    .command('explain')
    .description('meters × rates × sources that made one cost')
    .argument('<record_id>', 'record_id of table usage (a unique beginning is enough)')
    .requiredOption('--lake <dir>', 'folder of the ledger')
    .option('--config <file>', 'inference-ledger.config.json')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger explain --lake ./lake 0f3a9c')
    .action(explain);
  cli
    .command('estimate')
    .description(
      'what documents will cost on each model: at once, in a batch, cached, embedded; before a cent is spent',
    )
    .option('--documents <dir>', 'folder with documents')
    .option('--preset <name>', 'or a well-known example: ten-page-document, ten-thousand-documents')
    .option('--models <names>', 'models with a comma between them, such as gpt-4o,azure/gpt-4o')
    .option('--output-tokens <n>', 'tokens of an answer, or low,expected,high')
    .option('--requests-per-document <n>', 'how often each document is sent')
    .option('--shared-prompt-tokens <n>', 'tokens of the beginning that all requests have in common')
    .option('--question-tokens <n>', 'tokens behind the document that differ from request to request')
    .option('--task <name>', 'kind of answer: summarize, extract, classify, question_answering, translate')
    .option('--chunk-tokens <n>', 'tokens of a chunk for embeddings')
    .option('--overlap-tokens <n>', 'tokens that neighboring chunks share')
    .option('--rpm <n>', 'requests a minute that you may send')
    .option('--tpm <n>', 'tokens a minute that you may send')
    .option('--batch-cache-hits <percent>', 'reads of a cache within a batch that find it')
    .option('--skip-duplicates', 'send a text once, however often it lies there')
    .option('--chat-overhead', 'add what a chat format adds to each request')
    .option('--lake <dir>', 'folder of a ledger, whose answers tell how long answers are')
    .option('--prompts <dir>', 'folder with logs, whose prompts measure tokenizers; nothing of them is kept')
    .option('--at <day>', 'prices of this day, default now')
    .option('--config <file>', 'inference-ledger.config.json')
    .addOption(format('table', 'json', 'csv'))
    .addHelpText(
      'after',
      '\nExample:\n  inference-ledger estimate --documents ./contracts --models gpt-4o,claude-sonnet-5-5 --task summarize',
    )
    .action(estimate);
  cli
    .command('simulate')
    .description('what caching, batching, other models would have saved; each call is saved at most once')
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .addOption(
      new Option('--week <week>', 'ISO week such as 2026-W46, kept in table savings').conflicts([
        'month',
        'from',
        'to',
      ]),
    )
    .addOption(new Option('--month <month>', 'month such as 2026-11, kept in table savings').conflicts(['from', 'to']))
    .option('--from <day>', 'first day (UTC), default: the first of the ledger')
    .option('--to <day>', 'last day, default: the last one')
    .option(
      '--prompts <dir>',
      'folder with logs, to measure lossless rewrites on their prompts; nothing of them is kept',
    )
    .option('--config <file>', 'inference-ledger.config.json')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger simulate --lake ./lake --month 2026-10')
    .action(simulate);
  cli
    .command('prices')
    .description('the price book: what a model costs at a day, and where the fact is from')
    .argument('[model]', 'model id as in the logs')
    .option('--at <day>', 'day, default today')
    .option('--provider <name>', 'only this provider')
    .option('--config <file>', 'inference-ledger.config.json')
    .addOption(format('table', 'json', 'csv'))
    .addHelpText('after', '\nExample:\n  inference-ledger prices claude-opus-4-6 --at 2026-11-01')
    .action(prices);
  cli
    .command('claims')
    .description('rules of thumb people quote about LLM cost, recomputed: what holds, what does not, and why')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger claims')
    .action(claims);
  cli
    .command('reprice')
    .description(
      "today's prices and rules for days of closed months too, from what has landed; shows the difference first",
    )
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .requiredOption('--from <day>', 'first day (UTC)')
    .option('--to <day>', 'last day, default: all later ones')
    .option('--config <file>', 'inference-ledger.config.json')
    .option('--now <iso>', 'take this as the current time')
    .option('--yes', 'switch without asking; without a terminal nothing is switched unless this is given')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger reprice --lake ./lake --from 2026-09-01 --to 2026-09-30')
    .action(reprice);
  cli
    .command('retract')
    .description(
      "take one object's rows out of usage; they are kept as excluded, and a new version of the object counts again",
    )
    .argument('<object>', 'object as in table ingested_objects')
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .option('--config <file>', 'inference-ledger.config.json')
    .option('--now <iso>', 'take this as the current time')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger retract --lake ./lake gateway/2026-11-01.jsonl')
    .action(retract);
  cli
    .command('generate')
    .description('synthetic logs in several formats, with the exact truth in truth.json')
    .requiredOption('--calls <n>', 'number of calls')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--seed <n>', 'seed', '1')
    .option('--bad <share>', 'share of broken lines', '0.0005')
    .addHelpText('after', '\nExample:\n  inference-ledger generate --calls 10000 --seed 7 --out ./generated')
    .action(generate);
  cli
    .command('doctor')
    .description('check config, prices and a ledger, and say what to do')
    .option('--lake <dir>', 'folder of the ledger')
    .option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config')
    .option('--config <file>', 'inference-ledger.config.json')
    .option('--now <iso>', 'take this as the current time')
    .addOption(format('table', 'json'))
    .addHelpText('after', '\nExample:\n  inference-ledger doctor --lake ./lake')
    .action(doctor);
  return cli;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what happened and what to do; stacks only for what we did not expect. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof LedgerError) {
    const place = error.place?.object
      ? ` (${error.place.object}${error.place.line ? `:${error.place.line}` : ''})`
      : '';
    process.stderr.write(`error: ${error.message}${place}\n${error.hint ? `  → ${error.hint}\n` : ''}`);
    return error instanceof Misconfigured ? 2 : 1;
  }
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
