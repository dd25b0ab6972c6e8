/** Lambda function `seal`: on a schedule, landing → the tables that people query. */
import { deployedFiles } from './deployed-files.ts';
import { readEnvironment } from './environment.ts';
import { sealRound } from './seal-round.ts';
import type { SealRoundResult } from './seal-round.ts';
import { createTelemetry } from './telemetry.ts';
import { wireSeal } from './seal-wiring.ts';

const telemetry = createTelemetry();
const worldNow = wireSeal(readEnvironment(process.env), deployedFiles(new URL('./data/', import.meta.url)), telemetry);

/** Runs one round and says what it did. */
export async function handler(): Promise<SealRoundResult> {
  try {
    const { rules, carry, engine, seal, corpora, queries, lake } = await worldNow();
    try {
      const closeAfterDays = rules.config.close_after_days;
      const totalsSql = queries['totals'] ?? '';
      const packCommits = (nowMs: number): Promise<unknown> => lake.pack(nowMs);
      return await sealRound({ carry, engine, seal, corpora, closeAfterDays, totalsSql, telemetry, packCommits });
    } finally {
      await engine.close();
    }
  } finally {
    telemetry.flush();
  }
}
