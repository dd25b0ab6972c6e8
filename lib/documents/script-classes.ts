/** Characters of a text by script class, in UTF-16 units, so that they add up to its characters. Source: Unicode properties of the runtime. */
import { SCRIPT_CLASSES } from './document.ts';
import type { ScriptClass } from './document.ts';

const TESTS: readonly (readonly [ScriptClass, RegExp])[] = [
  ['space', /\s/u],
  ['digits', /\p{Nd}/u],
  ['latin', /\p{Script=Latin}/u],
  ['cyrillic_greek', /[\p{Script=Cyrillic}\p{Script=Greek}]/u],
  ['cjk', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u30fc]/u],
  // digits and signs of ASCII and Latin-1 have the property, too, but are no pictures
  ['emoji', /(?![\0-\u00ff])[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\ufe0f]/u],
  ['other_letters', /[\p{L}\p{M}]/u],
];
const UNKNOWN = 255;

/** Class of each code point that was met so far. */
let known: Uint8Array | null = null;

export interface ScriptTally {
  /** Adds text that does not end within a pair. */
  add(text: string): void;
  /** Units by class; classes that do not occur are left out. */
  counts(): Partial<Record<ScriptClass, number>>;
}

export function createScriptTally(): ScriptTally {
  const classes = (known ??= new Uint8Array(0x110000).fill(UNKNOWN));
  const counts = new Float64Array(SCRIPT_CLASSES.length);
  return {
    add(text) {
      for (let i = 0; i < text.length; i++) {
        let point = text.charCodeAt(i);
        let units = 1;
        if ((point & 0xfc00) === 0xd800) {
          point = text.codePointAt(i) as number;
          if (point > 0xffff) {
            i += 1;
            units = 2;
          }
        }
        let kind = classes[point] as number;
        if (kind === UNKNOWN) classes[point] = kind = SCRIPT_CLASSES.indexOf(scriptClass(point));
        counts[kind] = (counts[kind] as number) + units;
      }
    },
    counts() {
      const found: Partial<Record<ScriptClass, number>> = {};
      for (const [i, name] of SCRIPT_CLASSES.entries())
        if ((counts[i] as number) > 0) found[name] = counts[i] as number;
      return found;
    },
  };
}

function scriptClass(point: number): ScriptClass {
  const sign = String.fromCodePoint(point);
  return TESTS.find(([, test]) => test.test(sign))?.[0] ?? 'signs';
}
