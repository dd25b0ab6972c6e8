import { describe, expect, test } from 'vitest';
import { isWholeText } from '../../lib/count/whole-text.ts';
import type { JsonValue } from '../../lib/record.ts';

const message = { role: 'user', content: 'tools, images and files' };
const deep = (levels: number): JsonValue => (levels === 0 ? 'text' : { input: deep(levels - 1) });

describe('a request whose input is its text', () => {
  test.each<[string, JsonValue]>([
    ['a prompt', { prompt: 'x', model: 'm', tags: { tools: 'none', file: 'a.txt' } }],
    ['messages', { messages: [message, { role: 'user', content: [{ type: 'text', text: 'x' }] }] }],
    [
      'nothing asked for',
      { request: { messages: [message], tools: [], functions: null, response_format: { type: 'text' } } },
    ],
    [
      'an answer with calls',
      { messages: [message], response: { choices: [{ message: { tool_calls: [{ id: '1' }] } }] } },
    ],
    ['text that looks like a request', { messages: [{ role: 'user', content: '{"tools":[{"name":"x"}]}' }] }],
    ['a packed request', { request: JSON.stringify({ messages: [message] }) }],
    ['a request that is no JSON', { request: '{"messages": ' }],
    ['contents', { request: { contents: [{ role: 'user', parts: [{ text: 'x' }] }] } }],
    [
      'input of items',
      { body: { input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }] } },
    ],
    ['thinking that is off', { request: { messages: [message], thinking: { type: 'disabled' } } }],
  ])('is one with %s', (_what, line) => {
    expect(isWholeText(line)).toBe(true);
  });

  test.each<[string, JsonValue]>([
    ['tools', { request: { messages: [message], tools: [{ name: 'x' }] } }],
    ['tools somewhere', { messages: [message], model_parameters: { extra: { tools: [{ name: 'x' }] } } }],
    ['tools in a packed request', { request_body: JSON.stringify({ messages: [message], tools: [{ name: 'x' }] }) }],
    ['calls of tools', { messages: [{ role: 'assistant', tool_calls: [{ id: '1' }] }] }],
    ['answers of tools', { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] }],
    ['a schema', { request: { messages: [message], response_format: { type: 'json_schema' } } }],
    ['an image', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }],
    ['inline data', { request: { contents: [{ parts: [{ inlineData: { mimeType: 'image/png' } }] }] } }],
    ['an image of Bedrock', { input: { inputBodyJson: { messages: [{ content: [{ image: { format: 'png' } }] }] } } }],
    ['earlier turns', { body: { input: 'x', previous_response_id: 'resp_1' } }],
    [
      'a cache at the vendor',
      { request: { contents: [{ parts: [{ text: 'x' }] }], cachedContent: 'cachedContents/1' } },
    ],
    ['too many levels', deep(40)],
  ])('is not one with %s', (_what, line) => {
    expect(isWholeText(line)).toBe(false);
  });
});
