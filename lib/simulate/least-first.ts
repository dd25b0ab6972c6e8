/** A binary heap of numbers with a number attached to each: the least key comes out first, in O(log n). For sweeps over times. */

export interface LeastFirst {
  push(key: number, value: number): void;
  /** the least key, Infinity where there is none */
  leastKey(): number;
  /** the value of the least key; -1 where there is none */
  leastValue(): number;
  /** takes the least key out */
  pop(): void;
  size(): number;
}

/** An empty heap. */
export function createLeastFirst(): LeastFirst {
  const keys: number[] = [];
  const values: number[] = [];

  function put(at: number, key: number, value: number): void {
    keys[at] = key;
    values[at] = value;
  }

  function push(key: number, value: number): void {
    let at = keys.length;
    put(at, key, value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((keys[parent] as number) <= key) break;
      put(at, keys[parent] as number, values[parent] as number);
      at = parent;
    }
    put(at, key, value);
  }

  function pop(): void {
    const key = keys.pop();
    const value = values.pop();
    if (key === undefined || value === undefined || keys.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && (keys[child + 1] as number) < (keys[child] as number)) child++;
      if ((keys[child] as number) >= key) break;
      put(at, keys[child] as number, values[child] as number);
      at = child;
    }
    put(at, key, value);
  }

  return {
    push,
    pop,
    leastKey: () => keys[0] ?? Infinity,
    leastValue: () => values[0] ?? -1,
    size: () => keys.length,
  };
}
