/**
 * How many tokens byte-pair encoding makes of a part of text, without merging pairs: tokens are taken from the left, the longest first, and taken
 * back where encoding would not have left two of them side by side. Each place is given up at most once, so that time is linear in the bytes,
 * whatever they are; merging pairs is not. In: a vocabulary, bytes. Out: the number. Invariant: the same number as merging the pair of lowest
 * rank again and again.
 *
 * That two tokens may stand side by side depends on them alone: their last merges are undone in turn, later ones first, and no pair that then
 * meets may be a token that would have been made earlier. Idea: van Antwerpen and Neubeck, "So many tokens, so little time", GitHub (2024).
 */
import type { ByteText, Vocabulary } from './vocabulary.ts';

/** Counts the tokens of a part of text between two places; never with anything of what stands beside it. */
export type CountPart = (text: ByteText, from: number, to: number) => number;

const UNKNOWN = -1;
/** Pairs of tokens that are remembered, a power of two. */
const PAIR_BITS = 15;

/** A counter with its own memory of merges and pairs. */
export function createPartCounter(vocabulary: Vocabulary): CountPart {
  const { tokens, starts, size, find, longest, shorter } = vocabulary;
  /** the two tokens that the last merge of a token joined; the token itself where it is a single byte */
  const leftOf = new Int32Array(size).fill(UNKNOWN);
  const rightOf = new Int32Array(size).fill(UNKNOWN);
  /** left and right token, and whether they may stand side by side, three numbers in one place */
  const pairs = new Int32Array(3 << PAIR_BITS).fill(UNKNOWN);
  let taken = new Int32Array(1024);
  let isGivenUp = new Uint8Array(1024);

  const lengthOf = (token: number): number => (starts[token + 1] as number) - (starts[token] as number);

  function learnMerge(token: number): void {
    const from = starts[token] as number;
    const to = starts[token + 1] as number;
    leftOf[token] = token;
    rightOf[token] = token;
    for (let left = shorter(token); left >= 0; left = shorter(left)) {
      const middle = from + lengthOf(left);
      const right = find(tokens, middle, to);
      if (left >= token || right < 0 || right >= token || !staysApart(tokens, middle, left, right, token)) continue;
      leftOf[token] = left;
      rightOf[token] = right;
      return;
    }
  }

  function lastLeft(token: number): number {
    if (leftOf[token] === UNKNOWN) learnMerge(token);
    return leftOf[token] as number;
  }

  function lastRight(token: number): number {
    if (rightOf[token] === UNKNOWN) learnMerge(token);
    return rightOf[token] as number;
  }

  /** Whether no merge of a rank below `limit` crosses `middle`, where `left` ends and `right` begins. */
  function staysApart(text: ByteText, middle: number, left: number, right: number, limit: number): boolean {
    let before = left;
    let after = right;
    let below = limit;
    for (;;) {
      const joined = find(text, middle - lengthOf(before), middle + lengthOf(after));
      if (joined >= 0 && joined < below && lastLeft(joined) === before) return false;
      // what was merged last is undone first: of equals the right one, whose merge waits for the left one's place
      const undoesLeft = before > after;
      const first = undoesLeft ? lastRight(before) : lastLeft(after);
      if (first !== (undoesLeft ? before : after)) {
        below = undoesLeft ? before : after + 1;
        if (undoesLeft) before = first;
        else after = first;
        continue;
      }
      const second = undoesLeft ? lastLeft(after) : lastRight(before);
      if (second === (undoesLeft ? after : before)) return true;
      below = undoesLeft ? after + 1 : before;
      if (undoesLeft) after = second;
      else before = second;
    }
  }

  function mayFollow(text: ByteText, middle: number, left: number, right: number): boolean {
    const place = 3 * ((Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77)) >>> (32 - PAIR_BITS));
    if (pairs[place] === left && pairs[place + 1] === right) return pairs[place + 2] === 1;
    const answer = staysApart(text, middle, left, right, size);
    pairs[place] = left;
    pairs[place + 1] = right;
    pairs[place + 2] = Number(answer);
    return answer;
  }

  return (text, from, to) => {
    const length = to - from;
    if (length >= isGivenUp.length) {
      isGivenUp = new Uint8Array(2 * length);
      taken = new Int32Array(2 * length);
    }
    isGivenUp.fill(0, 0, length + 1);
    let count = 0;
    let at = from;
    let token = longest(text.bytes, from, to);
    while (at < to) {
      const end = at + lengthOf(token);
      if (isGivenUp[end - from] === 0 && (count === 0 || mayFollow(text, at, taken[count - 1] as number, token))) {
        taken[count++] = token;
        at = end;
        if (at < to) token = longest(text.bytes, at, to);
        continue;
      }
      const less = shorter(token);
      if (less >= 0) token = less;
      else {
        isGivenUp[at - from] = 1;
        token = taken[--count] as number;
        at -= lengthOf(token);
      }
    }
    return count;
  };
}
