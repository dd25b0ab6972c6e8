/** Puts sending on AWS: SES or the mail server of the config, webhooks, and the notes of what was sent. In: config and store. Out: ports of delivery. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readSecretText } from '../lib/adapters/aws/secret-text.ts';
import { createSesMailer, sesClient } from '../lib/adapters/aws/ses-mailer.ts';
import { openSenders } from '../lib/adapters/mail/senders.ts';
import type { SenderConfig } from '../lib/adapters/mail/senders.ts';
import type { DeliveryWorld } from '../lib/delivery.ts';
import type { ObjectStore } from '../lib/ports.ts';
import type { Senders } from '../lib/report-delivery.ts';
import { newName } from './lake-wiring.ts';
import { CLOCK } from './wiring.ts';

/** Senders as the config names them. */
export function wireSenders(report: SenderConfig): Senders {
  const secrets = new SecretsManagerClient({});
  return openSenders(report, {
    variable: (name) => process.env[name],
    secret: async (arn) => await readSecretText(secrets, arn),
    ses: () => createSesMailer(sesClient()),
  });
}

/** Where it is noted what was sent. */
export function deliveryWorld(store: ObjectStore): DeliveryWorld {
  return { store, nowMs: () => CLOCK.nowMs(), newName };
}
