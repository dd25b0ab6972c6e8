/** Words of the commands that need no ledger: to begin, to look up, to try out. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { configOption, format, withExamples } from './command-options.ts';
import { SHELLS } from './completion.ts';
import type { Shell } from './completion.ts';

/** Adds them to the program. */
export function addToolCommands(cli: Command): void {
  withExamples(
    cli
      .command('demo')
      .description('sample inbox -> ledger -> report')
      .option('--out <dir>', 'folder to write to', 'ledger-demo')
      .option('--seed <n>', 'seed of the sample', '1')
      .option('--no-report', 'without the report of its last week, which takes as long again')
      .action(async (options) => await (await import('./commands/demo.ts')).demo(options)),
    'demo',
  );
  withExamples(
    cli
      .command('init')
      .description('ask a few questions, write a commented config')
      .option('--config <file>', 'file to write', 'inference-ledger.config.json')
      .option('--yes', 'take the defaults without asking')
      .action(async (options) => await (await import('./commands/init.ts')).init(options)),
    'init',
  );
  addEstimate(cli);
  withExamples(
    cli
      .command('prices')
      .description('the price book: what a model costs at a day, and where the fact is from')
      .argument('[model]', 'model id as in the logs')
      .option('--at <day>', 'day, default today')
      .option('--provider <name>', 'only this provider')
      .addOption(configOption())
      .addOption(format('table', 'json', 'csv'))
      .action(
        async (model: string | undefined, options) =>
          await (await import('./commands/prices.ts')).prices(model, options),
      ),
    'prices claude-opus-4-6 --at 2026-11-01',
  );
  withExamples(
    cli
      .command('claims')
      .description('rules of thumb people quote about LLM cost, recomputed: what holds, what does not, and why')
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/claims.ts')).claims(options)),
    'claims',
  );
  withExamples(
    cli
      .command('generate')
      .description('synthetic logs in several formats, with the exact truth in truth.json')
      .requiredOption('--calls <n>', 'number of calls')
      .requiredOption('--out <dir>', 'folder to write to')
      .option('--seed <n>', 'seed', '1')
      .option('--bad <share>', 'share of broken lines', '0.0005')
      .action(async (options) => await (await import('./commands/generate.ts')).generate(options)),
    'generate --calls 10000 --seed 7 --out ./generated',
  );
  withExamples(
    cli
      .command('completion')
      .description('a script by which a shell completes commands, options and their values')
      .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
      .action(async (shell: Shell) => (await import('./commands/completion.ts')).completion(shell, cli)),
    'completion bash > ~/.local/share/bash-completion/completions/inference-ledger',
    'completion zsh > ~/.zfunc/_inference-ledger',
    'completion fish > ~/.config/fish/completions/inference-ledger.fish',
  );
}

function addEstimate(cli: Command): void {
  withExamples(
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
      .addOption(configOption())
      .addOption(format('table', 'json', 'csv'))
      .action(async (options) => await (await import('./commands/estimate.ts')).estimate(options)),
    'estimate --documents ./contracts --models gpt-4o,claude-sonnet-5-5 --task summarize',
  );
}
