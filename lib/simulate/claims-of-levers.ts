/** The six percentages people quote for optimizations, against measured traces, published results and the arithmetic of a bill. All in percent. */
import { claimOf, part, range } from './claim.ts';
import type { Claim } from './claim.ts';
import { savedByFactor, tokenCost } from './claim-arithmetic.ts';
import type { Lengths } from './claim-arithmetic.ts';
import { figureText, numberText } from './claim-text.ts';
import { BATCH, FRONTIER, MODELS, SMALL } from './claims-data.ts';
import { ASSUMED, MEASURED } from './claims-evidence-data.ts';

/** The claims about optimizations, in the order they are read. */
export function claimsOfLevers(): Claim[] {
  return [caching(), batching(), smallerModel(), routing(), shorterPrompts(), quantization()];
}

const percent = (share: number): number => share * 100;
/** 0.21 of a bill left = 79% saved; rounded where halves of binary fractions would show */
const saved = (left: number): number => Math.round((1 - left) * 1e12) / 1e10;

function caching(): Claim {
  const { agentInputBill: agent, chatInputBill: chat, exactRepeats, semanticHits } = MEASURED;
  const agents = [agent.fiveMinutes, agent.oneHour, agent.thirtyMinutes].map(saved);
  const chats = [chat.fiveMinutes, chat.oneHour].map(saved);
  const repeats = [
    percent(exactRepeats.agentRepeats / exactRepeats.agentRequests),
    percent(exactRepeats.chatRepeats / exactRepeats.chatRequests),
  ];
  return claimOf(
    {
      id: 'caching',
      topic: 'optimizations',
      claim: 'Caching saves 40–80%',
      quoted: [range('of the bill', '%', [40, 80])],
      recomputed: [
        range('prompt cache, of the input bill', '%', [...agents, ...chats]),
        part(range('coding agents', '%', agents)),
        part(range('mixed chat and tools, 1 hour to 5 minutes', '%', chats)),
        range('exact repeats of a whole prompt', '%', repeats),
        range('semantic cache, hit rates in production', '%', [semanticHits.lowPercent, semanticHits.highPercent]),
      ],
      why:
        'True for agents and long fixed prefixes, though of the input only: answers are not cached, so the bill saves less. True for some FAQ-like ' +
        `traffic too. In mixed traffic far less, and a cache that lives an hour, written at twice the price and read too seldom, made the input ` +
        `${numberText(-Math.min(...chats))}% dearer.`,
    },
    [agent, chat, exactRepeats, semanticHits],
  );
}

function batching(): Claim {
  const off = 100 - BATCH.percentOfList;
  const cached = 100 - ASSUMED.promptShares.cachedReadPercent;
  return claimOf(
    {
      id: 'batching',
      topic: 'optimizations',
      claim: 'Batching saves 50%',
      quoted: [range('of the bill', '%', [50])],
      recomputed: [
        range('of the bill, no call to every call in a batch', '%', [0, off]),
        range('of a call that goes through a batch', '%', [off]),
        range('of input read from a cache without a batch', '%', [cached]),
      ],
      why:
        `Exact for calls that can wait up to a day; nothing for chats and agents, whose next step waits for the answer. How many calls can wait is ` +
        `the whole question. An interactive call that reads a well filled cache can be cheaper than the same call in a batch.`,
    },
    [BATCH, ASSUMED.promptShares],
  );
}

function smallerModel(): Claim {
  const pairs = FRONTIER.map((large, at) => ({ large, small: SMALL[at] ?? MODELS.gpt4oMini }));
  const { percent: redonePercent, longerAnswer } = ASSUMED.redone;
  const query = ASSUMED.shortQuery;
  const left = (small: Lengths): number[] =>
    pairs.map((pair) => Number(tokenCost(pair.small, small)) / Number(tokenCost(pair.large, query)));
  const plain = left(query);
  const again = redonePercent / 100;
  const redone = plain.map((share) => share * (1 + again) + again);
  const longer = left({ ...query, outputTokens: query.outputTokens * longerAnswer });
  const all = (shares: readonly number[]): number[] => shares.map(saved);
  return claimOf(
    {
      id: 'smaller-model',
      topic: 'optimizations',
      claim: 'A smaller model saves 90–95% (costs 10 to 20 times less)',
      quoted: [range('of the bill', '%', [90, 95])],
      recomputed: [
        range('of the bill, from list prices to use', '%', all([...plain, ...redone, ...longer])),
        part(range('same tokens, nothing redone', '%', all(plain))),
        part(range(`${redonePercent}% of answers redone by the large model`, '%', all(redone))),
        part(range(`answers ${longerAnswer} times as long`, '%', all(longer))),
      ],
      why:
        `Holds per token between the six models of 2024. A bill saves less: some answers are redone, tokenizers differ, and a small model that reasons ` +
        `writes more. Whether its answers are good enough is not a matter of prices; only an evaluation on your own tasks says so.`,
    },
    [...FRONTIER, ...SMALL, query, ASSUMED.redone],
  );
}

