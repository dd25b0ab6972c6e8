/** Logs that cannot be read, and credentials where names are due, with canary words in them. Their texts must not come back in a reason. */
import { gzipSync } from 'node:zlib';
import type { Files } from '../fixtures/folder-run.ts';
import { AT, CHAT, RESPONSE, jsonl, own, secret, text, word } from './canary-words.ts';

/** Lines that no reader takes, and objects that cannot be read. */
export const REJECTED: Files = {
  'bad/lines.jsonl':
    jsonl(
      own({ id: 'bad-1', input_tokens: word('bad-count'), output_tokens: 5 }),
      own({ id: 'bad-2', input_tokens: 10, output_tokens: 5, tier: word('bad-tier') }),
      own({ id: 'bad-3', input_tokens: 10, output_tokens: 5, cost_usd: word('bad-cost') }),
      { ...CHAT, id: 'chatcmpl-bad', usage: { prompt_tokens: word('bad-usage'), completion_tokens: 1 } },
      { unheard_of: text('bad-unknown'), prompt: text('bad-unknown-prompt') },
      { [text('bad-key-name')]: 1, question: text('bad-unknown-question') },
      text('bad-string'),
      [[text('bad-list')]],
    ) +
    `{"id":"chatcmpl-cut","object":"chat.completion","choices":[{"message":{"content":"${text('bad-cut')}\n${text('bad-prose')}\n`,
  'bad/long.jsonl': `{"object":"chat.completion","choices":["${text('bad-long')}${' long'.repeat(20_000)}"]}\n`,
  'bad/no-header.csv': `heading,other\r\n${text('bad-csv')},1\r\n`,
  'bad/calls.csv': `timestamp,model,input_tokens,output_tokens\r\n${AT},gpt-4o,${word('bad-csv-count')},5\r\n${AT},gpt-4o,"${text('bad-csv-quote')}`,
  'bad/page.json': `{"object":"page","data":[{"results":[{"text":"${text('bad-page')}`,
  'bad/broken.jsonl.gz': gzipSync(jsonl(CHAT, text('bad-gzip'))).subarray(0, 120),
  'bad/text.txt': text('bad-file'),
  'bad/encoding.jsonl': Buffer.from(`{"prompt":"${text('bad-encoding')}\u00ff"}\n`, 'latin1'),
};

/** A credential where a name is due: a reader that takes it for a name stores it in clear. Keys of files are the places. */
export const MISPLACED_KEYS: Files = {
  'request-user.jsonl': jsonl({ timestamp: AT, request: { user: secret('request-user') }, response: CHAT }),
  'response-user.jsonl': jsonl({ ...RESPONSE, user: secret('response-user') }),
  'spendlog-user.jsonl': jsonl({
    request_id: 'lite-4',
    call_type: 'acompletion',
    spend: 0.01,
    startTime: AT,
    model: 'gpt-4o',
    prompt_tokens: 100,
    completion_tokens: 20,
    total_tokens: 120,
    user: secret('spendlog-user'),
  }),
  // a table that lost its header: its first row is taken for names
  'csv-row.csv': `${secret('csv-row')},gpt-4o,standard\r\n${AT},gpt-4o,standard\r\n`,
  'json-name.jsonl': jsonl({ [secret('json-name')]: 12 }),
};
