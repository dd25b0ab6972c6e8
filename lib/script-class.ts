/** Classes of script: for tokenizers that are not public, what a character costs depends on its script more than on anything else. */
export const SCRIPT_CLASSES = [
  'latin',
  'cyrillic_greek',
  'cjk',
  'other_letters',
  'digits',
  'signs',
  'emoji',
  'space',
] as const;
export type ScriptClass = (typeof SCRIPT_CLASSES)[number];

/** Characters of a text by class, as UTF-16 units, so that their sum is its length; classes without any are left out. */
export type ScriptMix = Readonly<Partial<Record<ScriptClass, number>>>;
