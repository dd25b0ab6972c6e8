/** The three stacks as one app. In: settings. Out: an app to synthesize, checked by cdk-nag while it is. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { createDataStack } from './data-stack.ts';
import { createPipelineStack } from './pipeline-stack.ts';
import { createReportStack } from './report-stack.ts';
import type { LedgerSettings } from './settings.ts';

/** Makes the app. `context` and `outdir` are CDK's own; its command line gives both by itself. */
export function createLedgerApp(
  settings: LedgerSettings,
  context: Readonly<Record<string, unknown>> = {},
  outdir?: string,
): App {
  const app = new App({ context, ...(outdir === undefined ? {} : { outdir }) });
  const { stack: dataStack, places } = createDataStack(app, settings);
  const pipeline = createPipelineStack(app, settings, places);
  const report = createReportStack(app, settings, places, pipeline);
  pipeline.stack.addStackDependency(dataStack);
  report.addStackDependency(dataStack);
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
  return app;
}
