/**
 * How many tokens byte-pair encoding makes of a part of text, without merging pairs: tokens are taken from the left, the longest first, and taken
 * back where encoding would not have left two of them side by side. Each place is given up at most once, so that time is linear in the bytes,
 * whatever they are; merging pairs is not. In: a vocabulary, bytes. Out: the number. Invariant: the same number as merging the pair of lowest
 * rank again and again.
 *
 * That two tokens may stand side by side depends on them alone: their last merges are undone in turn, later ones first, and no pair that then
 * meets may be a token that would have been made earlier. Idea: van Antwerpen and Neubeck, "So many tokens, so little time", GitHub (2024).
 */
import { highBytes, lowBytes } from './vocabulary.ts';
import type { ByteText, Vocabulary } from './vocabulary.ts';

/** Counts the tokens of a part of text between two places; never with anything of what stands beside it. */
export type CountPart = (text: ByteText, from: number, to: number) => number;

const NONE = -1;
/** Sizes as powers of two, small enough for the processor's cache: parts whose counts are remembered, pairs that are, bits of the filter of merges. */
const [PART_BITS, ANSWER_BITS, FILTER_BITS] = [14, 12, 21] as const;
/** Bytes of a part that is remembered, at most: nearly all words. */
const REMEMBERED_BYTES = 16;
/** numbers of a part that is remembered: four of its bytes, its length, its tokens */
const PART_NUMBERS = 6;

/** A counter with its own table of merges. Words that are no token come again and again in most texts: their counts are remembered. */
export function createPartCounter(vocabulary: Vocabulary): CountPart {
  const countTokens = createBacktracker(vocabulary);
  const parts = new Int32Array(PART_NUMBERS << PART_BITS);
  return (text, from, to) => {
    const length = to - from;
    if (length > REMEMBERED_BYTES) return countTokens(text.bytes, from, to);
    const { view } = text;
    const first = lowBytes(view, from, length);
    const second = highBytes(view, from, length);
    const third = length > 8 ? lowBytes(view, from + 8, length - 8) : 0;
    const fourth = length > 8 ? highBytes(view, from + 8, length - 8) : 0;
    const hash =
      Math.imul(first, 0x9e3779b1) ^
      Math.imul(second ^ length, 0x85ebca77) ^
      Math.imul(third, 0xc2b2ae3d) ^
      Math.imul(fourth, 0x27d4eb2f);
    const place = PART_NUMBERS * (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - PART_BITS));
    const isKnown =
      parts[place] === first &&
      parts[place + 1] === second &&
      parts[place + 2] === third &&
      parts[place + 3] === fourth &&
      parts[place + 4] === length;
    if (isKnown) return parts[place + 5] as number;
    parts[place] = first;
    parts[place + 1] = second;
    parts[place + 2] = third;
    parts[place + 3] = fourth;
    parts[place + 4] = length;
    return (parts[place + 5] = countTokens(text.bytes, from, to));
  };
}

/** Takes the longest token and gives tokens back where they may not stand. */
function createBacktracker(vocabulary: Vocabulary): (bytes: Uint8Array, from: number, to: number) => number {
  const { starts, longest, shorter } = vocabulary;
  const mayFollow = createNeighbors(vocabulary);
  let taken = new Int32Array(1024);
  let isGivenUp = new Uint8Array(1024);

  return (bytes, from, to) => {
    const length = to - from;
    if (length >= isGivenUp.length) {
      isGivenUp = new Uint8Array(2 * length);
      taken = new Int32Array(2 * length);
    }
    if (length > 16) isGivenUp.fill(0, 0, length + 1);
    else for (let i = 0; i <= length; i++) isGivenUp[i] = 0;
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
  const bits = Math.ceil(Math.log2(1.25 * size));
  const mask = (1 << bits) - 1;
  /** tokens by hash of the two that their last merge joins */
  const merges = new Int32Array(1 << bits).fill(NONE);
  /** a bit by the same hash: 0 where two tokens surely stay two, which is asked most */
  const mayJoin = new Int32Array(1 << (FILTER_BITS - 5));
  /** the last answers: left, right, and whether they may stand side by side. A run of one sign asks for few pairs, again and again */
  const answers = new Int32Array(3 << ANSWER_BITS).fill(NONE);

  /** The token that two become; NONE where they stay two. */
  function joined(left: number, right: number): number {
    const hash = pairHash(left, right);
    const bit = hash >>> (32 - FILTER_BITS);
    if ((((mayJoin[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0) return NONE;
    for (let place = hash >>> (32 - bits); ; place = (place + 1) & mask) {
      const found = merges[place] as number;
      if (found === NONE || (leftOf[found] === left && rightOf[found] === right)) return found;
    }
  }

  function remember(token: number, left: number, right: number): void {
    leftOf[token] = left;
    rightOf[token] = right;
    const hash = pairHash(left, right);
    const bit = hash >>> (32 - FILTER_BITS);
    mayJoin[bit >>> 5] = (mayJoin[bit >>> 5] as number) | (1 << (bit & 31));
    let place = hash >>> (32 - bits);
    while (merges[place] !== NONE) place = (place + 1) & mask;
    merges[place] = token;
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
      remember(token, left, right);
      break;
    }
  }
  return (left, right) => {
    const place = 3 * (pairHash(left, right) >>> (32 - ANSWER_BITS));
    if (answers[place] !== left || answers[place + 1] !== right) {
      answers[place] = left;
      answers[place + 1] = right;
      answers[place + 2] = Number(mayFollow(left, right));
    }
    return answers[place + 2] === 1;
  };
}

function pairHash(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
}
