/** Canary words and the texts, credentials and calls that carry them. Each word names its place, so that a leak tells where it came from. */

/** What every planted word begins with. */
export const CANARY = 'zqcanary';

export const word = (place: string): string => `${CANARY}-${place}`;
export const text = (place: string): string => `please keep ${word(place)} between us`;
export const secret = (place: string): string => `sk-${word(place)}-0123456789abcdef`;
export const jsonl = (...lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const messages = (place: string): unknown[] => [
  { role: 'system', content: text(`${place}-system`) },
  { role: 'user', content: [{ type: 'text', text: text(`${place}-prompt`) }] },
];
const toolCalls = (place: string): unknown[] => [
  { id: 'call_1', type: 'function', function: { name: 'lookup', arguments: `{"q":"${word(`${place}-arguments`)}"}` } },
];
/** Metadata as applications write it: one tag that is a name, and what is text or a credential. */
export const metadata = (place: string): Record<string, unknown> => ({
  team: 'teamvisible',
  prompt: text(`${place}-metadata-prompt`),
  messages: text(`${place}-metadata-messages`),
  api_key: word(`${place}-metadata-key`),
  Authorization: `Bearer ${word(`${place}-authorization`)}`,
  note: secret(`${place}-note`),
});

export const AT = '2026-11-18T10:00:00Z';
export const AT_SECONDS = Date.parse(AT) / 1000;

export const CHAT = {
  id: 'chatcmpl-c1',
  object: 'chat.completion',
  created: AT_SECONDS,
  model: 'gpt-4o',
  service_tier: 'default',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: text('chat-answer'),
        tool_calls: toolCalls('chat'),
      },
    },
    {
      index: 1,
      message: {
        role: 'assistant',
        refusal: text('chat-refusal'),
        reasoning_content: text('chat-reason'),
      },
    },
  ],
  usage: {
    prompt_tokens: 100,
    completion_tokens: 20,
    total_tokens: 120,
  },
  metadata: metadata('chat'),
};
export const RESPONSE = {
  id: 'resp_c1',
  object: 'response',
  created_at: AT_SECONDS,
  model: 'gpt-4o',
  status: 'completed',
  instructions: text('responses-instructions'),
  input: messages('responses'),
  metadata: metadata('responses'),
  output: [
    {
      type: 'message',
      content: [
        {
          type: 'output_text',
          text: text('responses-answer'),
        },
      ],
    },
    {
      type: 'function_call',
      name: 'lookup',
      arguments: word('responses-arguments'),
    },
  ],
  usage: {
    input_tokens: 100,
    output_tokens: 20,
    total_tokens: 120,
  },
};
/** A line of our own format. */
export const own = (rest: Record<string, unknown>): unknown => ({
  timestamp: AT,
  model: 'gpt-4o',
  team: 'teamvisible',
  ...rest,
});
