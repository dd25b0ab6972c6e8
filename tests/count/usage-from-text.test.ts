/** Records without usage: counted from their text, labelled, and never with an unknown side taken for zero. */
import { describe, expect, test } from 'vitest';
import { messageFrames, promptTexts, responseText } from '../../lib/count/message-text.ts';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTextCounters } from '../../lib/count/text-counter.ts';
import { countMissing } from '../../lib/count/usage-from-text.ts';
import { newRecord } from '../../lib/record.ts';
import type { UsageRecord } from '../../lib/record.ts';

const counters = createTextCounters(vocabularyBytes);

function missing(fields: Partial<UsageRecord>): UsageRecord {
  const record = newRecord({ id: 'native', sourceKind: 'provider', class: 'calls' }, 'openai', 'gpt-4o');
  return Object.assign(record, { usageBasis: 'missing' }, fields);
}

const counted = (record: UsageRecord): unknown[] => [
  countMissing(record, counters),
  record.usageBasis,
  record.inputTokens,
  record.outputTokens,
];

describe('counting', () => {
  test('plain text counts as its tokens', () => {
    // "Hello, world!" is Hello | , | ␣world | !
    expect(counted(missing({ promptText: 'Hello, world!', responseText: 'Hello, world!' }))).toEqual([
      'counted:o200k_base',
      'counted',
      4,
      4,
    ]);
  });

  test('messages count as OpenAI publishes it: 3 and the role for each, 3 to start the answer', () => {
    const messages = [
      { role: 'system', content: 'Hello, world!' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello, world!' },
          { type: 'image_url', image_url: { url: 'data:x' } },
        ],
      },
    ];
    // 2 × (3 + 1 for the role + 4) + 3
    expect(counted(missing({ promptText: messages, responseText: 'Hello, world!' }))).toEqual([
      'counted:o200k_base',
      'counted',
      19,
      4,
    ]);
    // a name: 1 and its own token more
    const named = [{ role: 'user', name: 'bob', content: 'Hello, world!' }];
    expect(counted(missing({ promptText: named, responseText: 'x' }))).toEqual([
      'counted:o200k_base',
      'counted',
      13,
      1,
    ]);
    // instructions are a message of the system
    expect(
      counted(
        missing({ promptText: { instructions: 'Hello, world!', input: messages.slice(0, 1) }, responseText: 'x' }),
      )[2],
    ).toBe(19);
  });

  test('the example of the OpenAI cookbook for gpt-4o: 124 tokens', () => {
    const messages = [
      {
        role: 'system',
        content: 'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
      },
      { role: 'system', name: 'example_user', content: 'New synergies will help drive top-line growth.' },
      { role: 'system', name: 'example_assistant', content: 'Things working well together will increase revenue.' },
      {
        role: 'system',
        name: 'example_user',
        content: "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
      },
      {
        role: 'system',
        name: 'example_assistant',
        content: "Let's talk later when we're less busy about how to do better.",
      },
      {
        role: 'user',
        content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
      },
    ];
    expect(counted(missing({ promptText: messages, responseText: 'x' }))[2]).toBe(124);
    expect(counted(missing({ promptText: messages, responseText: 'x', modelReported: 'gpt-4' })).slice(0, 3)).toEqual([
      'counted:cl100k_base',
      'counted',
      129,
    ]);
  });

  test('other vendors are estimated, without the framing of OpenAI', () => {
    const record = missing({
      provider: 'anthropic',
      publisher: 'anthropic',
      modelReported: 'claude-3-haiku',
      promptText: [{ role: 'user', content: 'Hello, world!' }],
      responseText: 'Hello, world!',
    });
    expect(counted(record)).toEqual(['estimated:o200k_base*1.1(0.85-1.35)', 'estimated', 5, 5]);
  });

  test('an embedding has no answer to count', () => {
    const record = missing({
      operation: 'embedding',
      modelReported: 'text-embedding-3-small',
      promptText: ['Hello, world!', 'Hello, world!'],
    });
    expect(counted(record)).toEqual(['counted:cl100k_base', 'counted', 8, 0]);
  });

  test('the side that was not logged is named, and the row is an estimate', () => {
    expect(counted(missing({ promptText: 'Hello, world!' }))).toEqual([
      'counted:o200k_base,response_not_logged',
      'estimated',
      4,
      0,
    ]);
    expect(counted(missing({ responseText: 'Hello, world!' }))).toEqual([
      'counted:o200k_base,prompt_not_logged',
      'estimated',
      0,
      4,
    ]);
    expect(counted(missing({ promptText: 'Hello, world!', status: 'error' }))).toEqual([
      'counted:o200k_base',
      'counted',
      4,
      0,
    ]);
  });

  test('what is reported, and what has no text, stays as it is', () => {
    const reported = missing({ usageBasis: 'reported', inputTokens: 7, promptText: 'Hello, world!' });
    expect(counted(reported)).toEqual([null, 'reported', 7, 0]);
    for (const promptText of [
      null,
      '',
      '   ',
      [],
      {},
      { messages: [] },
      'redacted-by-litellm',
      [{ role: 'user', content: '[MASKED]' }],
    ]) {
      expect(counted(missing({ promptText }))).toEqual([null, 'missing', 0, 0]);
    }
  });
});

describe('texts of a prompt', () => {
  test('in order, from every shape', () => {
    expect(promptTexts({ messages: [{ content: 'b' }], system: 'a' })).toEqual(['a', 'b']);
    expect(
      promptTexts({
        contents: [{ role: 'user', parts: [{ text: 'a' }, { inlineData: { data: 'x' } }, { text: 'b' }] }],
      }),
    ).toEqual(['a', 'b']);
    expect(
      promptTexts([
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{"q":1}' } }] },
      ]),
    ).toEqual(['{"q":1}']);
    expect(promptTexts(null)).toBeNull();
  });

  test('one placeholder makes the prompt unusable; a short answer in a conversation does not', () => {
    for (const text of [
      'redacted',
      'redacted-by-litellm',
      '[REDACTED]',
      '<redacted>',
      '****',
      '<masked>',
      '[filtered]',
      'xxxxxxxx',
    ]) {
      expect([text, promptTexts([{ content: 'real text' }, { content: text }])]).toEqual([text, null]);
      expect([text, responseText(text)]).toEqual([text, null]);
    }
    expect(promptTexts([{ content: 'Which one?' }, { content: 'none' }])).toEqual(['Which one?', 'none']);
    for (const text of ['none', 'null', 'N/A', '-', '*']) expect([text, promptTexts(text)]).toEqual([text, null]);
    expect(responseText('none')).toBe('none');
  });

  test('a prompt nested without end does not exhaust the stack', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 50_000; i++) deep = [deep];
    expect(promptTexts(deep as string)).toBeNull();
  });

  test('frames of messages', () => {
    expect(messageFrames('text')).toEqual([]);
    expect(messageFrames(['a', 'b'])).toEqual([]);
    expect(messageFrames({ system: 'x', messages: [{ role: 'user', content: 'y' }] })).toEqual([
      { role: 'system', name: null },
      { role: 'user', name: null },
    ]);
  });
});
