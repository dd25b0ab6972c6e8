/** Reads the imports of our own sources and says which of them break the layering of the design. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const STAGES = [
  'ingest',
  'normalize',
  'count',
  'price',
  'attribute',
  'write',
  'seal',
  'simulate',
  'report',
  'watch',
  'generate',
  'documents',
  'estimate',
];
/** Files directly in lib/ that compose stages; everything else there is shared by all. */
export const JOURNEY = [
  'journey.ts',
  'object-pass.ts',
  'lake-seal.ts',
  'decide.ts',
  'carry-over.ts',
  'moves.ts',
  'restamp.ts',
  'reprice.ts',
  'retract.ts',
  'ledger-tools.ts',
  'land-objects.ts',
  'corpora.ts',
  'land-documents.ts',
  'corpus-tools.ts',
  'document-reader-version.ts',
  'rules-source.ts',
  'simulation.ts',
  'inbox-prompts.ts',
  'prompt-calibration.ts',
  'prompt-rewrites.ts',
  'reporting.ts',
  'savings.ts',
  'watching.ts',
  'checking.ts',
  'period-size.ts',
  'estimation.ts',
  'model-offers.ts',
  'report-delivery.ts',
  'reporting.ts',
  'report-forms.ts',
  'alert-document.ts',
];
const FORBIDDEN_IN_STAGES =
  /^(node:(fs|fs\/promises|child_process|net|http|https|os|worker_threads|dgram|cluster)|@aws-sdk\/|aws-cdk-lib|constructs|@duckdb\/)/;
const AMBIENT = /\b(Date\.now\(|new Date\(\)|Math\.random\(|process\.env|performance\.now\()/;

export function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .toSorted();
}

/** Violations of one file, given its path from the root and its text. */
export function violations(path: string, text: string): string[] {
  const found: string[] = [];
  const parts = path.split('/');
  const stage = parts[0] === 'lib' && STAGES.includes(parts[1] ?? '') ? parts[1] : null;
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1] ?? '');
  for (const specifier of imports) {
    const target = specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : null;
    if (stage) found.push(...stageViolations(path, stage, specifier, target));
    else if (
      parts[0] === 'lib' &&
      parts.length === 2 &&
      !JOURNEY.includes(parts[1] ?? '') &&
      target &&
      target.split('/').length > 2
    ) {
      found.push(`${path}: a shared file imports ${specifier}`);
    } else if (parts[1] === 'adapters' && target && JOURNEY.some((file) => target === `lib/${file}`)) {
      found.push(`${path}: an adapter imports the journey (${specifier})`);
    }
  }
  if (stage && AMBIENT.test(withoutComments(text)))
    found.push(`${path}: a stage reads the clock, chance or the environment`);
  return found;
}

function stageViolations(path: string, stage: string, specifier: string, target: string | null): string[] {
  if (target === null) return FORBIDDEN_IN_STAGES.test(specifier) ? [`${path}: a stage imports ${specifier}`] : [];
  const [top, second, third] = target.split('/');
  const isShared = top === 'lib' && third === undefined && !JOURNEY.includes(second ?? '');
  const isOwn = top === 'lib' && second === stage;
  return isShared || isOwn ? [] : [`${path}: a stage imports ${specifier}`];
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
