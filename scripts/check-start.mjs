// Runs `npm start` as a newcomer would and checks what it promises: the table, the lake, three SQL lines that work, the report.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'ledger-start-'));
const out = execFileSync('npm', ['start', '--silent', '--', '--out', folder], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
console.log(out);
const fail = (message) => {
  console.error(`npm start: ${message}`);
  process.exit(1);
};
if (!/spend by team/i.test(out)) fail('no spend table');
const report = /(\S+report\.html)/.exec(out)?.[1];
if (!report || !existsSync(report)) fail('no report.html');
const commands = [...out.matchAll(/^\s*(npx inference-ledger query .+)$/gm)].map((m) => m[1]);
if (commands.length < 3) fail(`only ${commands.length} SQL lines to try`);
for (const command of commands) {
  const answer = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
  if (answer.trim().split('\n').length < 2) fail(`no rows from: ${command}`);
}
console.log(`npm start: report and ${commands.length} SQL lines work`);
