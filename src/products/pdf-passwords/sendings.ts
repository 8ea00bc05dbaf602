import type { Address } from '#core/address';
import type { DeliveryId, NoticeId, OrganisationId, TextId } from '#core/ids';
import type { Message } from '#core/message';
import type { PortalPort } from '#core/portal';
import type { AcceptedPart, FollowingNotice } from '#core/protection';
import type { TextPort } from '#core/text';
import type { Database, Transaction } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { newFreshPassword } from './password-rule.ts';
import type { PdfPasswords } from './pdf-passwords.ts';
import { addPart, endSending, findSending, keepSending, type SendingRow } from './sending.store.ts';
import { findSettings } from './setting.store.ts';
import { DEFAULT_SETTINGS, type PasswordChannel, type PdfSettings } from './settings.ts';

export interface PdfSendingPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  readonly agreed: Pick<PdfPasswords, 'find'>;
  /** Null where this installation cannot send texts. */
  readonly texts: TextPort<Transaction> | null;
  readonly portal: Pick<PortalPort<Transaction>, 'placePassword'>;
  /** The language of a text that goes to a recipient of this organisation. */
  locale(organisation: OrganisationId): Promise<'en' | 'es'>;
}

interface Copy {
  readonly message: Message;
  readonly delivery: DeliveryId;
  readonly recipient: Address;
}

type Settle = (tx: unknown) => Promise<readonly FollowingNotice[]>;

/** A copy's password with the way it takes, and how far its mails came. */
export interface KeptSending {
  readonly channel: PasswordChannel;
  readonly password: string;
  readonly passwordId: string;
  readonly mostOctets: number;
  readonly plan: readonly (readonly number[])[] | null;
  readonly done: readonly AcceptedPart[];
  readonly settle: Settle | null;
  readonly otherwise: Settle | null;
}

/** Passwords and progress of protected PDFs on their way, for the protector. */
export interface PdfSendings {
  begin(copy: Copy): Promise<KeptSending | null>;
  divide(copy: Copy, sending: KeptSending, plan: readonly (readonly number[])[]): Promise<void>;
  accepted(organisation: OrganisationId, delivery: DeliveryId, part: AcceptedPart): Promise<void>;
}

const MEGABYTE = 1024 * 1024;
const DAY = 86_400_000;
const NOTICE_DAYS = 5;
/** Days that a password waits in the portal at least. */
const LEAST_DAYS = 7;

interface Chosen {
  readonly channel: PasswordChannel;
  readonly password: string;
  readonly passwordId: string;
}

/** Keeps one password a copy from before its first mail until all have arrived (see decision 23). */
export function createPdfSendings(ports: PdfSendingPorts): PdfSendings {
  return {
    async begin(copy) {
      const { organisation } = copy.message;
      const [row, found] = await ports.database.tenant([organisation], 'worker', (tx) =>
        Promise.all([findSending(tx, organisation, copy.delivery), findSettings(tx, organisation)]),
      );
      const settings = found ?? DEFAULT_SETTINGS;
      if (row !== undefined) return opened(ports, copy, row, settings);
      const chosen = await choose(ports, copy, settings);
      if (chosen === null) return null;
      if (chosen.channel === 'agreed') return sendingOf(ports, copy, chosen, settings, null, []);
      await keep(ports, copy, chosen, null);
      // What stands is what counts: another worker may have begun the same copy when our lease ran out.
      const kept = await ports.database.tenant([organisation], 'worker', (tx) =>
        findSending(tx, organisation, copy.delivery),
      );
      if (kept === undefined) throw new Error('a PDF sending vanished while it was begun');
      return opened(ports, copy, kept, settings);
    },
    async divide(copy, sending, plan) {
      if (!(await keep(ports, copy, sending, plan)))
        throw new Error('a PDF was divided after a part had gone');
    },
    async accepted(organisation, delivery, part) {
      const added = await ports.database.tenant([organisation], 'worker', (tx) =>
        addPart(tx, organisation, delivery, part),
      );
      if (!added) throw new Error('a part of a PDF was not the next');
    },
  };
}

/** The first way in the organisation's order that can reach this recipient. */
async function choose(ports: PdfSendingPorts, copy: Copy, settings: PdfSettings): Promise<Chosen | null> {
  const { organisation, class: level } = copy.message;
  for (const channel of settings.channels) {
    // What the high class needs two proofs for in the portal must not open by a password that one proof shows there.
    if (channel === 'portal' && level === 'high') continue;
    if (channel === 'agreed') {
      const agreed = await ports.agreed.find(organisation, copy.recipient);
      if (agreed !== null) return { channel, password: agreed.password, passwordId: agreed.id };
    } else if (channel === 'portal' || (await reachable(ports, copy))) {
      return { channel, password: newFreshPassword(), passwordId: newId(ports.clock) };
    }
  }
  return null;
}

