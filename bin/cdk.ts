/**
 * The CDK app: config file -> three stacks. `npx cdk synth` and `npx cdk deploy --all` run it (cdk.json). The config is the one of the
 * command line: named by LEDGER_CONFIG, else the one in the current folder, else the defaults.
 */
import { createLedgerApp } from '../lib/infra/ledger-app.ts';
import { ledgerSettings } from './ledger-settings.ts';

createLedgerApp(await ledgerSettings(process.env['LEDGER_CONFIG'])).synth();
