/** A column of names that repeat: each is kept once, calls hold its number. In: names or null. Out: numbers, -1 for null, and the names. */
import { longerInts } from './longer-array.ts';

export interface NameColumn {
  /** number of a name, new or known */
  push(name: string | null): void;
  finish(): Names;
}

export interface Names {
  /** by call: position in `names`, -1 where there is none */
  readonly codes: Int32Array;
  readonly names: readonly string[];
}

/** An empty column. */
export function createNameColumn(): NameColumn {
  const known = new Map<string, number>();
  const names: string[] = [];
  let codes = new Int32Array(1024);
  let length = 0;
  return {
    push(name) {
      if (length === codes.length) codes = longerInts(codes, length + 1);
      if (name === null) {
        codes[length++] = -1;
        return;
      }
      let code = known.get(name);
      if (code === undefined) {
        code = names.length;
        known.set(name, code);
        names.push(name);
      }
      codes[length++] = code;
    },
    finish: () => ({ codes: codes.slice(0, length), names }),
  };
}