async function reachable({ texts, database }: PdfSendingPorts, copy: Copy): Promise<boolean> {
  if (texts === null) return false;
  const { organisation } = copy.message;
  const reach = await database.tenant([organisation], 'worker', (tx) =>
    texts.reach(tx, organisation, copy.recipient),
  );
  return reach !== null;
}

const bindingOf = ({ message, delivery }: Copy) => ({
  organisation: message.organisation,
  field: 'pdf-sending.password',
  row: delivery,
});

async function keep(
  ports: PdfSendingPorts,
  copy: Copy,
  chosen: Chosen,
  plan: readonly (readonly number[])[] | null,
): Promise<boolean> {
  const { message, delivery } = copy;
  const { organisation } = message;
  const password = await ports.vault.sealValue('message', bindingOf(copy), chosen.password);
  const { channel, passwordId } = chosen;
  const keepUntil = new Date(message.giveUpAt.getTime() + DAY);
  return ports.database.tenant([organisation], 'worker', (tx) =>
    keepSending(tx, { organisation, delivery, channel, passwordId, password, plan, keepUntil }),
  );
}

async function opened(
  ports: PdfSendingPorts,
  copy: Copy,
  row: SendingRow,
  settings: PdfSettings,
): Promise<KeptSending> {
  const password = (await ports.vault.openValue(bindingOf(copy), row.password)).toString('utf8');
  const { channel, passwordId } = row;
  const done = row.done.map((part) => ({ ...part, at: new Date(part.at) }));
  return sendingOf(ports, copy, { channel, password, passwordId }, settings, row.plan, done);
}

function sendingOf(
  ports: PdfSendingPorts,
  copy: Copy,
  chosen: Chosen,
  settings: PdfSettings,
  plan: KeptSending['plan'],
  done: KeptSending['done'],
): KeptSending {
  const { channel, password } = chosen;
  const inPortal = settleBy(ports, copy, 'portal', (tx) => placeInPortal(ports, tx, copy, password));
  const mostOctets = settings.mostMegabytes * MEGABYTE;
  const kept = { ...chosen, mostOctets, plan, done };
  if (channel === 'portal') return { ...kept, settle: inPortal, otherwise: null };
  if (channel === 'agreed') {
    return { ...kept, settle: settleBy(ports, copy, channel, async () => []), otherwise: null };
  }
  const byText = settleBy(ports, copy, channel, (tx) => sendText(ports, tx, copy, password));
  // The mail is there and cannot be taken back: where no text can go any more (STOP was said in between), the portal is
  // the way that is always possible.
  return { ...kept, settle: byText, otherwise: inPortal };
}

/** The password on its way, the entry that says so, and the end of what was kept for further tries: together or not at all. */
function settleBy(
  ports: PdfSendingPorts,
  { message, delivery }: Copy,
  channel: PasswordChannel,
  bring: (tx: Transaction) => Promise<readonly FollowingNotice[]>,
): Settle {
  return async (opaque) => {
    // The record hands back the transaction it opened; only its type was hidden from it.
    const tx = opaque as Transaction;
    const notices = await bring(tx);
    await endSending(tx, message.organisation, delivery);
    if (channel === 'agreed') return notices;
    await ports.audit.append(tx, {
      organisation: message.organisation,
      action: 'pdf-password.sent',
      actor: { kind: 'system', component: 'conveyor' },
      origin: { address: null, channel: 'worker' },
      result: 'done',
      subjects: [
        { kind: 'message', id: message.id },
        { kind: 'delivery', id: delivery },
      ],
      details: { channel },
      sealedReference: null,
      request: null,
    });
    return notices;
  };
}

async function sendText(
  ports: PdfSendingPorts,
  tx: Transaction,
  { message, recipient }: Copy,
  password: string,
): Promise<readonly FollowingNotice[]> {
  const { organisation } = message;
  const linedUp = await ports.texts?.send(tx, {
    id: newId(ports.clock) as TextId,
    organisation,
    to: recipient,
    locale: await ports.locale(organisation),
    body: { kind: 'pdf-password', password },
  });
  if (linedUp !== true) throw new Error('a text cannot reach this recipient any more');
  return [];
}

async function placeInPortal(
  ports: PdfSendingPorts,
  tx: Transaction,
  { message, delivery, recipient }: Copy,
  password: string,
): Promise<readonly FollowingNotice[]> {
  const { organisation } = message;
  const at = ports.clock.now();
  // A PDF that arrived late leaves its reader some days all the same.
  const expiresAt = new Date(Math.max(message.portalExpiresAt.getTime(), at.getTime() + LEAST_DAYS * DAY));
  const place = await ports.portal.placePassword(
    tx,
    {
      organisation,
      message: message.id,
      delivery: { id: delivery, recipient },
      about: { sender: message.sender, subject: message.subject },
      password,
      expiresAt,
    },
    at,
  );
  const body = { kind: 'pdf-password', message: message.id, delivery, expiresAt } as const;
  const notice = { id: newId() as NoticeId, organisation, to: recipient, locale: place.locale, body };
  return [{ notice, giveUpAt: new Date(at.getTime() + NOTICE_DAYS * DAY) }];
}
