/**
 * Queues with random arrivals in closed form (Erlang 1917): what a fleet would need if calls came independently of each other. They do not;
 * shown beside the replay of the log as a warning, and used alone only where there is no log. Loads are in erlangs (arrivals per second ×
 * mean service time in seconds).
 */

/** Probability that an arrival finds all `servers` busy and waits; 1 where the load is not below the number of servers. */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1;
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (load * blocked) / (k + load * blocked);
  const utilization = load / servers;
  return blocked / (1 - utilization * (1 - blocked));
}

/** Mean wait in seconds; infinite where the load is not below the number of servers. */
export function erlangMeanWaitS(servers: number, load: number, meanServiceS: number): number {
  return load >= servers ? Infinity : (erlangC(servers, load) * meanServiceS) / (servers - load);
}

/** Wait in seconds that a share `quantile` of arrivals does not exceed. */
export function erlangWaitQuantileS(servers: number, load: number, meanServiceS: number, quantile: number): number {
  if (load >= servers) return Infinity;
  const waiting = erlangC(servers, load);
  if (waiting <= 1 - quantile) return 0;
  return (Math.log(waiting / (1 - quantile)) * meanServiceS) / (servers - load);
}
