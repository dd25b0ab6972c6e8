/** How often each thing occurred over many seeds: sums of counts, and in how many seeds. */

export interface Coverage {
  add(counts: Readonly<Record<string, number>>): void;
  /** One line per thing: sum, share of seeds. */
  lines(): string[];
  /** Sums by name, for merging what several processes saw. */
  sums(): Record<string, { sum: number; seeds: number }>;
  merge(other: Readonly<Record<string, { sum: number; seeds: number }>>, seeds: number): void;
}

export function createCoverage(): Coverage {
  const found = new Map<string, { sum: number; seeds: number }>();
  let all = 0;
  const addTo = (name: string, sum: number, seeds: number): void => {
    const own = found.get(name) ?? { sum: 0, seeds: 0 };
    found.set(name, { sum: own.sum + sum, seeds: own.seeds + seeds });
  };
  return {
    add(counts) {
      all++;
      for (const [name, n] of Object.entries(counts)) if (n > 0) addTo(name, n, 1);
    },
    lines: () =>
      [...found]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([name, { sum, seeds }]) =>
            `${name.padEnd(44)}${String(sum).padStart(10)}   in ${((100 * seeds) / Math.max(1, all)).toFixed(0)}% of seeds`,
        ),
    sums: () => Object.fromEntries(found),
    merge(other, seeds) {
      all += seeds;
      for (const [name, { sum, seeds: own }] of Object.entries(other)) addTo(name, sum, own);
    },
  };
}
