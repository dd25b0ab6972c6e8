/**
 * Which tokenizer a model has, as far as its name tells. In: publisher, model id. Out: an encoding, or that there is none. It needs no vocabulary, so that
 * what plans and prices can ask without being able to count.
 */
import type { Encoding } from './split-scanner.ts';

/** OpenAI's models by encoding. Source: the model map of tiktoken 0.14 (2026). The rest of OpenAI's names is older or not text. */
const CL100K = /^(gpt-4(?![\do.])|gpt-3\.5|gpt-35|text-embedding-(?:3|ada-002)|davinci-002|babbage-002)/;
const O200K = /^(gpt-4o|gpt-4\.\d|gpt-[5-9]|gpt-oss|chatgpt|o\d|codex|computer-use|omni)/;

/** Encoding that counts the model exactly; null where only an estimate is left. Of a publisher, or of the provider where that is all a log tells. */
export function exactEncoding(publisher: string | null, model: string): Encoding | null {
  return publisher === 'openai' || publisher === 'azure' ? encodingOf(model) : null;
}

/** Encoding of an OpenAI model id, fine-tuned ones (`ft:base:org`) and ids behind a vendor prefix included; null where the id is unknown. */
function encodingOf(model: string): Encoding | null {
  const id = model.toLowerCase().replace(/^.*\//, '').replace(/^ft:/, '');
  if (CL100K.test(id)) return 'cl100k_base';
  return O200K.test(id) ? 'o200k_base' : null;
}

/** Whether a Claude has the tokenizer that came with 4.7. */
export function isNewClaude(model: string): boolean {
  const [, major = '', minor = '0'] = /claude\D*?(\d+)(?:[.-](\d{1,2}))?(?!\d)/i.exec(model) ?? [];
  return Number(major) * 100 + Number(minor) >= 407;
}