function routing(): Claim {
  const { strongCallsAtHalfGap, strongCallsAt80Gap, strongToWeakPrice, randomToRouterAt80GapMmlu } = MEASURED.router;
  const spared = (calls: Record<string, number>): number[] => Object.values(calls).map(saved);
  const [half, most] = [spared(strongCallsAtHalfGap), spared(strongCallsAt80Gap)];
  const inMoney = (calls: readonly number[]): number[] => calls.map((share) => share * (1 - 1 / strongToWeakPrice));
  return claimOf(
    {
      id: 'routing',
      topic: 'optimizations',
      claim: 'Routing to a cheaper model saves 60%',
      quoted: [range('of the bill', '%', [60])],
      recomputed: [
        range('of an all-GPT-4 bill, by benchmark and quality', '%', inMoney([...half, ...most])),
        part(range('recovering 50% of the quality gap', '%', inMoney(half))),
        range('calls spared, recovering 80% of the quality gap', '%', most),
        range('near parity on hard tasks', '%', [
          percent(randomToRouterAt80GapMmlu - 1),
          MEASURED.hybrid.fewerLargeCallsPercent,
        ]),
      ],
      why:
        `Plausible where a loss of quality is accepted: the widely published 85% is MT-Bench at 95% of GPT-4's quality, between models ` +
        `${strongToWeakPrice} times apart in price. Closer to the strong model's quality less is saved, on hard tasks least. ` +
        `A session that moves to another model loses its prompt cache.`,
    },
    [MEASURED.router, MEASURED.hybrid],
  );
}

function shorterPrompts(): Claim {
  const { inputOfBillPercent, cachedOfInputPercent, cachedReadPercent, cutPercent } = ASSUMED.promptShares;
  const even = (cutPercent * inputOfBillPercent) / 100;
  // input in units of its list price: uncached tokens count 1, cached ones what reading costs
  const paidInput = 100 - cachedOfInputPercent + (cachedOfInputPercent * cachedReadPercent) / 100;
  const fromCached = (((cutPercent * cachedReadPercent) / 100) * inputOfBillPercent) / paidInput;
  return claimOf(
    {
      id: 'prompt-optimization',
      topic: 'optimizations',
      claim: 'Prompt optimization saves 30–50%',
      quoted: [range('of the bill', '%', [30, 50])],
      recomputed: [
        range(`prompts ${cutPercent}% shorter, of the bill`, '%', [fromCached, even]),
        part(range('cut taken from the cached half', '%', [fromCached])),
        part(range('cut spread evenly', '%', [even])),
        range('the rule overstates by', 'times', [cutPercent / even, cutPercent / fromCached]),
      ],
      why:
        `Prompts do get shorter by as much; bills do not. Only input shrinks, and the fixed part that is easy to cut is the part already read from a ` +
        `cache at a tenth of the price. Cut below a provider's minimum length, a prompt is no longer cached and costs more.`,
    },
    [ASSUMED.promptShares],
  );
}

function quantization(): Claim {
  const { eightBitLoaded, fourBitLoaded, oneByOne, llama405b } = MEASURED.quantization;
  const by = (factors: readonly number[]): number[] => factors.map(savedByFactor);
  const memory = saved(4 / 16);
  const loaded = range('of GPU cost, 8 bits, under load', '%', by(eightBitLoaded));
  return claimOf(
    {
      id: 'quantization',
      topic: 'optimizations',
      claim: 'Quantization saves 70–80%',
      quoted: [range('of the cost', '%', [70, 80])],
      recomputed: [
        loaded,
        range('of GPU cost, 4 bits, under load', '%', by(fourBitLoaded)),
        range('one request at a time, 8B and 70B', '%', by(oneByOne)),
        range('405B models', '%', by(llama405b)),
        range('memory of the weights, 16 to 4 bits', '%', [memory]),
        range('of an API bill', '%', [0]),
      ],
      why:
        `${numberText(memory)}% is what 4 bits save of memory, which is not cost. Only models of 405B come so far, because they then need fewer GPUs; a busy GPU ` +
        `saves ${figureText(loaded)} with 8 bits, less with 4, and an API bill does not change at all.`,
    },
    [MEASURED.quantization],
  );
}
