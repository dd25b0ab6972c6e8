/**
 * How long answers will be. In: what the user says, what the ledger saw, or the kind of task. Out: tokens by request, low, expected and high, and
 * what they stand on. An answer is as long as nobody knows, so what is not given is a range of a source: the tenth, fiftieth and ninetieth
 * percentile of lengths that were measured. Tokens that a model thinks with are in the ledger's history, in no published length below.
 */
import type { Range } from './estimate-settings.ts';

/** Lengths of answers for a plan. */
export interface OutputLength {
  /** `tokens`: so many by request; `percent`: of the document's tokens in the request, rounded up */
  readonly unit: 'tokens' | 'percent';
  readonly range: Range<number>;
  /** the user's word: an answer that a model cannot give does not fit, where a guess is cut to what it can give */
  readonly isGiven: boolean;
  readonly basis: string;
}

export const TASKS = ['summarize', 'extract', 'classify', 'question_answering', 'translate'] as const;
export type Task = (typeof TASKS)[number];

interface TaskFacts {
  readonly unit: OutputLength['unit'];
  readonly range: Range<number>;
  /** behind each document; its tokens under o200k_base are counted (tests/estimate/output-length.test.ts) */
  readonly instruction: string;
  readonly instructionTokens: number;
  readonly source: string;
}

const ARXIV =
  'P10, P50, P90 of 28,257 summaries of arXiv papers (microsoft/vidur, arxiv_summarization, Llama 2 tokens, 2024)';
const MOONCAKE =
  'P10, P50, P90 of 3,993 answers about long documents and in chats (kvcache-ai/Mooncake, FAST25 synthetic trace: LEval, LooGLE, ShareGPT)';

/** Ranges by task. None of them is a promise: they say how wide the guess is. */
export const TASK_FACTS: Readonly<Record<Task, TaskFacts>> = {
  summarize: {
    unit: 'tokens',
    range: { low: 78, expected: 167, high: 372 },
    instruction: 'Summarize the document above.',
    instructionTokens: 7,
    source: ARXIV,
  },
  extract: {
    unit: 'tokens',
    range: { low: 4, expected: 69, high: 389 },
    instruction: 'Extract the requested fields from the document above as JSON.',
    instructionTokens: 11,
    source: `assumption: no lengths of extracted fields are published, those of answers are taken: ${MOONCAKE}`,
  },
  classify: {
    unit: 'tokens',
    range: { low: 1, expected: 5, high: 11 },
    instruction: 'Classify the document above. Answer with the label only.',
    instructionTokens: 12,
    source:
      'counted: `positive`, `{"label":"positive"}`, `{"label":"positive","confidence":0.97}` under o200k_base, the shortest, a usual and a longer label',
  },
  question_answering: {
    unit: 'tokens',
    range: { low: 4, expected: 69, high: 389 },
    instruction: 'Answer the question from the document above only.',
    instructionTokens: 9,
    source: MOONCAKE,
  },
  translate: {
    unit: 'percent',
    range: { low: 52, expected: 100, high: 195 },
    instruction: 'Translate the document above.',
    instructionTokens: 5,
    source:
      'one text takes 23 (Russian) to 45 tokens (Telugu) of o200k_base in 20 languages (OpenAI, Hello GPT-4o, 2024-05-13): between any two from 23/45 to 45/23; the direction is not known, so 1 is expected',
  },
};

/** The range of a task. */
export function taskOutput(task: Task): OutputLength {
  const { unit, range, source } = TASK_FACTS[task];
  return { unit, range, isGiven: false, basis: `output: task ${task}, ${source}` };
}

/** What the user says. */
export function givenOutput(range: Range<number>): OutputLength {
  const { low, expected, high } = range;
  const words = low === high ? `${expected}` : `${low} to ${high}, ${expected} expected`;
  return { unit: 'tokens', range, isGiven: true, basis: `output: given, ${words} tokens` };
}

/** Quantiles of the ledger's own answers, by what they were grouped by; null names all models together. */
export interface OutputHistory {
  readonly model: string | null;
  readonly calls: number;
  readonly range: Range<number>;
}

/** Fewer calls than this say nothing of their ninetieth percentile: one in ten lies above it, ten calls in a hundred. */
export const LEAST_CALLS = 100;

/** The model's own history, else that of all models of the ledger, else null. `models` are the spellings a ledger may have. */
export function historyOutput(history: readonly OutputHistory[], models: readonly string[]): OutputLength | null {
  const enough = history.filter(({ calls }) => calls >= LEAST_CALLS);
  const own = enough.find(({ model }) => model !== null && models.includes(model));
  const found = own ?? enough.find(({ model }) => model === null);
  if (found === undefined) return null;
  const whose = found.model === null ? 'all models' : found.model;
  const count = found.calls.toLocaleString('en-US');
  return {
    unit: 'tokens',
    range: found.range,
    isGiven: false,
    basis: `output: P10, P50, P90 of ${count} chat calls of ${whose} in the ledger`,
  };
}

/** Tokens of the answer to a request that holds so many tokens of a document. Never falls as these grow. */
export function outputTokens(length: OutputLength, level: keyof Range<number>, documentTokens: number): number {
  const value = length.range[level];
  return length.unit === 'tokens' ? value : Math.ceil((documentTokens * value) / 100);
}
