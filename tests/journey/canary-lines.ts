/**
 * Logs in every format that can hold text or keys, with a canary word at each place that must not reach the ledger. Each word names its
 * place, so that a leak tells where it came from. Hand-written; ids and numbers are invented.
 */
import type { Files } from '../fixtures/folder-run.ts';
import { AT, AT_SECONDS, CHAT, RESPONSE, jsonl, messages, metadata, own, secret, text, word } from './canary-words.ts';

const chunk = (n: number, rest: Record<string, unknown>): unknown => ({
  id: `chatcmpl-s${n}`,
  object: 'chat.completion.chunk',
  created: AT_SECONDS,
  model: 'gpt-4o',
  ...rest,
});
const failedResponse = {
  id: 'resp_c2',
  object: 'response',
  created_at: AT_SECONDS,
  model: 'gpt-4o',
  status: 'failed',
  usage: null,
  error: {
    code: 'server_error',
    message: text('responses-error'),
  },
  output: [],
};
const message = (id: string, place: string): Record<string, unknown> => ({
  id,
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  stop_reason: 'tool_use',
  content: [
    {
      type: 'text',
      text: text(`${place}-answer`),
    },
    {
      type: 'thinking',
      thinking: text(`${place}-thinking`),
      signature: word(`${place}-signature`),
    },
    {
      type: 'tool_use',
      id: 'toolu_1',
      name: 'lookup',
      input: { q: word(`${place}-input`) },
    },
  ],
  usage: {
    input_tokens: 9,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 50,
  },
});
const candidates = (place: string): unknown => ({
  candidates: [
    {
      content: {
        role: 'model',
        parts: [{ text: text(`${place}-answer`) }, { functionCall: { args: word(place) } }],
      },
    },
  ],
  usageMetadata: {
    promptTokenCount: 70,
    candidatesTokenCount: 9,
    totalTokenCount: 79,
  },
  modelVersion: 'gemini-2.5-pro',
  createTime: AT,
  responseId: `resp-${place}`,
});
const contents = (place: string): unknown => ({
  contents: [{ role: 'user', parts: [{ text: text(`${place}-prompt`) }] }],
  systemInstruction: { parts: [{ text: text(`${place}-system`) }] },
  labels: { team: 'teamvisible' },
});

const OPENAI: Files = {
  'openai/chat.jsonl': jsonl(CHAT),
  'openai/chunks.jsonl': jsonl(
    chunk(1, { choices: [{ index: 0, delta: { content: text('chunk-answer') } }], usage: null }),
    chunk(1, { choices: [], usage: { prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 } }),
    // a stream that broke off before its usage came
    chunk(2, { choices: [{ index: 0, delta: { content: text('chunk-unfinished') } }], usage: null }),
  ),
  'openai/responses.jsonl': jsonl(RESPONSE, failedResponse),
  'openai/wrapped.jsonl': jsonl({
    timestamp: AT,
    team: 'teamvisible',
    tags: metadata('envelope-tags'),
    metadata: metadata('envelope'),
    headers: {
      Authorization: `Bearer ${word('envelope-header')}`,
      'x-api-key': secret('envelope-header-key'),
    },
    request: {
      model: 'gpt-4o',
      messages: messages('envelope'),
      metadata: metadata('envelope-request'),
      api_key: secret('envelope-request-key'),
    },
    response: {
      ...CHAT,
      id: 'chatcmpl-c2',
    },
  }),
  'openai/batch.jsonl': jsonl(
    {
      id: 'batch_req_1',
      custom_id: 'job-1',
      response: { status_code: 200, request_id: 'r1', body: { ...CHAT, id: 'chatcmpl-c3' } },
    },
    {
      id: 'batch_req_2',
      custom_id: 'job-2',
      error: null,
      response: {
        status_code: 429,
        request_id: 'r2',
        body: { error: { message: text('batch-error-body') } },
      },
    },
    { id: 'batch_req_3', custom_id: 'job-3', response: null, error: { code: 'x', message: text('batch-error') } },
  ),
  'openai/embedding.json': JSON.stringify({
    object: 'list',
    model: 'text-embedding-3-small',
    input: text('embedding-input'),
    data: [
      {
        object: 'embedding',
        index: 0,
        embedding: [0],
      },
    ],
    usage: {
      prompt_tokens: 42,
      total_tokens: 42,
    },
  }),
};

