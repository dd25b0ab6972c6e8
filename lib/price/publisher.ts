/**
 * Who made a model, told from its id: `claude-…` is Anthropic's wherever it is bought. In: a model id as any provider spells it.
 * Out: the publisher's short name, or null where the id does not say. Invariant: decided by the id's beginning, never by a part of it.
 */

const BY_VENDOR_SEGMENT: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  google: 'google',
  amazon: 'amazon',
  meta: 'meta',
  'meta-llama': 'meta',
  'meta-models': 'meta',
  mistral: 'mistral',
  mistralai: 'mistral',
  cohere: 'cohere',
  ai21: 'ai21',
  deepseek: 'deepseek',
  'deepseek-ai': 'deepseek',
  qwen: 'alibaba',
  xai: 'xai',
  'x-ai': 'xai',
  moonshot: 'moonshot',
  moonshotai: 'moonshot',
  minimax: 'minimax',
  minimaxai: 'minimax',
  nvidia: 'nvidia',
  microsoft: 'microsoft',
  stability: 'stability',
  twelvelabs: 'twelvelabs',
  writer: 'writer',
  zai: 'zai',
  'zai-org': 'zai',
  'z-ai': 'zai',
  voyage: 'voyage',
  voyageai: 'voyage',
  perplexity: 'perplexity',
};

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^claude[-_ ]/, 'anthropic'],
  [
    /^(gpt|chatgpt|o[134]|codex|dall-e|whisper|tts|text-(embedding-(3|ada)|davinci|curie|babbage|ada)|davinci|babbage|curie|omni-moderation|sora|computer-use)([-.:]|$)/,
    'openai',
  ],
  [
    /^(gemini|gemma|imagen|veo|lyria|chirp|(text|chat|code|codechat)-(bison|unicorn|gecko)|text-(embedding-00|multilingual-embedding))/,
    'google',
  ],
  [/^(meta-)?(llama|codellama)/, 'meta'],
  [/^(open-)?(mistral|mixtral|codestral|ministral|pixtral|magistral|devstral|voxtral)/, 'mistral'],
  [/^(command|rerank-(english|multilingual|v)|embed-(english|multilingual|v)|c4ai|cohere)/, 'cohere'],
  [/^deepseek/, 'deepseek'],
  [/^(qwen|qwq)/, 'alibaba'],
  [/^grok/, 'xai'],
  [/^(moonshot|kimi)/, 'moonshot'],
  [/^minimax/, 'minimax'],
  [/^glm/, 'zai'],
  [/^(phi-|mai-|wizardlm)/, 'microsoft'],
  [/^(nova-|titan-)/, 'amazon'],
  [/^(jamba|j2-)/, 'ai21'],
  [/^voyage/, 'voyage'],
  [/^nemotron/, 'nvidia'],
];

/** The publisher of a model id (`anthropic.claude-…`, `meta-llama/Llama-…`, `gpt-…`), or null. */
export function publisherOf(model: string): string | null {
  let id = model.toLowerCase().replace(/^ft:/, '');
  const vendor = /^([a-z0-9-]+)[./]/.exec(id)?.[1];
  if (vendor !== undefined) {
    const known = BY_VENDOR_SEGMENT[vendor];
    if (known !== undefined) return known;
  }
  id = id.slice(id.lastIndexOf('/') + 1);
  for (const [pattern, publisher] of BY_NAME) if (pattern.test(id)) return publisher;
  return null;
}
