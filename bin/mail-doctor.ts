/**
 * `doctor --stack`, check `mail`: whether a report could go out, before Monday shows it. In: config and the sender's identity as SES knows it. Out:
 * findings, each with what to do. Nothing is sent and nothing changed.
 */
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException } from '@aws-sdk/client-sesv2';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import { calling } from '../lib/adapters/aws/aws-errors.ts';
import type { Config } from '../lib/config.ts';
import { deliveryState } from '../lib/delivery.ts';
import { Misconfigured } from '../lib/errors.ts';
import { several } from '../lib/health/finding.ts';
import type { Finding } from '../lib/health/finding.ts';
import type { ObjectStore } from '../lib/ports.ts';
import { messageIds } from '../lib/report-delivery.ts';
import { lastReportWeek } from '../lib/report-time.ts';

interface MailWorld {
  readonly client: Pick<SESv2Client, 'send'>;
  readonly store: Pick<ObjectStore, 'list' | 'read'>;
  readonly config: Pick<Config, 'report' | 'week_start'>;
  readonly stack: string;
  readonly nowMs: number;
}

const CHECK = 'mail';

/** All findings about sending. */
export async function mailFindings(world: MailWorld): Promise<Finding[]> {
  const { mail } = world.config.report;
  const sent = await lastWeekFindings(world);
  if (mail === undefined) {
    const message =
      'report.mail is not set: reports are made and kept below reports/ of the lake bucket, and mailed to nobody';
    return [
      { level: 'note', check: CHECK, message, todo: 'add report.mail {from, to} to the config, and deploy' },
      ...sent,
    ];
  }
  if (mail.smtp !== undefined) {
    const message = `mail goes through the mail server ${mail.smtp.host}, not through SES`;
    return [{ level: 'ok', check: CHECK, message }, ...sent];
  }
  const identity = await identityFindings(world.client, mail.from, world.stack);
  const recipients = [...new Set([...mail.to, ...Object.values(mail.teams).flat()])];
  return [...identity, ...(await accountFindings(world.client, recipients)), ...sent];
}

interface Known {
  readonly isVerified: boolean;
}

/** The identity as SES has it; null where it has none, or where looking is denied. */
async function identityOf(client: MailWorld['client'], name: string): Promise<Known | 'absent' | 'denied'> {
  try {
    const about = { action: 'ses:GetEmailIdentity', on: `identity ${name}` };
    const { VerifiedForSendingStatus: isVerified = false } = await calling(
      about,
      async () => await client.send(new GetEmailIdentityCommand({ EmailIdentity: name })),
    );
    return { isVerified };
  } catch (error) {
    if (error instanceof Error && error.cause instanceof NotFoundException) return 'absent';
    if (error instanceof Misconfigured && / was denied on /.test(error.message)) return 'denied';
    throw error;
  }
}

async function identityFindings(client: MailWorld['client'], from: string, stack: string): Promise<Finding[]> {
  const domain = from.slice(from.indexOf('@') + 1);
  const [address, ofDomain] = [await identityOf(client, from), await identityOf(client, domain)];
  const found = [address, ofDomain];
  if (found.includes('denied'))
    return [
      {
        level: 'note',
        check: CHECK,
        message: `ses:GetEmailIdentity is denied to these credentials: whether ${from} may send is not known`,
        todo: `attach the policy of the output SenderPolicy of ${stack}-report`,
      },
    ];
  // an identity of the address itself stands before that of its domain, also while it is not verified
  const [name, known] = address === 'absent' ? [domain, ofDomain] : [from, address];
  if (known === 'absent' || known === 'denied')
    return [
      {
        level: 'problem',
        check: CHECK,
        message: `neither ${from} nor ${domain} is an identity of SES in this account and region`,
        todo: `deploy with aws.ses.create_identity, or make one: aws sesv2 create-email-identity --email-identity ${domain}`,
      },
    ];
  if (known.isVerified) return [{ level: 'ok', check: CHECK, message: `${name} is verified and may send` }];
  const isAddress = name === from;
  return [
    {
      level: 'problem',
      check: CHECK,
      message: `the identity ${name} is not verified: SES refuses every mail from ${from}`,
      todo: isAddress
        ? `open the mail that AWS sent to ${from} and follow its link; no mail? delete the identity and deploy again`
        : `add the DKIM records of the identity to the DNS of ${domain}: aws sesv2 get-email-identity --email-identity ${domain}`,
    },
  ];
}

async function accountFindings(client: MailWorld['client'], recipients: readonly string[]): Promise<Finding[]> {
  try {
    const about = { action: 'ses:GetAccount', on: 'this account' };
    const account = await calling(about, async () => await client.send(new GetAccountCommand({})));
    const findings: Finding[] = [];
    if (account.SendingEnabled === false)
      findings.push({
        level: 'problem',
        check: CHECK,
        message: 'SES has paused sending for this account',
        todo: 'look at "Account dashboard" of SES, and answer AWS there',
      });
    if (account.ProductionAccessEnabled !== true) findings.push(await sandboxFinding(client, recipients));
    return findings;
  } catch (error) {
    if (!(error instanceof Misconfigured) || !/ was denied on /.test(error.message)) throw error;
    return [
      {
        level: 'note',
        check: CHECK,
        message: 'ses:GetAccount is denied to these credentials: whether the account is in the sandbox is not known',
        todo: 'ask somebody who may: aws sesv2 get-account',
      },
    ];
  }
}

/** In the sandbox SES takes mail to verified recipients only. */
async function sandboxFinding(client: MailWorld['client'], recipients: readonly string[]): Promise<Finding> {
  const unverified: string[] = [];
  for (const address of recipients) {
    const domain = address.slice(address.indexOf('@') + 1);
    const known = [await identityOf(client, address), await identityOf(client, domain)];
    if (!known.some((one) => typeof one === 'object' && one.isVerified)) unverified.push(address);
  }
  if (unverified.length === 0)
    return {
      level: 'note',
      check: CHECK,
      message: 'the account is in the sandbox of SES, and every recipient is verified',
    };
  return {
    level: 'problem',
    check: CHECK,
    message: `the account is in the sandbox of SES, which refuses mail to recipients that are not verified: ${several(unverified.length, 'address', 'addresses')}`,
    where: unverified.slice(0, 20),
    todo: 'ask for production access (SES console, "Get set up"), or verify them: aws sesv2 create-email-identity --email-identity ADDRESS',
  };
}

/** What became of the messages of the last week. */
async function lastWeekFindings({ store, config, stack, nowMs }: MailWorld): Promise<Finding[]> {
  const { to: week } = lastReportWeek(nowMs, config);
  const findings: Finding[] = [];
  let sent = 0;
  for (const id of messageIds(config.report)) {
    const state = await deliveryState(store, `${week}/${id}`);
    if (state.kind === 'sent') sent++;
    if (state.kind === 'unknown' || state.kind === 'refused')
      findings.push({
        level: 'problem',
        check: CHECK,
        message: `the report of the week to ${week} (${id}) is ${state.kind === 'unknown' ? 'in doubt' : 'refused'}: ${state.reason}`,
        where: [`delivery/${week}/${id}/`],
        todo: `inference-ledger report --stack ${stack} --week ${week} ${state.kind === 'unknown' ? '--send-again, if it did not come' : '--send'}`,
      });
  }
  if (sent > 0)
    findings.push({ level: 'ok', check: CHECK, message: `${several(sent, 'message')} of the week to ${week} sent` });
  return findings;
}
