/**
 * Filler text for synthetic prompts and answers. In: draws. Out: text of a given length with the characters that break careless readers
 * (quotes, backslashes, line ends, tabs, CJK, emoji). Invariant: it says nothing and belongs to nobody.
 */
import type { Random } from './random.ts';

const WORDS = [
  'the',
  'model',
  'returns',
  'a',
  'stream',
  'of',
  'tokens',
  'while',
  'the',
  'caller',
  'waits',
  'for',
  'usage',
  'data',
  'and',
  'cost',
  'per',
  'request',
  '"quoted"',
  'naïve',
  '漢字',
  'emoji🙂',
  'path\\to\\file',
  'line\nbreak',
  'tab	stop',
];

/** Words up to about this many characters; never cut inside a character pair. */
export function filler(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += `${random.pick(WORDS)} `;
  return text.trimEnd();
}

const OPENINGS = [
  'How do I',
  'Where can I',
  'Why can I not',
  'Is it possible to',
  'What happens when I',
  'Can you help me to',
];
const ACTIONS = ['change', 'cancel', 'track', 'return', 'pay for', 'split', 'duplicate', 'export', 'share', 'refund'];
const THINGS = [
  'my order',
  'an invoice',
  'the subscription',
  'a delivery',
  'my account',
  'a gift card',
  'two parcels',
  'a price alert',
];
const ENDINGS = ['', ' from the app', ' after 30 days', ' without a receipt', ' for a colleague', ' on a Sunday'];

/** A customer's question; there are 2,880 of them, so that real repeats can be planted on top. */
export function question(random: Random): string {
  return `${random.pick(OPENINGS)} ${random.pick(ACTIONS)} ${random.pick(THINGS)}${random.pick(ENDINGS)}?`;
}
