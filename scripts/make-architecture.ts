/**
 * Makes docs/architecture.svg, the picture of the deployed ledger.  node scripts/make-architecture.ts
 * In: boxes with the resource each stands for, and arrows between them. Out: one SVG for light and dark. A test holds its names against the
 * synthesized templates, so that the picture cannot tell of something that is not deployed.
 */
import { writeFileSync } from 'node:fs';

export interface PictureBox {
  readonly id: string;
  /** what it is in AWS */
  readonly kind: string;
  /** its own name, then a line on what it does */
  readonly name: string;
  readonly note: string;
  /** stack and logical id of the resource; null for what lies outside */
  readonly resource: readonly [stack: 'data' | 'pipeline' | 'report', type: string, id: string] | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const COLUMNS = [24, 212, 412, 612] as const;
/** The last column holds the longest name. */
const WIDTHS = [164, 180, 180, 216] as const;
const ROWS = [74, 174, 264, 384, 494, 604, 714, 804, 914, 1004] as const;
const HEIGHT = 66;
const LAKE = { x: 872, width: 244 } as const;

function box(
  id: string,
  [column, row]: readonly [number, number],
  [kind, name, note]: readonly [string, string, string],
  resource: PictureBox['resource'],
): PictureBox {
  const place = { x: COLUMNS[column] ?? 0, y: ROWS[row] ?? 0, width: WIDTHS[column] ?? 0, height: HEIGHT };
  return { id, kind, name, note, resource, ...place };
}

function folder(id: string, y: number, name: string, note: string, height = HEIGHT): PictureBox {
  const place = { x: LAKE.x + 14, y, width: LAKE.width - 28, height };
  return { id, kind: '', name, note, resource: ['data', 'AWS::S3::Bucket', 'Lake'], ...place };
}

/** Everything in the picture. */
export const BOXES: readonly PictureBox[] = [
  box('inbox', [0, 0], ['S3 bucket Inbox', 'inbox/…', 'your logs and corpora'], ['data', 'AWS::S3::Bucket', 'Inbox']),
  box('rule', [1, 0], ['EventBridge', 'InboxRule', 'Object Created'], ['pipeline', 'AWS::Events::Rule', 'InboxRule']),
  box('queue', [2, 0], ['SQS', 'InboxEvents', 'up to 30 s, one batch'], ['pipeline', 'AWS::SQS::Queue', 'InboxEvents']),
  box(
    'ingest',
    [3, 0],
    ['Lambda', 'Ingest', 'reads, prices, attributes'],
    ['pipeline', 'AWS::Lambda::Function', 'Ingest'],
  ),
  box(
    'dead',
    [2, 1],
    ['SQS', 'InboxDeadLetters', 'kept for 14 days'],
    ['pipeline', 'AWS::SQS::Queue', 'InboxDeadLetters'],
  ),
  box(
    'machine',
    [1, 2],
    ['Step Functions', 'Backfill', 'distributed map'],
    ['pipeline', 'AWS::StepFunctions::StateMachine', 'Backfill'],
  ),
  box(
    'backfill',
    [3, 2],
    ['Lambda', 'BackfillLand', '500 objects a batch'],
    ['pipeline', 'AWS::Lambda::Function', 'BackfillLand'],
  ),
  box(
    'key',
    [0, 3],
    ['Secrets Manager', 'HashKey', 'for keyed hashes only'],
    ['data', 'AWS::SecretsManager::Secret', 'HashKey'],
  ),
  box(
    'schedule',
    [1, 3],
    ['EventBridge Scheduler', 'SealSchedule', 'every 15 minutes'],
    ['pipeline', 'AWS::Scheduler::Schedule', 'SealSchedule'],
  ),
  box('seal', [2, 3], ['Lambda', 'Seal', 'each call once, exact'], ['pipeline', 'AWS::Lambda::Function', 'Seal']),
  box(
    'engine',
    [3, 3],
    ['Athena workgroup', 'inference-ledger-engine', 'landing/ → v1/ by CTAS'],
    ['data', 'AWS::Athena::WorkGroup', 'Engine'],
  ),
  box('people', [1, 4], ['you', 'SQL', 'console, query --stack'], null),
  box(
    'users',
    [2, 4],
    ['Athena workgroup', 'inference-ledger', 'stops at 100 GB a query'],
    ['data', 'AWS::Athena::WorkGroup', 'Users'],
  ),
  box(
    'tables',
    [3, 4],
    ['Glue database', 'inference_ledger', 'usage, spend_daily, views …'],
    ['data', 'AWS::Glue::Database', 'LedgerDatabase'],
  ),
  box(
    'alarms',
    [1, 5],
    ['CloudWatch', '18 alarms', 'late, failed, silent, costly'],
    ['report', 'AWS::CloudWatch::Alarm', ''],
  ),
  box('topic', [2, 5], ['SNS topic', 'Alarms', 'to your address'], ['report', 'AWS::SNS::Topic', 'Alarms']),
  box(
    'corporaRule',
    [0, 6],
    ['EventBridge', 'CorporaRule', 'corpora/ of the inbox'],
    ['pipeline', 'AWS::Events::Rule', 'CorporaRule'],
  ),
  box(
    'corporaQueue',
    [1, 6],
    ['SQS', 'CorporaEvents', 'up to 30 s, one batch'],
    ['pipeline', 'AWS::SQS::Queue', 'CorporaEvents'],
  ),
  box(
    'corporaDead',
    [1, 7],
    ['SQS', 'CorporaDeadLetters', 'kept for 14 days'],
    ['pipeline', 'AWS::SQS::Queue', 'CorporaDeadLetters'],
  ),
  box(
    'documentsSchedule',
    [2, 7],
    ['EventBridge Scheduler', 'DocumentsSchedule', 'every hour, what is left'],
    ['pipeline', 'AWS::Scheduler::Schedule', 'DocumentsSchedule'],
  ),
  box(
    'documentsReader',
    [3, 6],
    ['Lambda', 'Documents', 'extracts and counts tokens'],
    ['pipeline', 'AWS::Lambda::Function', 'Documents'],
  ),
  box(
    'reportSchedule',
    [0, 8],
    ['Scheduler', 'ReportSchedule', 'weekly, in your zone'],
    ['report', 'AWS::Scheduler::Schedule', 'ReportSchedule'],
  ),
  box(
    'weekly',
    [1, 8],
    ['Step Functions', 'WeeklyReport', 'simulate, then report'],
    ['report', 'AWS::StepFunctions::StateMachine', 'WeeklyReport'],
  ),
  box(
    'simulate',
    [2, 8],
    ['Lambda', 'SimulateWeek', 'what levers would save'],
    ['report', 'AWS::Lambda::Function', 'SimulateWeek'],
  ),
  box(
    'report',
    [3, 8],
    ['Lambda', 'ReportWeek', 'page, mail, chat, at most once'],
    ['report', 'AWS::Lambda::Function', 'ReportWeek'],
  ),
  box(
    'checkSchedule',
    [0, 9],
    ['Scheduler', 'CheckSchedule', 'daily, in your zone'],
    ['report', 'AWS::Scheduler::Schedule', 'CheckSchedule'],
  ),
  box(
    'check',
    [3, 9],
    ['Lambda', 'CheckDay', 'budgets, anomalies, silence'],
    ['report', 'AWS::Lambda::Function', 'CheckDay'],
  ),
  {
    id: 'readers',
    kind: 'SES, SMTP, webhook',
    name: 'the mail on Monday',
    note: 'and alerts, when a line is crossed',
    resource: null,
    x: LAKE.x,
    y: ROWS[8],
    width: LAKE.width,
    height: HEIGHT,
  },
  folder('documents', 268, 'documents/', 'counts of documents, no text'),
  folder('landing', ROWS[0], 'landing/ + commits/', 'what was read, row by row'),
  folder('config', 190, 'config/', 'rules and prices, yours', 58),
  folder('sealed', ROWS[3], 'v1/sealed/ + v1/derived/', 'Parquet, by day'),
];

/** An arrow: its corners, and a word beside it. */
interface Arrow {
  readonly points: readonly (readonly [number, number])[];
  readonly word?: readonly [text: string, x: number, y: number];
}

const at = (id: string): PictureBox => {
  const found = BOXES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no box ${id}`);
  return found;
};
const left = (id: string): [number, number] => [at(id).x, at(id).y + at(id).height / 2];
const right = (id: string): [number, number] => [at(id).x + at(id).width, at(id).y + at(id).height / 2];
const top = (id: string): [number, number] => [at(id).x + at(id).width / 2, at(id).y];
const bottom = (id: string): [number, number] => [at(id).x + at(id).width / 2, at(id).y + at(id).height];
const straight = (from: string, to: string): Arrow => ({ points: [right(from), left(to)] });

function arrows(): Arrow[] {
  const [inboxX, inboxBottom] = bottom('inbox');
  const [configX, configY] = left('config');
  const [ingestX] = bottom('ingest');
  const [sealX] = top('seal');
  const landingY = left('landing')[1];
  return [
    straight('inbox', 'rule'),
    straight('rule', 'queue'),
    straight('queue', 'ingest'),
    straight('ingest', 'landing'),
    { points: [bottom('queue'), top('dead')], word: ['after 5 tries', sealX + 8, 161] },
    {
      points: [[inboxX, inboxBottom], [inboxX, left('machine')[1]], left('machine')],
      word: ['what lay there before', inboxX - 62, 322],
    },
    straight('machine', 'backfill'),
    { points: [right('backfill'), [836, right('backfill')[1]], [836, landingY + 14], [LAKE.x + 14, landingY + 14]] },
    {
      points: [
        [configX, configY - 8],
        [ingestX, configY - 8],
        [ingestX, bottom('ingest')[1]],
      ],
    },
    { points: [[configX, configY + 10], [854, configY + 10], [854, 358], [sealX, 358], top('seal')] },
    straight('schedule', 'seal'),
    straight('seal', 'engine'),
    straight('engine', 'sealed'),
    straight('people', 'users'),
    straight('users', 'tables'),
    {
      points: [right('tables'), [bottom('sealed')[0], right('tables')[1]], bottom('sealed')],
      word: ['explicit partitions', 870, right('tables')[1] + 18],
    },
    straight('alarms', 'topic'),
    straight('reportSchedule', 'weekly'),
    straight('weekly', 'simulate'),
    straight('simulate', 'report'),
    straight('report', 'readers'),
    straight('checkSchedule', 'check'),
    { points: [right('check'), [bottom('readers')[0], right('check')[1]], bottom('readers')] },
    { points: [left('inbox'), [12, left('inbox')[1]], [12, left('corporaRule')[1]], left('corporaRule')] },
    straight('corporaRule', 'corporaQueue'),
    straight('corporaQueue', 'documentsReader'),
    { points: [bottom('corporaQueue'), top('corporaDead')] },
    {
      points: [
        right('documentsSchedule'),
        [bottom('documentsReader')[0], right('documentsSchedule')[1]],
        bottom('documentsReader'),
      ],
    },
    {
      points: [
        right('documentsReader'),
        [846, right('documentsReader')[1]],
        [846, left('documents')[1]],
        left('documents'),
      ],
    },
  ];
}

const STYLE = `
svg { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
.ground { fill: #ffffff; stroke: #d0d7de; } .lake { fill: #f3f6f9; stroke: #1f5fa8; }
.box { fill: #ffffff; stroke-width: 1.6; } .data { stroke: #1f5fa8; } .pipeline { stroke: #1a7f4b; } .report { stroke: #a8590c; }
.outside { stroke: #57606a; stroke-dasharray: 4 3; }
.kind, .note, .word { fill: #4a535d; font-size: 12px; } .name { fill: #14181d; font-size: 14px; font-weight: 600; }
.title { fill: #14181d; font-size: 15px; font-weight: 600; } .arrow { fill: none; stroke: #4a535d; stroke-width: 1.6; } .head { fill: #4a535d; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0f1318; stroke: #39424d; } .lake { fill: #161c24; stroke: #6cb0ff; }
.box { fill: #1a212a; } .data { stroke: #6cb0ff; } .pipeline { stroke: #56c88a; } .report { stroke: #f0a35c; } .outside { stroke: #a4afbb; }
.kind, .note, .word { fill: #b6c0cb; } .name, .title { fill: #f2f5f8; } .arrow { stroke: #a4afbb; } .head { fill: #a4afbb; }
}`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (className: string, x: number, y: number, shown: string): string =>
  `<text class="${className}" x="${x}" y="${y}">${escaped(shown)}</text>`;

function boxSvg({ x, y, width, height, kind, name, note, resource }: PictureBox): string {
  const lines = [...(kind === '' ? [] : [['kind', kind] as const]), ['name', name] as const, ['note', note] as const];
  const first = y + (height - lines.length * 18) / 2 + 13;
  return [
    `<rect class="box ${resource?.[0] ?? 'outside'}" x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/>`,
    ...lines.map(([className, shown], i) => text(className, x + 10, first + i * 18, shown)),
  ].join('\n');
}

function arrowSvg({ points, word }: Arrow): string {
  const [end, before] = [points.at(-1) ?? [0, 0], points.at(-2) ?? [0, 0]];
  const [dx, dy] = [Math.sign(end[0] - before[0]), Math.sign(end[1] - before[1])];
  const [backX, backY] = [end[0] - 8 * dx, end[1] - 8 * dy];
  const head = [end, [backX + 4 * dy, backY + 4 * dx], [backX - 4 * dy, backY - 4 * dx]];
  const path = [...points.slice(0, -1), [backX, backY]].map((point) => point.join(' ')).join(' L ');
  return [
    `<path class="arrow" d="M ${path}"/>`,
    `<path class="head" d="M ${head.map((point) => point.join(' ')).join(' L ')} Z"/>`,
    ...(word === undefined ? [] : [text('word', word[1], word[2], word[0])]),
  ].join('\n');
}

const LEGEND = [
  ['data', 'inference-ledger-data (kept)'],
  ['pipeline', 'inference-ledger-pipeline'],
  ['report', 'inference-ledger-report'],
] as const;

/** The picture as text. */
export function architecturePicture(): string {
  const [width, height] = [1140, 1092];
  const lake = `<rect class="lake" x="${LAKE.x}" y="50" width="${LAKE.width}" height="418" rx="9"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">The deployed ledger</title>
<desc id="desc">A log in the inbox bucket becomes an event, waits in a queue, and is read by the ingest function into landing. Every 15 minutes the seal function writes the public tables with Athena. People ask them with SQL in a workgroup of their own. Documents below corpora/ go through a queue of their own to a function that extracts and counts. Once a week a state machine simulates the last week and mails its report; a check runs daily.</desc>
<style>${STYLE}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${text('title', 24, 38, 'From a log in your bucket to an answer in Athena')}
${lake}
${text('kind', LAKE.x + 14, 66, 'S3 bucket Lake')}
${BOXES.map(boxSvg).join('\n')}
${arrows().map(arrowSvg).join('\n')}
${LEGEND.map(([name, shown], i) => `<rect class="box ${name}" x="${LAKE.x}" y="${612 + i * 22}" width="14" height="14" rx="3"/>\n${text('note', LAKE.x + 22, 624 + i * 22, shown)}`).join('\n')}
${text('note', LAKE.x, 604, 'Three stacks:')}
</svg>
`;
}

if (import.meta.main) writeFileSync(new URL('../docs/architecture.svg', import.meta.url), architecturePicture());