const ANTHROPIC: Files = {
  'anthropic/messages.jsonl': jsonl({ ...message('msg_c1', 'message'), system: text('message-system') }),
  'anthropic/batch.jsonl': jsonl(
    { custom_id: 'row-1', result: { type: 'succeeded', message: message('msg_c2', 'anthropic-batch') } },
    { custom_id: 'row-2', result: { type: 'errored', error: { error: { message: text('anthropic-batch-error') } } } },
  ),
  'agents/claude/session.jsonl': jsonl(
    {
      type: 'user',
      uuid: 'u0',
      timestamp: AT,
      sessionId: '11111111-1111-4111-8111-111111111111',
      message: {
        role: 'user',
        content: text('claude-code-prompt'),
      },
    },
    { type: 'summary', summary: text('claude-code-summary'), leafUuid: 'u0' },
    {
      type: 'assistant',
      uuid: 'u1',
      timestamp: AT,
      sessionId: '11111111-1111-4111-8111-111111111111',
      message: message('msg_c3', 'claude-code'),
      requestId: 'req_c3',
      toolUseResult: text('claude-code-tool'),
    },
  ),
};

const codexTotals = { input_tokens: 1100, cached_input_tokens: 140, output_tokens: 230, total_tokens: 1330 };
const AGENTS: Files = {
  'agents/codex/rollout.jsonl': jsonl(
    {
      timestamp: AT,
      type: 'session_meta',
      payload: {
        id: '22222222-2222-4222-8222-222222222222',
        timestamp: AT,
        instructions: text('codex-system'),
      },
    },
    { timestamp: AT, type: 'turn_context', payload: { model: 'gpt-5-codex', user_instructions: text('codex-turn') } },
    { timestamp: AT, type: 'response_item', payload: { type: 'message', content: [{ text: text('codex-item') }] } },
    { timestamp: AT, type: 'event_msg', payload: { type: 'user_message', message: text('codex-prompt') } },
    {
      timestamp: '2026-11-18T10:00:05Z',
      type: 'event_msg',
      payload: {
        type: 'token_count',
        info: {
          total_token_usage: codexTotals,
          last_token_usage: codexTotals,
          model_context_window: 272e3,
        },
      },
    },
  ),
};

const bedrock = (requestId: string, place: string, rest: Record<string, unknown>): unknown => ({
  schemaType: 'ModelInvocationLog',
  schemaVersion: '1.0',
  timestamp: AT,
  accountId: '111122223333',
  region: 'us-east-1',
  requestId,
  operation: 'InvokeModel',
  modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  identity: { arn: 'arn:aws:sts::111122223333:assumed-role/search-app/i-0synthetic' },
  input: {
    inputContentType: 'application/json',
    inputTokenCount: 12,
    inputBodyJson: {
      system: text(`${place}-system`),
      messages: messages(place),
    },
  },
  requestMetadata: metadata(place),
  ...rest,
});
const CLOUDS: Files = {
  'bedrock/calls.jsonl': jsonl(
    bedrock('req-b1', 'bedrock', { output: { outputBodyJson: message('msg_b1', 'bedrock'), outputTokenCount: 7 } }),
    bedrock('req-b2', 'bedrock-failed', { errorCode: 'Throttling', errorMessage: text('bedrock-error') }),
  ),
  'bedrock/batch.jsonl.out': jsonl(
    {
      recordId: 'REC0000001',
      modelInput: {
        system: text('bedrock-batch-system'),
        messages: messages('bb'),
      },
      modelOutput: message('msg_b2', 'bedrock-batch'),
    },
    { recordId: 'REC0000002', modelInput: { messages: messages('bb2') }, error: { errorMessage: text('bb-error') } },
  ),
  'vertex/log.jsonl': jsonl({
    endpoint: '',
    deployed_model_id: '',
    logging_time: '2026-11-18 10:00:00.000000 UTC',
    request_id: 4711,
    request_payload: [text('vertex-payload')],
    response_payload: [text('vertex-response-payload')],
    model: 'publishers/google/models/gemini-2.5-pro',
    model_version: 'default',
    api_method: 'generateContent',
    full_request: JSON.stringify(contents('vertex')),
    full_response: JSON.stringify(candidates('vertex')),
    metadata: '{"request_latency": 812.0}',
  }),
  'vertex/batch.jsonl': jsonl(
    { status: '', processed_time: AT, request: contents('vertex-batch'), response: candidates('vertex-batch') },
    { status: text('vertex-batch-error'), processed_time: AT, request: contents('vertex-batch2'), response: {} },
  ),
  'gemini/responses.jsonl': jsonl(candidates('gemini')),
  'gemini/batch.jsonl': jsonl(
    { key: 'req-1', response: candidates('gemini-batch') },
    { key: 'req-2', error: { code: 3, message: text('gemini-batch-error') } },
  ),
};

