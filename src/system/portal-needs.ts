import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { MessageId, PortalPersonId } from '#core/ids';
import type { RecipientRecordPort } from '#core/recipient';
import type { TextPort } from '#core/text';
import type { Intake } from '#journey/1-intake';
import type { Transaction } from '#platform/database';
import { type PortalNeeds, type ReplyOutcome, type ReplySubmission, signInRuleOf } from '#products/portal';
import type { Pickups } from '#products/recipients';
import type { Directory } from './directory.ts';
import type { Foundation } from './foundation.ts';

const NOTICE_DAYS = 5;
const CODE_MINUTES = 15;

export interface PortalWiring {
  readonly foundation: Foundation;
  readonly directory: Directory;
  readonly intake: Intake<Transaction>;
  readonly pickups: Pickups;
  /** OpenID Connect for recipients, on the same terms as for staff. */
  readonly federation: NonNullable<PortalNeeds['federation']>;
  /** Public address of the portal as it is now; without it no passkeys are offered. */
  readonly publicUrl?: () => string;
  /** Texts to recipients, where there is such a room. */
  readonly texts?: TextPort<Transaction>;
  /** What staff put on record to recognise recipients by, where there is such a room. */
  readonly recipients?: RecipientRecordPort<Transaction>;
}

/** The ports through which the portal acts on other rooms. */
export function portalNeeds({
  foundation,
  directory,
  intake,
  pickups,
  ...more
}: PortalWiring): Omit<PortalNeeds, 'pdf'> {
  const { database, vault, blobs, audit, clock, logger, record, access } = foundation;
  return {
    ...more,
    database,
    vault,
    blobs,
    audit,
    clock,
    logger,
    placeOf: access.placeOf,
    async organisation(_tx, organisation) {
      const facts = await directory.facts(organisation);
      return {
        name: facts.name,
        locale: facts.locale,
        timeZone: facts.timeZone,
        domain: facts.domains[0] ?? null,
        separateSignIn: facts.separateSignIn,
        signIn: signInRuleOf(facts.portalSignIn),
      };
    },
    sendNotice(tx, notice) {
      const minutes = notice.body.kind === 'sign-in-code' ? CODE_MINUTES : NOTICE_DAYS * 1440;
      return record.sendNotice(tx, { notice, giveUpAt: new Date(clock.now().getTime() + minutes * 60_000) });
    },
    deliveryRead: (tx, organisation, delivery, at, by) =>
      record.deliveryRead(tx, organisation, delivery, at, by),
    deliveryUnread: (tx, organisation, delivery, at) => record.deliveryUnread(tx, organisation, delivery, at),
    deliveryUnproved: (tx, _organisation, delivery, reason, at) =>
      record.deliveryUnproved(tx, delivery, reason, at),
    deliveryExpired: (tx, organisation, delivery, at) =>
      record.deliveryExpired(tx, organisation, delivery, at),
    pickups,
    submitReply: (reply) => submitReply(intake, reply),
  };
}

/** A recipient's answer takes the same road as any message, with the right to send and no other. */
async function submitReply(intake: Intake<Transaction>, reply: ReplySubmission): Promise<ReplyOutcome> {
  const caller: Caller = {
    organisation: reply.organisation,
    actor: { kind: 'recipient', person: reply.person satisfies PortalPersonId },
    origin: { address: null, channel: 'portal' },
    permissions: new Set(['messages:send']),
    request: reply.id,
  };
  try {
    const accepted = await intake.submit(
      caller,
      { sender: reply.from, recipients: [reply.to] },
      reply.content.bytes ?? reply.content.open(),
      {
        source: 'portal',
        id: reply.id as MessageId,
        ...(reply.inReplyTo === null ? {} : { inReplyTo: reply.inReplyTo }),
      },
    );
    return { kind: 'accepted', message: accepted.id };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code };
    throw error;
  }
}
