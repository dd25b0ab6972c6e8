/** Puts the reading of documents on AWS. In: the environment, the function's files, the time a call has. Out: what its handler needs. */
import { S3Client } from '@aws-sdk/client-s3';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import type { S3Store } from '../lib/adapters/aws/s3-store.ts';
import { READS_AT_ONCE, openDocumentReader } from '../lib/adapters/local/document-reader.ts';
import type { DocumentReaderPlaces } from '../lib/adapters/local/document-reader.ts';
import type { TimeLeft } from '../lib/batch-inbox.ts';
import type { Config } from '../lib/config.ts';
import type { KnownCommits } from '../lib/document-commits.ts';
import { documentReaderVersion } from '../lib/document-reader-version.ts';
import type { DocumentReader } from '../lib/documents/document.ts';
import type { DocumentWorld } from '../lib/land-documents.ts';
import { decideTools } from '../lib/ledger-tools.ts';
import type { DeployedFiles } from './deployed-files.ts';
import type { LedgerEnvironment } from './environment.ts';
import type { Telemetry } from './telemetry.ts';
import { CLOCK, SILENT, rulesReader } from './wiring.ts';

/** Makes what reads documents. Settings are read anew for every call; the processes that read stay between calls. */
export function wireDocuments(
  environment: LedgerEnvironment,
  files: DeployedFiles,
  telemetry: Telemetry,
  places: DocumentReaderPlaces,
): (time: TimeLeft) => Promise<{ readonly world: DocumentWorld; readonly inbox: S3Store }> {
  const client = new S3Client({});
  const lake = createS3Store({ client, bucket: environment.lakeBucket });
  const inbox = createS3Store({ client, bucket: environment.inboxBucket, prefix: environment.inboxPrefix });
  const rulesNow = rulesReader(environment, files, lake, telemetry);
  const known: KnownCommits = new Map();
  const readerOf = keptReader(places);
  return async (time) => {
    const { rules } = await rulesNow();
    const { documents } = rules.config;
    const { privacy } = decideTools(rules);
    const world: DocumentWorld = {
      inbox,
      lake,
      clock: CLOCK,
      log: telemetry,
      progress: SILENT,
      reader: await readerOf(documents),
      readerVersion: documentReaderVersion(documents),
      readsAtOnce: READS_AT_ONCE,
      objectName: (key) => privacy.objectName(key),
      time,
      known,
    };
    return { world, inbox };
  };
}

/** One reader as long as its settings stay. */
function keptReader(places: DocumentReaderPlaces): (documents: Config['documents']) => Promise<DocumentReader> {
  let kept: { readonly settings: string; readonly reader: DocumentReader } | null = null;
  return async (documents) => {
    const { settings } = documentReaderVersion(documents);
    if (kept?.settings !== settings) {
      await kept?.reader.close();
      kept = { settings, reader: openDocumentReader({ ...documents, tokenizers: {} }, '.', places) };
    }
    return kept.reader;
  };
}
