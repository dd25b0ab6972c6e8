/**
 * Who sells a model when the source does not say. In: a model id. Out: its own vendor's name, or `unknown`. Invariant: told by the
 * beginning of the id, never by a part of it; an id in Bedrock's spelling names Bedrock, which is where such ids exist.
 */

const VENDORS: readonly (readonly [RegExp, string])[] = [
  [
    /^(gpt-|chatgpt-|o[134](-|$)|text-embedding-(3|ada)|dall-e-|whisper-|tts-|codex-|davinci-|babbage-|omni-moderation)/,
    'openai',
  ],
  [/^claude-/, 'anthropic'],
  [/^(gemini|gemma|imagen|veo)-/, 'google'],
  [
    /^((us|eu|apac|global|au|jp|us-gov)\.)?(anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|writer)\./,
    'bedrock',
  ],
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'xai'],
  [/^(mistral|open-mistral|codestral|ministral|pixtral|magistral|devstral)-/, 'mistral'],
  [/^(command|embed|rerank)-/, 'cohere'],
  [/^voyage-/, 'voyage'],
];

/** A model's own vendor; `unknown` where the id tells nothing. */
export function vendorOf(model: string): string {
  return VENDORS.find(([pattern]) => pattern.test(model))?.[1] ?? 'unknown';
}
