/**
 * Texts of many rows as numbers: each distinct text once, rows hold its code. Code 0 is null. Texts in, codes out; `texts[code]` gives
 * the text back. Invariant: codes are dense and never change until `clear`.
 */
export interface TextTable {
  readonly texts: readonly string[];
  codeOf(text: string | null): number;
  clear(): void;
}

/** Places for texts met lately, by length and last signs: comparing one text costs less than looking it up. */
const RECENT = 512;

export function createTextTable(): TextTable {
  const texts: string[] = [''];
  const codes = new Map<string, number>();
  const recent = new Uint32Array(RECENT);
  return {
    texts,
    codeOf(text) {
      if (text === null) return 0;
      const place = placeOf(text);
      const lately = recent[place] as number;
      if (lately !== 0 && texts[lately] === text) return lately;
      let code = codes.get(text);
      if (code === undefined) {
        code = texts.length;
        texts.push(text);
        codes.set(text, code);
      }
      recent[place] = code;
      return code;
    },
    clear() {
      codes.clear();
      recent.fill(0);
      texts.length = 1;
    },
  };
}

function placeOf(text: string): number {
  const n = text.length;
  if (n < 2) return n;
  return (n * 31 + text.charCodeAt(n - 1) * 37 + text.charCodeAt(n - 2) * 101 + text.charCodeAt(n >> 1) * 7) % RECENT;
}

/**
 * Renumbers codes of some rows densely, in the order of their first appearance: what one file needs of a table that many files share.
 * Linear in the rows given, whatever the size of the table.
 */
export interface Renumbering {
  /** Rewrites `codes` in place; returns the old code of each new one. */
  apply(codes: Uint32Array): Uint32Array;
}

/** `size` is the number of codes in the shared table. */
export function createRenumbering(size: number): Renumbering {
  const newCode = new Int32Array(size).fill(-1);
  return {
    apply(codes) {
      const old: number[] = [];
      for (let i = 0; i < codes.length; i++) {
        const code = codes[i] as number;
        let own = newCode[code] as number;
        if (own < 0) {
          own = old.length;
          old.push(code);
          newCode[code] = own;
        }
        codes[i] = own;
      }
      for (const code of old) newCode[code] = -1;
      return Uint32Array.from(old);
    },
  };
}
