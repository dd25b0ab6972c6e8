/**
 * A fleet under the log's own arrivals: first come first served, one request per server. In: arrivals and service times in seconds, in order
 * of arrival. Out: mean and 95th-percentile wait. Real arrivals come in bursts, where formulas for random ones are wrong by two orders of
 * magnitude (docs/simulation.md, "Self-hosting"), so this is what decides; `erlang.ts` is shown beside it.
 */

export interface QueueWaits {
  readonly meanWaitS: number;
  /** the smallest wait that at least 95 % of the requests do not exceed */
  readonly p95WaitS: number;
}

/** Waits of all requests on `servers` servers (at least 1). `arrivalS` ascends; arrays are of one length. */
export function replayQueue(arrivalS: Float64Array, serviceS: Float64Array, servers: number): QueueWaits {
  const waits = queueWaits(arrivalS, serviceS, servers);
  if (waits.length === 0) return { meanWaitS: 0, p95WaitS: 0 };
  const sum = waits.reduce((total, wait) => total + wait, 0);
  waits.sort();
  return { meanWaitS: sum / waits.length, p95WaitS: waits[Math.ceil(waits.length * 0.95) - 1] as number };
}

/** The wait of each request in seconds, in order of arrival. */
export function queueWaits(arrivalS: Float64Array, serviceS: Float64Array, servers: number): Float64Array {
  const freeAtS = new Float64Array(servers);
  const waits = new Float64Array(arrivalS.length);
  for (let i = 0; i < arrivalS.length; i++) {
    const arrival = arrivalS[i] as number;
    const start = Math.max(arrival, freeAtS[0] as number);
    waits[i] = start - arrival;
    replaceLeast(freeAtS, start + (serviceS[i] as number));
  }
  return waits;
}

/** Puts `value` in the place of the least of a binary heap. */
function replaceLeast(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= value) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = value;
}
