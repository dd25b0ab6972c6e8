/**
 * The seams between the journey and the world: object store, SQL engine, table catalog, clock, log, progress. Small on purpose.
 * Adapters in `adapters/local` (folder + DuckDB) implement them; every adapter passes the same contract suite (`tests/contracts`).
 * Nothing behind these interfaces may be reached in another way: that is what lets a test simulate time, crashes and races.
 */

/** One object as listed. `version` changes whenever the content may have changed; `sequencer` orders versions of one key where the store has one. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  readonly lastModifiedMs: number;
  readonly version: string;
  readonly sequencer: string | null;
}

/** An opened object: what was actually read (it may be newer than what was listed) and its bytes. */
export interface OpenedObject {
  readonly info: ObjectInfo;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ObjectStore {
  /** All objects whose key starts with `prefix`, in key order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Opens an object; throws `Transient` if it vanished. */
  open(key: string): Promise<OpenedObject>;
  /** Whole content of a small object, or null if there is none. */
  read(key: string): Promise<Uint8Array | null>;
  /** Writes atomically: a reader sees the old content or the new, never a part. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Writes atomically unless the key exists; says which of two racing writers won. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  remove(keys: readonly string[]): Promise<void>;
}

export type SqlValue = string | number | bigint | boolean | null | readonly string[];
/** A result row: decimals and bigints as strings of digits, dates and timestamps as ISO text, lists and maps as JSON values. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A Parquet file written by a statement: its key and its partition values. */
export interface WrittenFile {
  readonly key: string;
  readonly partition: Readonly<Record<string, string>>;
  readonly rows: number;
}

export interface SqlEngine {
  /** Makes rows visible as a small table `name` to later statements. */
  table(name: string, columns: Readonly<Record<string, string>>, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Makes Parquet objects of one schema visible as `name`; no keys gives an empty table with these columns. */
  files(name: string, columns: Readonly<Record<string, string>>, keys: readonly string[]): Promise<void>;
  query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlRow[]>;
  execute(sql: string): Promise<void>;
  /** Forgets all tables and gives their memory back: between statements over large data, so that the peak does not grow with their number. */
  reset(): Promise<void>;
  /** Runs one SELECT and writes its rows as Parquet below `prefix`, partitioned by the last columns. One statement, one snapshot. */
  write(select: string, prefix: string, partitionBy: readonly string[]): Promise<WrittenFile[]>;
}

/** Which generation serves each day, and where the tables that are not by day lie. Switched as a whole. */
export interface CatalogState {
  readonly revision: number;
  /** table → partition value → object keys */
  readonly tables: Readonly<Record<string, Readonly<Record<string, PartitionPointer>>>>;
}

export interface PartitionPointer {
  readonly generation: string;
  readonly keys: readonly string[];
  readonly rows: number;
  /** what the partition was made from: for `usage` the id of the exact set of commits it is right for, else a hash of its inputs */
  readonly madeFrom: string;
}

export interface TableCatalog {
  read(): Promise<CatalogState>;
  /** Points partitions at new generations in one step; returns false, changing nothing, if the revision moved since `expected`. */
  switch(expected: number, changes: CatalogChanges): Promise<boolean>;
}

/** table → partition → its new pointer, or null to drop the partition. */
export type CatalogChanges = Readonly<Record<string, Readonly<Record<string, PartitionPointer | null>>>>;

/** A mail ready to be sent: `raw` are the bytes of the whole message (RFC 5322), of which nothing is changed on the way. */
export interface OutgoingMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Uint8Array;
}

/**
 * What became of one attempt to send. `refused`: it certainly was not sent, and may be tried again (`isRetryable`: without a change of anything).
 * What is neither sent nor refused for certain is thrown: it may have been sent, so that nobody may send it again unasked.
 */
export type SendOutcome =
  | {
      readonly kind: 'sent';
      readonly id: string;
      /** addresses that were refused while others were taken */
      readonly notTo?: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly isRetryable: boolean };

export interface Mailer {
  /** Tries once; throws where it is not known whether it was sent. */
  send(mail: OutgoingMail): Promise<SendOutcome>;
}

/** A webhook of a chat; its address is a secret that no message names. */
export interface Webhook {
  /** Posts JSON once; throws where it is not known whether it arrived. */
  post(json: string): Promise<SendOutcome>;
}

export interface Clock {
  nowMs(): number;
}

export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/** A live line while work runs; silent in pipes. */
export interface Progress {
  start(total: { objects: number; bytes: number }): void;
  advance(done: { objects?: number; bytes?: number; records?: number }): void;
  stop(): void;
}
