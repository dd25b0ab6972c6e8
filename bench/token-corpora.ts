/**
 * Six corpora of real text for the tokenizer benches, made once below .cache: prose (readmes), code (declarations) of the installed packages, JSON
 * logs (generated), Chinese and Japanese, other scripts (manual pages of Debian, fetched with `apt-get download`), and prose with emoji. In: nothing. Out: documents
 * of some 4,000 UTF-16 units, no two alike; 8 MB of each where there is as much.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '../lib/generate/random.ts';

export const CORPORA = ['prose', 'code', 'JSON', 'CJK', 'other scripts', 'emoji'] as const;
export type Corpus = (typeof CORPORA)[number];

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PLACE = `${ROOT}.cache/token-corpora/`;
const BYTES = 8_000_000;
const UNITS_A_DOCUMENT = 4_000;
const PAGES = { CJK: 'ja zh_CN zh_TW', 'other scripts': 'ru uk' } as const;
const PACKAGES = ['manpages-ja', 'manpages-zh', 'manpages-ru', 'manpages-uk'];

/** Documents of a corpus. Throws what `apt-get` says where manual pages cannot be fetched. */
export function documentsOf(corpus: Corpus): string[] {
  const file = `${PLACE}${corpus.replaceAll(' ', '-')}.txt`;
  if (!existsSync(file)) {
    mkdirSync(PLACE, { recursive: true });
    const bytes = Buffer.from(MAKERS[corpus]()).subarray(0, BYTES);
    writeFileSync(file, bytes);
  }
  const text = readFileSync(file, 'utf8');
  const documents = new Set<string>();
  for (let at = 0; at < text.length; at += UNITS_A_DOCUMENT) documents.add(text.slice(at, at + UNITS_A_DOCUMENT));
  return [...documents];
}

const MAKERS: Readonly<Record<Corpus, () => string>> = {
  prose: () => joined('node_modules/**/*.md').replaceAll(/```[\s\S]*?```|<[^>]+>|\(https?:[^)]*\)/g, ''),
  code: () => joined('node_modules/**/*.d.ts'),
  JSON: jsonLogs,
  CJK: () => manualPages('CJK'),
  'other scripts': () => manualPages('other scripts'),
  emoji: withEmoji,
};

/** Files of a pattern in order of their names, until there is enough, each once. */
function joined(pattern: string): string {
  const seen = new Set<string>();
  let length = 0;
  for (const path of globSync(pattern, { cwd: ROOT }).toSorted()) {
    const text = readFileSync(`${ROOT}${path}`, 'utf8');
    if (seen.has(text)) continue;
    seen.add(text);
    length += text.length;
    if (length > 3 * BYTES) break;
  }
  return [...seen].join('\n');
}

function jsonLogs(): string {
  const random = createRandom(1);
  const lines: string[] = [];
  for (let bytes = 0; bytes < BYTES; bytes += lines.at(-1)?.length ?? 0)
    lines.push(
      JSON.stringify({
        ts: new Date(1_760_000_000_000 + random.below(2_000_000_000)).toISOString(),
        id: `chatcmpl-${random.hex(24)}`,
        model: random.pick(['gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-pro']),
        usage: { prompt_tokens: random.skewed(2_000, 1), completion_tokens: random.skewed(300, 1) },
        cost: random.next(),
        team: random.pick(['search', 'growth', 'ml-platform']),
      }),
    );
  return lines.join('\n');
}

function manualPages(corpus: keyof typeof PAGES): string {
  const place = `${PLACE}pages/`;
  if (!existsSync(place)) {
    mkdirSync(place, { recursive: true });
    execFileSync('apt-get', ['download', ...PACKAGES], { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] });
    for (const archive of globSync('*.deb', { cwd: place }))
      execFileSync('dpkg-deb', ['-x', `${place}${archive}`, place]);
  }
  const quota = (2 * BYTES) / PAGES[corpus].split(' ').length;
  return PAGES[corpus]
    .split(' ')
    .map((language) => {
      let text = '';
      for (const path of globSync(`usr/share/man/${language}/**/*.gz`, { cwd: place }).toSorted()) {
        text += gunzipSync(readFileSync(`${place}${path}`))
          .toString('utf8')
          .replaceAll(/^\.\w+ ?|\\f.|\\-/gm, '');
        if (Buffer.byteLength(text) > quota) break;
      }
      return Buffer.from(text).subarray(0, quota).toString('utf8');
    })
    .join('\n');
}

function withEmoji(): string {
  const random = createRandom(2);
  const words = MAKERS.prose().match(/\w+/g) ?? [];
  const faces = (): string => String.fromCodePoint(0x1f300 + random.below(0x350));
  const parts: string[] = [];
  for (let bytes = 0; bytes < BYTES; bytes += Buffer.byteLength(parts.at(-1) ?? ''))
    parts.push(
      `${random.chance(0.5) ? `${random.pick(words)} ` : ''}${faces()}${random.pick([`\u200d${faces()}`, '\u{1f3fd}', '\ufe0f', ' ', ''])}`,
    );
  return parts.join('');
}
