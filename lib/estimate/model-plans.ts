/**
 * The plans of one model. In: documents, one by one, in any order. Out: a plan by mode: requests, tokens, money, what it stands on. Nothing is kept
 * of a document but sums. Invariant: order does not matter, and the plans of a corpus cut in two add up (but for a shared prompt, which
 * either part writes into a cache of its own).
 */
import { chunksOf } from './chunks.ts';
import { LEVELS, mapLevels } from './estimate-settings.ts';
import type { EstimateSettings, Level, PlannedDocument, Range } from './estimate-settings.ts';
import type { ModelOffer } from './model-offer.ts';
import type { OutputLength } from './output-length.ts';
import { isInBatch, newRequestSums } from './plan.ts';
import type { Plan } from './plan.ts';
import { channelNotes, channelsOf, isPlan } from './plan-channels.ts';
import { fitNotes, rateNote, sentence } from './plan-notes.ts';
import { answerTokens, roomFor } from './request-room.ts';

export interface ModelPlans {
  add(document: PlannedDocument): void;
  plans(): Plan[];
}

export function createModelPlans(offer: ModelOffer, length: OutputLength, settings: EstimateSettings): ModelPlans {
  const { isEmbedding } = offer;
  const messages = settings.sharedPromptTokens > 0 ? 2 : 1;
  const overhead = isEmbedding ? NO_OVERHEAD : overheadOf(offer, messages, settings.chatOverhead);
  const sharedTokens = isEmbedding ? 0 : settings.sharedPromptTokens;
  const otherTokens = isEmbedding ? 0 : overhead.tokens + settings.questionTokens;
  const requests = isEmbedding ? 1 : settings.requestsPerDocument;
  const channels = channelsOf(offer, settings);
  const sums = mapLevels(newRequestSums);
  const tokenBases = new Set<string>();
  const rooms = mapLevels((level) =>
    isEmbedding
      ? Math.min(settings.chunkTokens, offer.contextTokens ?? Infinity)
      : roomFor(offer, length, level, sharedTokens + otherTokens),
  );

  // a model may take less than a chunk that was asked for, and neighbors then share less
  const overlapTokens = isEmbedding
    ? Math.min(settings.overlapTokens, Math.floor(rooms.expected / 2))
    : settings.overlapTokens;

  function addAt(levels: readonly Level[], documentTokens: number): void {
    const level = levels[0] as Level;
    const size = rooms[level];
    if (documentTokens > size && size <= overlapTokens) {
      for (const at of levels) sums[at].unfitDocuments++;
      return;
    }
    const chunks = chunksOf(documentTokens, size, overlapTokens);
    const pieces = chunks.reduce((all, { count }) => all + count, 0);
    for (const { tokens, count } of chunks) {
      const outputTokens = isEmbedding ? 0 : answerTokens(offer, length, level, tokens);
      const request = { sharedTokens, documentTokens: tokens, otherTokens, outputTokens, chunks: count, requests };
      for (const { sums: costs } of channels) costs.add(levels, request);
      for (const at of levels) {
        sums[at].requests += count * requests;
        sums[at].inputTokens += (sharedTokens + tokens + otherTokens) * count * requests;
        sums[at].outputTokens += outputTokens * count * requests;
      }
    }
    if (pieces === 1) return;
    for (const at of levels) {
      const extra = pieces - 1;
      sums[at].cutDocuments++;
      sums[at].cutChunks += pieces;
      sums[at].extraRequests += extra * requests;
      sums[at].extraTokens += (sharedTokens + otherTokens + overlapTokens) * extra * requests;
    }
  }

  return {
    add(document) {
      const { basis, ...tokens } = offer.tokensOf(document);
      tokenBases.add(basis);
      const isOne = isEmbedding || length.range.low === length.range.high;
      if (isOne && tokens.low === tokens.high && rooms.low === rooms.high) addAt(LEVELS, tokens.expected);
      else for (const level of LEVELS) addAt([level], tokens[level]);
    },
    plans() {
      const isFitting = LEVELS.every((level) => sums[level].unfitDocuments === 0);
      const tooFew = sums.expected.requests < (offer.batch?.minimumRecords ?? 0);
      const basis = sentence([
        `tokens: ${[...tokenBases].toSorted().join(', ') || 'none counted'}`,
        overhead.basis,
        isEmbedding
          ? `chunks of ${rooms.expected} tokens that share ${overlapTokens}, each embedded once`
          : length.basis,
      ]);
      return channels.filter(isPlan).map((channel): Plan => {
        const { mode, sums: costs } = channel;
        const isPossible = isFitting && !(tooFew && isInBatch(mode));
        const totals = mapLevels((level) => (isPossible ? costs.total(level) : null));
        const { low, expected, high } = totals;
        const isPriced = low !== null && expected !== null && high !== null;
        const output = LEVELS.map((level) => sums[level].outputTokens);
        const costsOf = LEVELS.map((level) => (totals[level]?.inputPico ?? 0n) + (totals[level]?.outputPico ?? 0n));
        return {
          model: offer.model,
          provider: offer.provider,
          mode,
          isEmbedding,
          requests: sums.expected.requests,
          inputTokens: sums.expected.inputTokens,
          outputTokens: { low: Math.min(...output), expected: sums.expected.outputTokens, high: Math.max(...output) },
          inputPico: isPriced ? expected.inputPico : null,
          // a longer prompt can reach the minimum of a cache and cost less, so the ends are looked for
          costPico: isPriced ? ends(costsOf as [bigint, bigint, bigint]) : null,
          basis,
          notes: sentence([
            ...fitNotes(offer, sums.expected, isFitting, settings),
            ...(isPossible && !isPriced ? ['the price book has no price for these requests'] : []),
            ...channelNotes(channel, channels, offer, settings, sums.expected),
            rateNote(settings, sums, mode),
          ]),
        };
      });
    },
  };
}

function ends(costs: readonly [bigint, bigint, bigint]): Range<bigint> {
  const [low, expected, high] = costs;
  const least = [low, expected, high].reduce((a, b) => (b < a ? b : a));
  const most = [low, expected, high].reduce((a, b) => (b > a ? b : a));
  return { low: least, expected, high: most };
}

const NO_OVERHEAD = { tokens: 0, basis: '' };

function overheadOf(
  offer: ModelOffer,
  messages: number,
  how: EstimateSettings['chatOverhead'],
): { readonly tokens: number; readonly basis: string } {
  if (how === 'within') return NO_OVERHEAD;
  if (offer.overheadOf === null) return { tokens: 0, basis: 'what a chat format adds is in the measured ratio' };
  const overhead = offer.overheadOf(messages);
  if (how === 'added') return overhead;
  return {
    tokens: 0,
    basis: `without what a chat format adds, ${overhead.tokens} tokens by request (--chat-overhead)`,
  };
}
