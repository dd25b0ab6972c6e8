/**
 * What the CDK app is made from: the config file with its price overlays, and the SQL and tables of the product. In: path of a config file.
 * Out: settings for lib/infra. The same file serves the command line, so that a ledger on a laptop and one in AWS cannot differ by accident.
 */
import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { CONFIG_NAME } from '../lib/config.ts';
import type { Config } from '../lib/config.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { LedgerSettings, ReportSettings } from '../lib/infra/settings.ts';
import { sendSlot } from '../lib/report-time.ts';
import { VIEWS } from '../lib/report/views.ts';
import { PUBLIC_TABLES } from '../lib/schema.ts';
import { loadConfig, loadPrices } from './config-files.ts';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Reads the config (or takes the defaults) and everything else that the templates are made from. */
export async function ledgerSettings(path: string | undefined): Promise<LedgerSettings> {
  const { config, folder, path: file } = await loadConfig(path);
  // a mistake in an overlay must stop the deployment, not the function
  await loadPrices(config, folder);
  const views = await loadSqlFolder('report/views');
  const queries = await loadSqlFolder('report/queries');
  const samples = await loadSqlFolder('docs/queries', pathToFileURL(`${PROJECT}/`));
  return {
    aws: config.aws,
    landingDays: config.keep.landing_days,
    tables: PUBLIC_TABLES,
    views: VIEWS.map((view) => ({ ...view, sql: views[view.name] ?? '' })),
    // both kinds lie side by side in Athena's console
    queries: [
      ...Object.entries(queries).map(([name, sql]) => ({ name, sql })),
      ...Object.entries(samples).map(([name, sql]) => ({ name: `sample-${name}`, sql })),
    ],
    report: reportSettings(config),
    projectRoot: PROJECT,
    configFiles: file === null ? {} : configFiles(config, folder, file),
  };
}

/** When and through what reports go out. */
export function reportSettings(config: Config): ReportSettings {
  const { mail, webhooks, timezone } = config.report;
  const secrets = [mail?.smtp?.password_secret_arn, ...webhooks.map((hook) => hook.secret_arn)];
  return {
    timezone,
    ...sendSlot(config),
    from: mail?.from ?? null,
    usesSes: mail !== undefined && mail.smtp === undefined,
    secretArns: [...new Set(secrets.filter((arn) => arn !== undefined))].toSorted(),
  };
}

/** The config and its overlays, by the path under which the functions look for them. */
function configFiles(config: Config, folder: string, file: string): Record<string, string> {
  const overlays = config.prices.overlays.map((overlay) => {
    const path = normalize(overlay);
    if (isAbsolute(path) || path.startsWith('..'))
      throw new Misconfigured(`prices.overlays: ${overlay} lies outside the folder of the config`, {
        hint: 'to be deployed, overlays must lie beside the config file or below it',
      });
    return [path, resolve(folder, overlay)] as const;
  });
  return { [CONFIG_NAME]: resolve(file), ...Object.fromEntries(overlays) };
}