const payload = (id: string, place: string, rest: Record<string, unknown>): unknown => ({
  id,
  trace_id: `tr-${place}`,
  call_type: 'acompletion',
  stream: false,
  status: 'success',
  response_cost: 0.01,
  custom_llm_provider: 'openai',
  model: 'gpt-4o',
  model_group: 'default-chat',
  api_base: '',
  cache_hit: false,
  total_tokens: 120,
  prompt_tokens: 100,
  completion_tokens: 20,
  startTime: AT_SECONDS,
  endTime: AT_SECONDS + 1,
  messages: messages(place),
  response: { choices: [{ message: { content: text(`${place}-answer`) } }] },
  model_map_information: {},
  hidden_params: { headers: { authorization: secret(`${place}-hidden`) } },
  cache_key: word(`${place}-cache-key`),
  model_parameters: { tools: [text(`${place}-tools`)] },
  metadata: {
    ...metadata(place),
    user_api_key_hash: word(`${place}-key-hash`),
    user_api_key_alias: 'ci',
    user_api_key_team_alias: 'teamvisible',
    requester_metadata: metadata(`${place}-requester`),
    spend_logs_metadata: metadata(`${place}-spend`),
    prompt_management_metadata: { prompt: text(`${place}-prompt-management`) },
  },
  ...rest,
});
const GATEWAY: Files = {
  'litellm/calls.jsonl': jsonl(
    payload('lite-1', 'litellm', {}),
    payload('lite-2', 'litellm-failed', {
      status: 'failure',
      error_str: text('litellm-error'),
      total_tokens: 0,
      prompt_tokens: 0,
      error_information: {
        error_message: text('litellm-error-info'),
        traceback: text('litellm-traceback'),
      },
    }),
  ),
  'spend/spendlogs.jsonl': jsonl({
    request_id: 'lite-3',
    call_type: 'acompletion',
    api_key: word('spendlog-key'),
    spend: 0.01,
    status: 'success',
    total_tokens: 120,
    prompt_tokens: 100,
    completion_tokens: 20,
    startTime: AT,
    endTime: AT,
    model: 'gpt-4o',
    model_group: 'default-chat',
    custom_llm_provider: 'openai',
    cache_hit: 'False',
    request_tags: [],
    messages: messages('spendlog'),
    response: { choices: [text('spendlog-answer')] },
    metadata: metadata('spendlog'),
    proxy_server_request: {
      body: text('spendlog-request'),
      headers: { authorization: secret('spendlog-header') },
    },
  }),
};

const NATIVE: Files = {
  'native/calls.jsonl': jsonl(
    own({ id: 'own-1', input_tokens: 10, output_tokens: 5, prompt: text('native-prompt'), key: secret('native-key') }),
    // counted from its texts
    own({ id: 'own-2', prompt: text('native-counted'), response: text('native-counted-answer') }),
    own({ id: 'own-5', input_tokens: 10, output_tokens: 5, prompt: messages('native-messages') }),
    own({ id: 'own-3', input_tokens: 10, output_tokens: 5, user: secret('native-user'), tags: metadata('native') }),
    own({ id: 'own-4', input_tokens: 10, output_tokens: 5, key: `${word('native-long-key')}-${'x'.repeat(40)}` }),
  ),
  'native/calls.csv': `timestamp,model,input_tokens,output_tokens,prompt,key\r\n${AT},gpt-4o,10,5,"${text('csv-prompt')}",${secret('csv-key')}\r\n`,
};

/** What is read. */
export const READ: Files = { ...OPENAI, ...ANTHROPIC, ...AGENTS, ...CLOUDS, ...GATEWAY, ...NATIVE };

/** Formats that `READ` must come to, so that no file is passed over and proves nothing. */
export const READ_FORMATS: readonly string[] = [
  'anthropic.batch',
  'anthropic.message',
  'bedrock.batch',
  'bedrock.invocation',
  'claude_code',
  'codex.rollout',
  'gemini.batch',
  'gemini.response',
  'litellm.slp',
  'litellm.spendlog',
  'native',
  'openai.batch',
  'openai.chat',
  'openai.chunk',
  'openai.embedding',
  'openai.response',
  'vertex.batch',
  'vertex.log',
];
