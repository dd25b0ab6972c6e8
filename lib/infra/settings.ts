/**
 * What the stacks are made from: the checked section `aws` of the config and the few other things a template needs. `bin/cdk.ts` puts it
 * together; nothing below `lib/infra` reads a file. Folders of the lake are named here once, for permissions and lifecycles.
 */
import { CfnDeletionPolicy } from 'aws-cdk-lib';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { AwsConfig } from '../config-aws.ts';
import type { Table } from '../schema.ts';

/** Runtime and processor of every function. */
export const RUNTIME = Runtime.NODEJS_24_X;
export const ARCHITECTURE = Architecture.ARM_64;

/** A view as `lib/report/views.ts` describes it, with its SQL. */
export interface ViewSource {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly doc: string }[];
  readonly sql: string;
}

/** A statement for people, with the comment it begins with as its description. */
export interface QuerySource {
  readonly name: string;
  readonly sql: string;
}

/** When reports go out and through what, as config `report` says. */
export interface ReportSettings {
  /** IANA name of the zone in which the hours below are meant */
  readonly timezone: string;
  /** 1 = Monday … 7 = Sunday */
  readonly weekday: number;
  readonly hour: number;
  /** sender's address; null: nobody is mailed */
  readonly from: string | null;
  /** whether mail goes through SES */
  readonly usesSes: boolean;
  /** ARNs of secrets that hold addresses of webhooks or the password of a mail server */
  readonly secretArns: readonly string[];
}

/** Everything a template depends on. */
export interface LedgerSettings {
  readonly aws: AwsConfig;
  /** config `keep.landing_days` */
  readonly landingDays: number;
  readonly tables: readonly Table[];
  readonly views: readonly ViewSource[];
  readonly queries: readonly QuerySource[];
  readonly report: ReportSettings;
  /** the checkout: where `lambdas/` and the data files of the functions lie */
  readonly projectRoot: string;
  /** config file and price overlays to ship with the functions, as path in the config folder → file; an object below `config/` in the lake bucket wins */
  readonly configFiles: Readonly<Record<string, string>>;
}

/** Folders of the lake bucket. */
export const LAKE_FOLDERS = {
  landing: 'landing/',
  commits: 'commits/',
  firstSeen: 'first-seen/',
  documents: 'documents/',
  tables: 'v1/',
  config: 'config/',
  rulesInForce: 'rules-in-force.json',
  work: 'work/',
  backfill: 'backfill/',
  delivery: 'delivery/',
  reports: 'reports/',
  userResults: 'athena/users/',
  engineResults: 'athena/engine/',
} as const;

/** Folders in which only the seal writes, besides `v1/` and `landing/`. */
export const SEAL_FOLDERS = [
  'commit-sets/',
  'commit-packs/',
  'retired/',
  'retired-landing/',
  'retired-documents/',
  'cleared-landing/',
  'glue-following/',
  'catalog.json',
  'deployed-config.json',
  LAKE_FOLDERS.rulesInForce,
] as const;

/** Name of the database; the one for work tables ends in `_work`. */
export function databaseName(aws: AwsConfig): string {
  return aws.name.replaceAll('-', '_');
}

/** What becomes of resources that hold data when they leave the stack. */
export function deletionOf(aws: AwsConfig): CfnDeletionPolicy {
  return aws.removal === 'keep' ? CfnDeletionPolicy.RETAIN : CfnDeletionPolicy.DELETE;
}
