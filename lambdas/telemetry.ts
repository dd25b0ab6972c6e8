/**
 * What a function tells about itself: log lines and metrics, both as JSON on stdout. In: outcomes. Out: nothing. Invariant: metrics have one
 * dimension, the deployment; texts carry names of objects and keys, never values of a log.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS } from '../lib/metrics.ts';
import type { MetricKey } from '../lib/metrics.ts';
import type { Log } from '../lib/ports.ts';

export interface Telemetry extends Log {
  count(key: MetricKey, value: number): void;
  /** Writes what was counted. To be called at the end of each call, also of one that failed. */
  flush(): void;
}

/** Telemetry of Powertools; service and namespace come from its own environment variables. */
export function createTelemetry(): Telemetry {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    count(key, value) {
      const { name, unit } = METRICS[key];
      metrics.addMetric(name, MetricUnit[unit], value);
    },
    flush() {
      // a call that failed early has nothing to publish
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
