/**
 * Exact counts of open models through a `tokenizer.json` of Hugging Face that the user supplies. In: the file's text. Out: a function that counts a whole
 * text, as the reference library does without special tokens around it and without truncation. The library is loaded when the first tokenizer is.
 *
 * Special tokens that stand in a text (`<|im_end|>`) are counted as plain text, as everywhere here: they are taken out of the tokenizer before it is made.
 * Other added tokens stay as the tokenizer takes them. Splitting is by regular expressions and merging by pairs: a text without white space or signs may
 * take more than linear time, so who counts documents limits their time.
 */

/** Tokens of a whole text. Without a limit of time: see above. */
export type CountText = (text: string) => number;

/** Kinds of tokenizers that the library has; the others would count something without an error. */
const MODELS = ['BPE', 'Unigram', 'WordPiece'];

interface TokenizerFile {
  readonly model: { readonly type: string };
  readonly added_tokens: readonly unknown[];
}

/** Looks at the shape of a `tokenizer.json`, which is cheap, and makes nothing of it. Throws as `readTokenizer` does, which finds more. */
export function checkTokenizer(json: string): void {
  fileOf(parsed(json));
}

/**
 * Makes a counter of a `tokenizer.json`. Throws `RangeError` saying what of it is missing or not supported, `SyntaxError` where it is no JSON; neither
 * quotes the file.
 */
export async function readTokenizer(json: string): Promise<CountText> {
  const file = fileOf(parsed(json));
  const { Tokenizer } = await import('@huggingface/tokenizers');
  let tokenizer: InstanceType<typeof Tokenizer>;
  try {
    tokenizer = new Tokenizer({ ...file, added_tokens: file.added_tokens.filter((token) => !isSpecial(token)) }, {});
    tokenizer.encode('a', { add_special_tokens: false });
  } catch (error) {
    throw new RangeError(`is not supported: ${unsupportedPart(error)}`, { cause: error });
  }
  return (text) => (text === '' ? 0 : tokenizer.encode(text, { add_special_tokens: false }).ids.length);
}

/** The file as an object. The parser's message would quote the text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SyntaxError('is not JSON');
  }
}

function fileOf(value: unknown): TokenizerFile {
  const { model, added_tokens: added = [], ...parts } = isObject(value) ? value : {};
  if (!isObject(model) || model['vocab'] === undefined) throw new RangeError('has no "model" with a "vocab"');
  if (!Array.isArray(added)) throw new RangeError('has "added_tokens" that are no list');
  // old files of byte-pair encoding do not say what they are
  const told = model['type'] ?? (Array.isArray(model['merges']) ? 'BPE' : null);
  const type = typeof told === 'string' ? told : 'of no type';
  if (!MODELS.includes(type)) throw new RangeError(`has a model ${type}; ${MODELS.join(', ')} are supported`);
  const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return { ...none, ...parts, model: { ...model, type }, added_tokens: added as readonly unknown[] };
}

function isSpecial(token: unknown): boolean {
  return isObject(token) && token['special'] === true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The library names the part that it does not know ("Unknown Normalizer type: X"); anything else may quote what lies in the file. */
function unsupportedPart(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /^Unknown \w+ type: \w{1,40}$/.test(message) ? message : 'the library cannot make a tokenizer of it';
}
