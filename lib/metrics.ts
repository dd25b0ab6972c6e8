/**
 * Names of the metrics that the functions write and the alarms watch, in one place so that they cannot drift apart. In: nothing. Out: names,
 * units and what each one counts. Invariant: one dimension (the deployment's name), never a team or a model: those belong in the lake.
 */

export const METRIC_NAMESPACE = 'InferenceLedger';
/** The one dimension of every metric; its value is config `aws.name`. */
export const METRIC_DIMENSION = 'service';

/** A metric as written to CloudWatch. */
export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Percent' | 'Bytes' | 'Seconds';
  readonly doc: string;
}

const count = (name: string, doc: string): Metric => ({ name, unit: 'Count', doc });

/** Every metric of the product. */
export const METRICS = {
  objectsLanded: count('ObjectsLanded', 'objects that were read and committed'),
  objectsNotRead: count('ObjectsNotRead', 'objects noted as too large or broken'),
  objectsReturned: count('ObjectsReturned', 'objects given back to the queue: an error, or no time left'),
  bytesRead: { name: 'BytesRead', unit: 'Bytes', doc: 'bytes of objects that were read' },
  records: count('Records', 'usage records that landed'),
  lines: count('Lines', 'lines read'),
  linesRejected: count('LinesRejected', 'lines that could not become usage'),
  sealFinished: count('SealFinished', '1 for every seal that ended well'),
  daysSealed: count('DaysSealed', 'days of which a new generation was written'),
  unpricedPercent: {
    name: 'UnpricedPercent',
    unit: 'Percent',
    doc: 'share of tokens without a price, over the days sealed last',
  },
  configInvalid: count('ConfigInvalid', '1 for every call that found an error in a file of config/'),
  documentsRead: count('DocumentsRead', 'documents of corpora that were read, rejected ones too'),
  documentsPending: count('DocumentsPending', 'objects of corpora that wait to be read, as each seal finds them'),
  reportsDelivered: count('ReportsDelivered', 'mails and chat messages of reports and alerts that were sent'),
  reportsInDoubt: count(
    'ReportsInDoubt',
    'messages that may or may not have been sent, and reports that are due and were not made or not sent',
  ),
  sourcesLate: count('SourcesLate', 'sources that owe something: their days are not complete'),
} as const satisfies Record<string, Metric>;

/** Name of one metric in this file. */
export type MetricKey = keyof typeof METRICS;
