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

/** Counts the characters of a text that comes in pieces. */
export interface ScriptCounter {
  begin(): {
    add(text: string): void;
    /** Ends the text and gives its units by class; classes that do not occur are left out. */
    end(): Partial<Record<ScriptClass, number>>;
  };
}

/** A counter for one thread. */
export function createScriptCounter(): ScriptCounter {
  const classes = (known ??= new Uint8Array(0x110000).fill(UNKNOWN));
  const classOf = (point: number): number => {
    let kind = classes[point] as number;
    if (kind === UNKNOWN) classes[point] = kind = SCRIPT_CLASSES.indexOf(scriptClass(point));
    return kind;
  };
  return {
    begin() {
      const counts = new Float64Array(SCRIPT_CLASSES.length);
      const put = (point: number, units: number): void => {
        const kind = classOf(point);
        counts[kind] = (counts[kind] as number) + units;
      };
      /** first half of a pair whose second half is still to come; 0 for none */
      let half = 0;
      return {
        add(text) {
          for (let at = 0; at < text.length; at++) {
            const unit = text.charCodeAt(at);
            if (half !== 0) {
              const isPair = (unit & 0xfc00) === 0xdc00;
              if (isPair) put(0x10000 + ((half - 0xd800) << 10) + (unit - 0xdc00), 2);
              else put(half, 1);
              half = 0;
              if (isPair) continue;
            }
            if ((unit & 0xfc00) === 0xd800) half = unit;
            else put(unit, 1);
          }
        },
        end() {
          if (half !== 0) put(half, 1);
          const found: Partial<Record<ScriptClass, number>> = {};
          for (const [i, name] of SCRIPT_CLASSES.entries()) {
            if ((counts[i] as number) > 0) found[name] = counts[i] as number;
          }
          return found;
        },
      };
    },
  };
}

function scriptClass(point: number): ScriptClass {
  const sign = String.fromCodePoint(point);
  return TESTS.find(([, test]) => test.test(sign))?.[0] ?? 'signs';
}
