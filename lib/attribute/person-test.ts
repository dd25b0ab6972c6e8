/**
 * Which texts name a person. In: a name from a log and the user of the call, if known. Out: yes or no. A mail address does (not that of a
 * service account); so does a text that contains the user's id or the local part of the user's address as a whole word, and a text that the
 * owner declared personal (config `privacy.personal`). First names in key aliases can only be told by such a declaration.
 */
import { matcherOf } from './pattern.ts';

/** True if the text names a person; `user` is the call's user id or null. */
export type PersonTest = (text: string, user: string | null) => boolean;

const MAIL = /[^\s@/:=,;<>"]@[^\s@/:=,;<>"]+\.[a-z]/i;
/** Addresses of machines: service accounts of Google, bots of GitHub. */
const MACHINE_MAIL = /@[\w.-]*(gserviceaccount\.com|users\.noreply\.github\.com)$|\[bot\]@/i;
/** Shorter ids are words that stand in too many names. */
const SHORTEST_ID = 3;

export function createPersonTest(declared: readonly string[]): PersonTest {
  const isDeclared = matcherOf(declared);
  return (text, user) =>
    (MAIL.test(text) && !MACHINE_MAIL.test(text)) || (user !== null && namesUser(text, user)) || isDeclared(text);
}

/** True if the text contains the user's id, or the part of it before `@`, with no letter or digit on either side. */
function namesUser(text: string, user: string): boolean {
  const lower = text.toLowerCase();
  const id = user.toLowerCase();
  return containsWord(lower, id) || (id.includes('@') && containsWord(lower, id.slice(0, id.indexOf('@'))));
}

function containsWord(text: string, word: string): boolean {
  if (word.length < SHORTEST_ID) return text === word && word !== '';
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    if (!isWordAt(text, at - 1) && !isWordAt(text, at + word.length)) return true;
  }
  return false;
}

function isWordAt(text: string, at: number): boolean {
  const letter = text[at];
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
}
