/**
 * Provider names as logs, gateways and SDKs write them → the names of the price book. In: a record's provider or the first
 * segment of a `vendor/model` id. Out: the book's provider, or null. Invariant: only spellings listed here are known.
 */

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  openai: ['text-completion-openai', 'openai_compatible'],
  anthropic: ['claude'],
  bedrock: ['aws-bedrock', 'aws.bedrock', 'amazon-bedrock', 'bedrock_converse', 'amazon_bedrock', 'aws'],
  vertex: [
    'vertex_ai',
    'vertex_ai_beta',
    'google-vertex',
    'gcp.vertex_ai',
    'vertexai',
    'vertex_ai-language-models',
    'vertex_ai-anthropic_models',
  ],
  google: [
    'gemini',
    'google-gemini-api',
    'google_genai',
    'google-ai-studio',
    'gcp.gemini',
    'gcp.gen_ai',
    'google.generativeai',
  ],
  azure: [
    'azure_ai',
    'azure-openai',
    'azure_openai',
    'azure.ai.openai',
    'az.ai.openai',
    'azure.ai.inference',
    'az.ai.inference',
    'azure-foundry',
    'azure_text',
  ],
  deepseek: [],
  xai: ['x-ai', 'x_ai', 'x.ai'],
  mistral: ['mistralai', 'mistral_ai', 'mistral-ai'],
  groq: [],
  together: ['together_ai', 'togetherai', 'together-ai'],
  fireworks: ['fireworks_ai', 'fireworks-ai'],
  cohere: ['cohere_chat', 'cohere-ai'],
  voyage: ['voyageai', 'voyage_ai'],
};

const BOOK_PROVIDER = new Map<string, string>();
for (const [name, spellings] of Object.entries(SPELLINGS)) {
  BOOK_PROVIDER.set(name, name);
  for (const spelling of spellings) BOOK_PROVIDER.set(spelling, name);
}

/** Gateways and unknowns that resell or relay others' models under `vendor/model` ids. */
const RELAYS = new Set([
  'openrouter',
  'litellm',
  'litellm_proxy',
  'portkey',
  'helicone',
  'vercel',
  'cloudflare',
  'unknown',
  '',
]);

/** The book's name of a provider, or null if no spelling of it is known. */
export function bookProvider(name: string): string | null {
  return BOOK_PROVIDER.get(name) ?? BOOK_PROVIDER.get(name.toLowerCase()) ?? null;
}

/** True if the provider bills models of others, named `vendor/model`. */
export function isRelay(name: string): boolean {
  return RELAYS.has(name.toLowerCase());
}
