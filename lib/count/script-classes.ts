/**
 * Characters of a text by script class, for estimates of tokenizers that are not public. In: text in any pieces. Out: UTF-16 units by class. One look
 * into a table for each character. Invariants: how a text is cut changes nothing; the classes add up to the length of the text.
 *
 * Numbers, white space and what is no letter are told by the kind of the character in any script; letters and marks by their script. Halves of
 * pairs that stand alone are signs.
 */
import { SCRIPT_CLASSES } from '../script-class.ts';
import type { ScriptClass, ScriptMix } from '../script-class.ts';
import { CASELESS, characterKinds, DIGIT, LINE_END, LOWER, MARK, SPACE, UPPER } from './character-kinds.ts';
import { SCRIPT_RUNS } from './script-runs-data.ts';

export interface ScriptCounter {
  /** Begins a text that comes in pieces. */
  begin(): RunningScripts;
}

export interface RunningScripts {
  /** Adds what follows. */
  add(text: string): void;
  /** Ends the text and gives its units by class. */
  end(): ScriptMix;
}

const LETTER = UPPER | LOWER | CASELESS | MARK;
const SIGNS = SCRIPT_CLASSES.indexOf('signs');
/** Classes by the letter that stands for them in the data; `O`: the kind of the character decides. */
const CLASSES: Readonly<Record<string, ScriptClass>> = { L: 'latin', G: 'cyrillic_greek', C: 'cjk', E: 'emoji' };

/** A counter; its table of one byte for each character of Unicode is made here, so make one a thread. */
export function createScriptCounter(): ScriptCounter {
  const classOf = classTable();
  return {
    begin() {
      const units = new Float64Array(SCRIPT_CLASSES.length);
      /** first half of a pair whose second half is still to come; 0 for none */
      let half = 0;
      const put = (index: number, by: number): void => {
        units[index] = (units[index] as number) + by;
      };
      return {
        add(text) {
          for (let at = 0; at < text.length; at++) {
            const unit = text.charCodeAt(at);
            if (half !== 0) {
              const isPair = (unit & 0xfc00) === 0xdc00;
              put(isPair ? (classOf[(half - 0xd7f7) * 0x400 + unit] as number) : SIGNS, isPair ? 2 : 1);
              half = 0;
              if (isPair) continue;
            }
            if ((unit & 0xfc00) === 0xd800) half = unit;
            else put(classOf[unit] as number, 1);
          }
        },
        end() {
          if (half !== 0) put(SIGNS, 1);
          half = 0;
          return Object.fromEntries(
            SCRIPT_CLASSES.map((name, index) => [name, units[index] as number] as const).filter(([, sum]) => sum > 0),
          );
        },
      };
    },
  };
}

/** The class of every code point. */
function classTable(): Uint8Array {
  const table = characterKinds();
  let at = 0;
  for (const [, letter = '', length = ''] of SCRIPT_RUNS.matchAll(/([A-Z])([0-9a-z]*)/g)) {
    const end = at + (length === '' ? 1 : Number.parseInt(length, 36));
    const name = CLASSES[letter];
    for (; at < end; at++) table[at] = SCRIPT_CLASSES.indexOf(classOfKind(table[at] as number, name));
  }
  return table;
}

function classOfKind(kind: number, script: ScriptClass | undefined): ScriptClass {
  if (script === 'emoji') return script;
  if (kind === DIGIT) return 'digits';
  if (kind === SPACE || kind === LINE_END) return 'space';
  if ((kind & LETTER) === 0) return 'signs';
  return script ?? 'other_letters';
}
