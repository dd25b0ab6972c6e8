/**
 * `check`: what crossed a line since the last report: budgets, projections, anomalies, silent sources. In: options, what finds alerts. Out: a line each. Exit
 * code 3 if there are any. `--remember` notes that they were told, so that neither the next check nor the daily mail tells them again.
 */
import { paint } from '../colors.ts';
import type { HomeOptions } from '../options.ts';
import { formatRows } from '../rows-text.ts';
import { printable, terminalWidth } from '../terminal.ts';
import { brokenToWidth } from '../text-width.ts';
import type { AlertItem } from '../../lib/checking.ts';

export interface CheckOptions extends HomeOptions {
  readonly config?: string;
  readonly now?: string;
  readonly remember?: boolean;
  readonly format: string;
}

export type FindAlerts = (options: Omit<CheckOptions, 'format'>) => Promise<readonly AlertItem[]>;

export async function check(options: CheckOptions, find: FindAlerts): Promise<void> {
  const alerts = await find(options);
  const rows = alerts.map(({ kind, team, owner, text, key }) => ({ kind, team, owner, text, key }));
  process.stdout.write(options.format === 'table' ? alertsText(alerts) : formatRows(rows, options.format));
  process.exitCode = alerts.length > 0 ? 3 : 0;
}

const LABEL = 20;

function alertsText(alerts: readonly AlertItem[]): string {
  if (alerts.length === 0) return 'nothing crossed a line that was not told before\n';
  const { yellow } = paint();
  const width = Math.max(20, terminalWidth() - LABEL);
  return alerts
    .map(({ kind, owner, text }) => {
      const whole = `${printable(text, 600)}${owner === null ? '' : ` Owner: ${printable(owner, 80)}.`}`;
      const [first = '', ...more] = brokenToWidth(whole, width);
      const lines = [`${yellow(kind.replaceAll('_', ' ').padEnd(LABEL))}${first}`];
      return [...lines, ...more.map((line) => ' '.repeat(LABEL) + line)].map((line) => `${line}\n`).join('');
    })
    .join('');
}
