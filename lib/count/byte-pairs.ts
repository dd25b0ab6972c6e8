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

const NONE = -1;
/** Answers that are remembered, as a power of two: few enough for the processor's cache. */
const ANSWER_BITS = 12;

/** A counter with its own table of merges. */
export function createPartCounter(vocabulary: Vocabulary): CountPart {
  const { starts, longest, shorter } = vocabulary;
  const mayFollow = createNeighbors(vocabulary);
  let taken = new Int32Array(1024);
  let isGivenUp = new Uint8Array(1024);

  return ({ bytes }, from, to) => {
    const length = to - from;
    if (length >= isGivenUp.length) {
      isGivenUp = new Uint8Array(2 * length);
      taken = new Int32Array(2 * length);
    }
    isGivenUp.fill(0, 0, length + 1);
    let count = 0;
    let at = from;
    let token = longest(bytes, from, to);
    while (at < to) {
      const end = at + (starts[token + 1] as number) - (starts[token] as number);
      if (isGivenUp[end - from] === 0 && (count === 0 || mayFollow(taken[count - 1] as number, token))) {
        taken[count++] = token;
        at = end;
        if (at < to) token = longest(bytes, at, to);
        continue;
      }
      const less = shorter(token);
      if (less >= 0) token = less;
      else {
        isGivenUp[at - from] = 1;
        token = taken[--count] as number;
        at -= (starts[token + 1] as number) - (starts[token] as number);
      }
    }
    return count;
  };
}

/**
 * Whether encoding leaves two tokens side by side. The merge that makes each token is worked out from those of lower rank, so that they are all known,
 * by the two tokens that they join, before any text is looked at.
 */
function createNeighbors({
  tokens,
  starts,
  size,
  find,
  shorter,
}: Vocabulary): (left: number, right: number) => boolean {
  /** the two tokens that the last merge of a token joined; the token itself where it is a single byte */
  const leftOf = new Int32Array(size);
  const rightOf = new Int32Array(size);
  const bits = Math.ceil(Math.log2(2 * size));
  const mask = (1 << bits) - 1;
  /** left, right and the token they become, three numbers in one place, by hash of the first two */
  const merges = new Int32Array(3 << bits).fill(NONE);
  /** the last answers: left, right, and whether they may stand side by side. A run of one sign asks for few pairs, again and again */
  const answers = new Int32Array(3 << ANSWER_BITS).fill(NONE);
  const placeOf = (left: number, right: number): number =>
    (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77)) >>> (32 - bits);

  /** The token that two become; NONE where they stay two. */
  function joined(left: number, right: number): number {
    for (let place = placeOf(left, right); ; place = (place + 1) & mask) {
      const found = merges[3 * place] as number;
      if (found === NONE) return NONE;
      if (found === left && merges[3 * place + 1] === right) return merges[3 * place + 2] as number;
    }
  }

  /** Whether no merge crosses the place where `left` ends and `right` begins. */
  function mayFollow(left: number, right: number): boolean {
    let before = left;
    let after = right;
    let below = size;
    for (;;) {
      const made = joined(before, after);
      if (made !== NONE && made < below) return false;
      // what was merged last is undone first: of equals the right one, whose merge waits for the left one's place
      const undoesLeft = before > after;
      const first = (undoesLeft ? rightOf[before] : leftOf[after]) as number;
      if (first !== (undoesLeft ? before : after)) {
        below = undoesLeft ? before : after + 1;
        if (undoesLeft) before = first;
        else after = first;
        continue;
      }
      const second = (undoesLeft ? leftOf[after] : rightOf[before]) as number;
      if (second === (undoesLeft ? after : before)) return true;
      below = undoesLeft ? after + 1 : before;
      if (undoesLeft) after = second;
      else before = second;
    }
  }

  for (let token = 0; token < size; token++) {
    leftOf[token] = token;
    rightOf[token] = token;
    for (let left = shorter(token); left >= 0; left = shorter(left)) {
      if (left >= token) continue;
      const middle = (starts[token] as number) + (starts[left + 1] as number) - (starts[left] as number);
      const right = find(tokens, middle, starts[token + 1] as number);
      if (right < 0 || right >= token || !mayFollow(left, right)) continue;
      leftOf[token] = left;
      rightOf[token] = right;
      let place = placeOf(left, right);
      while (merges[3 * place] !== NONE) place = (place + 1) & mask;
      merges[3 * place] = left;
      merges[3 * place + 1] = right;
      merges[3 * place + 2] = token;
      break;
    }
  }
  return (left, right) => {
    const place = 3 * ((Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77)) >>> (32 - ANSWER_BITS));
    if (answers[place] !== left || answers[place + 1] !== right) {
      answers[place] = left;
      answers[place + 1] = right;
      answers[place + 2] = Number(mayFollow(left, right));
    }
    return answers[place + 2] === 1;
  };
}
