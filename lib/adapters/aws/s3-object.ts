/** How S3 tells of an object, as the port tells it. `version` is the ETag: the same in a list, a head and the answer that is read. */
import type { ObjectInfo } from '../../ports.ts';

/** The ETag without its quotes. */
export function versionOf(etag: string | undefined): string {
  return (etag ?? '').replace(/^W\//, '').replaceAll('"', '');
}

/** What S3 says of an object. Its headers tell whole seconds, so its lists are cut to them too. */
export function infoOf(
  key: string,
  bytes: number | undefined,
  lastModified: Date | undefined,
  etag: string | undefined,
): ObjectInfo {
  return {
    key,
    bytes: bytes ?? 0,
    lastModifiedMs: Math.floor((lastModified?.getTime() ?? 0) / 1000) * 1000,
    version: versionOf(etag),
    sequencer: null,
  };
}
