/**
 * The reports of a week on their way to people: kept in the lake, mailed, posted to chats. In: documents, who gets which (config), what makes bytes
 * of them, and what sends. Out: what became of each message. Invariant: everything is rendered before the first claim, so that a document that
 * cannot be rendered costs no try; one message that fails keeps no other from being sent.
 */
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import { deliver } from './delivery.ts';
import type { Delivered, DeliveryWorld } from './delivery.ts';
import { LedgerError, Misconfigured, Transient } from './errors.ts';
import type { Mailer, ObjectStore, SendOutcome, Webhook } from './ports.ts';
import type { ReportDocument } from './report/document.ts';
import { teamKey } from './team-name.ts';

/** A report and whose it is; `team` null: everybody's. */
export interface AddressedReport {
  readonly document: ReportDocument;
  readonly team: string | null;
}

/** Who a mail is from and to. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  readonly replyTo?: string;
  /** moment the mail is dated with: when it is due, not when it is made */
  readonly dateMs: number;
}

/** What makes bytes of a document; the same document gives the same bytes. */
export interface ReportForms {
  mail(document: ReportDocument, envelope: Envelope): Uint8Array | Promise<Uint8Array>;
  /** a message of a chat, as its webhook takes it */
  chat(document: ReportDocument): unknown;
  page(document: ReportDocument): string | Promise<string>;
  text(document: ReportDocument): string | Promise<string>;
}

/** What sends. Without a mailer or a webhook's address nothing is sent there, and that is an outcome. */
export interface Senders {
  readonly mailer: Mailer;
  readonly webhook: (name: string) => Webhook;
}

/** One message that was to go out. */
export interface MessageResult {
  /** `mail` or `webhook NAME` */
  readonly channel: string;
  readonly team: string | null;
  readonly recipients: number;
  readonly delivered: Delivered;
}

/** Folder of the reports in the lake. */
export const REPORTS_FOLDER = 'reports/';

interface Message {
  readonly id: string;
  readonly channel: string;
  readonly team: string | null;
  readonly recipients: number;
  readonly send: () => Promise<SendOutcome>;
}

export interface DeliverInput {
  readonly world: DeliveryWorld;
  readonly reports: readonly AddressedReport[];
  readonly report: Config['report'];
  readonly forms: ReportForms;
  readonly senders: Senders;
  /** moment that mails are dated with, Unix milliseconds */
  readonly dateMs: number;
  /** folder of ids below `delivery/`: the last day of the week, or what an alert is told by */
  readonly about: string;
  readonly isAgain?: boolean;
  /** only to this team */
  readonly onlyTeam?: string;
}

/** Sends every message that the config asks for and that was not sent. */
export async function deliverReports(input: DeliverInput): Promise<MessageResult[]> {
  const { world, about, isAgain = false } = input;
  const messages = await messagesOf(input);
  const results: MessageResult[] = [];
  for (const { id, channel, team, recipients, send } of messages) {
    const whose = team === null ? '' : ' of a team';
    const delivery = { id: `${about}/${id}`, about: `${about}, ${channel}${whose}`, isAgain };
    results.push({ channel, team, recipients, delivered: await deliver(world, delivery, send) });
  }
  return results;
}

/** Names of the messages that the config asks for, below `delivery/WEEK/`. */
export function messageIds({ mail, webhooks }: Config['report']): string[] {
  return [
    ...(mail === undefined || mail.to.length === 0 ? [] : ['mail']),
    ...Object.keys(mail?.teams ?? {}).map(teamMailId),
    ...webhooks.map(({ name }) => `webhook-${name}`),
  ];
}

