/**
 * Preloaded into a measured process (`node --import`): at its exit writes what it used into the file named by BENCH_USAGE_FILE. All threads
 * count (SQL engine, gzip), which is why the process is asked and not a timer around it.
 */
import { writeFileSync } from 'node:fs';

const path = process.env['BENCH_USAGE_FILE'];
if (path !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(path, JSON.stringify({ cpuMicros: userCPUTime + systemCPUTime, maxRssKib: maxRSS }));
  });
}
