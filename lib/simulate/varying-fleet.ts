/**
 * The replay of a log on a fleet whose size changes, first come first served over slots as in `fleet.ts`. In: a demand and a capacity that is
 * asked at every event. Out: each request's wait. A replica that is taken away finishes what it runs. Invariant: with a capacity that never
 * changes the waits are those of `queue-replay.ts`, to the last bit.
 */
import { slotService } from './fleet.ts';
import type { FleetDemand } from './fleet.ts';
import { createLeastFirst } from './least-first.ts';

export interface VaryingCapacity {
  /** when the capacity will change next if nothing else happens; Infinity if it will not */
  nextChangeS(): number;
  /** replicas ready now; called with ascending times, after arrivals and completions of `nowS` are counted in */
  readyReplicas(nowS: number, requestsInSystem: number): number;
}

/** Waits in order of arrival. Events after the end of the log go on until every request has begun. */
export function replayVaryingFleet(
  demand: FleetDemand,
  slotsPerReplica: number,
  capacity: VaryingCapacity,
): Float64Array {
  const { arrivalS, toS } = demand;
  const serviceS = slotService(demand.workS, slotsPerReplica);
  const waitS = new Float64Array(arrivalS.length);
  const running = createLeastFirst();
  let arrived = 0;
  let begun = 0;
  for (;;) {
    const nowS = Math.min(arrivalS[arrived] ?? Infinity, running.leastKey(), capacity.nextChangeS());
    if (begun === arrivalS.length && !(nowS <= toS)) return waitS;
    if (nowS === Infinity) throw new RangeError('requests wait for replicas that will never be ready');
    while (running.leastKey() <= nowS) running.pop();
    while (arrived < arrivalS.length && (arrivalS[arrived] as number) <= nowS) arrived++;
    const slots = capacity.readyReplicas(nowS, running.size() + arrived - begun) * slotsPerReplica;
    for (; begun < arrived && running.size() < slots; begun++) {
      waitS[begun] = nowS - (arrivalS[begun] as number);
      running.push(nowS + (serviceS[begun] as number), begun);
    }
  }
}