/** Names of teams may hold anything; the id says nothing about them. */
function teamMailId(team: string): string {
  return `mail-${digest(teamKey(team))}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function messagesOf(input: DeliverInput): Promise<Message[]> {
  const { report, reports, forms, senders, onlyTeam, dateMs } = input;
  const { mail, webhooks } = report;
  const wanted = onlyTeam === undefined ? null : teamKey(onlyTeam);
  const documentOf = (team: string | null): ReportDocument | null =>
    reports.find((one) => (one.team === null ? team === null : team !== null && teamKey(one.team) === teamKey(team)))
      ?.document ?? null;
  const isWanted = (team: string | null): boolean => wanted === null || (team !== null && teamKey(team) === wanted);
  const mails: [id: string, team: string | null, to: readonly string[]][] =
    mail === undefined
      ? []
      : [
          ...(mail.to.length === 0 ? [] : ([['mail', null, mail.to]] as [string, null, readonly string[]][])),
          ...Object.entries(mail.teams).map(([team, to]): [string, string, readonly string[]] => [
            teamMailId(team),
            team,
            to,
          ]),
        ];
  const messages: Message[] = [];
  for (const [id, team, to] of mails) {
    const document = documentOf(team);
    if (document === null || mail === undefined || !isWanted(team)) continue;
    const { from } = mail;
    const raw = await forms.mail(document, envelopeOf(report, team, dateMs));
    messages.push({
      id,
      channel: 'mail',
      team,
      recipients: to.length,
      send: async () => await senders.mailer.send({ from, to, raw }),
    });
  }
  for (const { name, team = null } of webhooks) {
    const document = documentOf(team);
    if (document === null || !isWanted(team)) continue;
    const json = JSON.stringify(forms.chat(document));
    messages.push({
      id: `webhook-${name}`,
      channel: `webhook ${name}`,
      team,
      recipients: 1,
      send: async () => await senders.webhook(name).post(json),
    });
  }
  return messages;
}

/** Where the reports of a week lie in the lake; those of teams under a hash, because their names may be anything. */
export function reportFolder(weekEnd: string, team: string | null): string {
  return `${REPORTS_FOLDER}${weekEnd}/${team === null ? '' : `teams/${digest(teamKey(team))}/`}`;
}

/** Keeps pages, texts and mails in the lake; the same report is the same bytes, so that keeping it twice changes nothing. */
export async function keepReports(
  store: ObjectStore,
  { reports, forms, report, dateMs }: Pick<DeliverInput, 'reports' | 'forms' | 'report' | 'dateMs'>,
): Promise<void> {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  for (const { document, team } of reports) {
    const folder = reportFolder(document.weekEnd, team);
    const bytes = await forms.mail(document, envelopeOf(report, team, dateMs));
    await store.put(`${folder}report.eml`, bytes);
    await store.put(`${folder}report.txt`, text(await forms.text(document)));
    // last: where the page is, the rest is
    await store.put(`${folder}report.html`, text(await forms.page(document)));
  }
}

/** The envelope that config gives a report; where it names nobody, the reserved domain of examples stands in a file that is never sent. */
export function envelopeOf({ mail }: Config['report'], team: string | null, dateMs: number): Envelope {
  const to =
    team === null
      ? (mail?.to ?? [])
      : (Object.entries(mail?.teams ?? {}).find(([name]) => teamKey(name) === teamKey(team))?.[1] ?? []);
  return {
    from: mail?.from ?? 'inference-ledger@example.invalid',
    to: to.length === 0 ? ['nobody@example.invalid'] : to,
    dateMs,
    ...(mail?.reply_to === undefined ? {} : { replyTo: mail.reply_to }),
  };
}

/** Some messages were not sent, or may not have been, and no retry helps: a person must. */
export class NotDelivered extends LedgerError {}

/** What came out, as a person or an alarm is told: throws `Transient` where a retry helps, `NotDelivered` where only a person can. */
export function checkDelivered(results: readonly MessageResult[], command: string): void {
  const open = results.filter(({ delivered }) => delivered.kind !== 'sent');
  if (open.length === 0) return;
  const told = open.map(({ channel, team, delivered }) => {
    const reason = delivered.kind === 'sent' ? '' : delivered.reason;
    return `${channel}${team === null ? '' : ` of team ${JSON.stringify(team.slice(0, 80))}`}: ${delivered.kind}, ${reason}`;
  });
  const isLater = open.some(({ delivered }) => delivered.kind === 'refused' && delivered.isRetryable);
  const message = `${open.length} of ${results.length} messages are not known to be sent: ${told.join('; ')}`;
  if (isLater) throw new Transient(message, { hint: 'run it again: what was sent is not sent twice' });
  const hasUnknown = open.some(({ delivered }) => delivered.kind === 'unknown');
  throw new NotDelivered(message, {
    hint: hasUnknown
      ? `ask one of those it was to go to; if it did not come: ${command} --send-again`
      : `change what was refused, then: ${command} --send`,
  });
}

/** Teams that config names and that have no report: they had no calls, or their name is another one. */
export function teamsWithoutReport(report: Config['report'], reports: readonly AddressedReport[]): string[] {
  const known = new Set(reports.flatMap(({ team }) => (team === null ? [] : [teamKey(team)])));
  const named = [
    ...Object.keys(report.mail?.teams ?? {}),
    ...report.webhooks.flatMap(({ team }) => (team === undefined ? [] : [team])),
  ];
  return [...new Set(named)].filter((team) => !known.has(teamKey(team)));
}

/** A report that nobody is named to get is made and kept all the same; who asks to send it is told. */
export function checkRecipients(report: Config['report']): void {
  if (messageIds(report).length > 0) return;
  throw new Misconfigured('the config names nobody to send the report to', {
    hint: 'add report.mail {from, to} or report.webhooks (docs/config.md)',
  });
}
