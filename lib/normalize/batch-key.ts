/**
 * Identity of batch result lines that carry no id of the provider: failures, and models that return none. In: the format, the caller's own
 * name of the line and what the line says. Out: a natural key. Invariant: it does not depend on where the file lies, so a copied file is
 * recognized, and two jobs that used the same names stay apart by what they answered or by the job's id in the path.
 */
import { hash } from 'node:crypto';
import type { JsonValue, LinkId } from '../record.ts';

/** Natural key of a line; `jobId` (null = not known) keeps equal answers of different jobs apart. */
export function batchLineKey(format: string, name: string, jobId: string | null, content: JsonValue): LinkId {
  const digest = hash('sha256', JSON.stringify(content));
  return { kind: 'natural', value: `${format}|${jobId ?? ''}|${name}|${digest}` };
}
