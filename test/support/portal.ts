import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { Notice } from '#core/notice';
import type { PortalPlacement, PortalSignInRule } from '#core/portal';
import type { TextNotice } from '#core/text';
import { createAudit } from '#platform/audit';
import { createBlobs, databaseBlobReferences } from '#platform/blobs';
import type { Database, Transaction } from '#platform/database';
import { createLogoutTokens, createOidc } from '#platform/federation';
import { createHttpServer, type HttpServer } from '#platform/http';
import { buildMessage, type DraftAttachment } from '#platform/mail';
import { safeFetch } from '#platform/net';
import { createPdfRenderer } from '#platform/pdf';
import { type Clock, newId, silentLogger } from '#platform/runtime';
import { createKeyFile, createVault, type Vault } from '#platform/vault';
import {
  createPortal,
  type PickupPort,
  type Portal,
  type PortalNeeds,
  type ReplyOutcome,
  type ReplySubmission,
  signInRuleOf,
  type UnreadCopy,
} from '#products/portal';
import { type FreshDatabase, freshDatabase } from './database.ts';

/** A clock that tests move. */
export interface HandClock extends Clock {
  advance(milliseconds: number): void;
}

function handClock(): HandClock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    monotonic: () => performance.now() + offset,
    advance(milliseconds) {
      offset += milliseconds;
    },
  };
}

/** Defences that are left out, or others in their place. */
export interface Without {
  readonly portal?: Parameters<typeof createPortal>[1];
  readonly admission?: Parameters<typeof createHttpServer>[1];
}

/** The portal on a database of its own, with what it asks of other rooms written down instead of done. */
export interface PortalStage {
  readonly portal: Portal;
  readonly database: Database;
  readonly fresh: FreshDatabase;
  readonly vault: Vault;
  readonly server: HttpServer;
  /** The same portal, on the same rows, without a defence. The caller closes it. */
  composed(without: Without): Promise<HttpServer>;
  readonly clock: HandClock;
  readonly blobDirectory: string;
  readonly notices: Notice[];
  readonly read: DeliveryId[];
  /** Who opened those, in the same order. */
  readonly readBy: ('recipient' | 'caregiver')[];
  /** Organisations that ask for a sign-in of their own. */
  readonly separate: Set<OrganisationId>;
  readonly expired: DeliveryId[];
  readonly unread: DeliveryId[];
  /** Senders that were told of a recipient who cannot prove enough. */
  readonly unproved: { readonly delivery: DeliveryId; readonly reason: string }[];
  readonly texts: TextNotice[];
  readonly telephones: Map<string, string>;
  readonly births: Map<string, string>;
  readonly rules: Map<OrganisationId, PortalSignInRule>;
  /** Countries by network address; those of all others are not known. */
  readonly countries: Map<string, string>;
  readonly replies: ReplySubmission[];
  codesAlsoTo: PickupPort['codesAlsoTo'];
  /** What copies that nobody opened are handed to; nothing is done where a test sets nothing. */
  fallBack: (tx: Transaction, copy: UnreadCopy) => Promise<void>;
  /** Milliseconds that answers waited for, so as to take equally long. */
  readonly pauses: number[];
  /** Makes the next first openings fail in their transaction. */
  failRead: boolean;
  /** A message that was placed, for placing it again. */
  messageOf(message: MessageId): Promise<{ message: Message; content: Content }>;
  /** What the next replies meet. */
  replyOutcome: () => ReplyOutcome;
  organisation(name: string): Promise<OrganisationId>;
  /** Places a message as the road does, and returns the link's token and the ids. */
  place(mail: StagedMail): Promise<Placed>;
  close(): Promise<void>;
}

export interface StagedMail {
  readonly organisation: OrganisationId;
  readonly to: string | readonly string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly DraftAttachment[];
  readonly expiresAt?: Date;
  /** Message-ID that it answers, with angle brackets. */
  readonly answers?: string;
  /** Message of the record that it answers. */
  readonly inReplyTo?: MessageId;
  /** `light` unless it is given; then the message's own row is written too: what a caregiver sees depends on it. */
  readonly class?: Message['class'];
}

export interface Placed extends PortalPlacement {
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly all: readonly (PortalPlacement & { readonly delivery: DeliveryId })[];
}

const textOf = ({ local, domain }: Address): string => `${local}@${domain}`;
const address = (text: string): Address => {
  const [local = '', domain = ''] = text.split('@');
  return { local, domain };
};

export async function openPortalStage(wishes?: PortalNeeds['wishes']): Promise<PortalStage> {
  const fresh = await freshDatabase();
  const { database } = fresh;
  const home = await mkdtemp(join(tmpdir(), 'sealpost-portal-'));
  const clock = handClock();
  const keys = join(home, 'keys');
  const data = join(home, 'data');
  await mkdir(keys, { mode: 0o700 });
  await mkdir(data, { mode: 0o700 });
  const rootKey = createKeyFile({ path: join(keys, 'root.key'), dataDirectory: data, clock });
  const vault = await createVault({ keysDirectory: join(keys, 'tree'), rootKey, clock });
  const blobDirectory = join(data, 'blobs');
  const referenced = databaseBlobReferences(database);
  const blobs = createBlobs({ directory: blobDirectory, reserveBytes: 0, clock, referenced });
  const audit = createAudit({
    database,
    clock,
    signer: () => Promise.reject(new Error('these tests sign nothing')),
    verifiers: async () => [],
    witness: null,
  });
  const names = new Map<OrganisationId, string>();
  const separate = new Set<OrganisationId>();
  const stage = {
    notices: [] as Notice[],
    read: [] as DeliveryId[],
    readBy: [] as ('recipient' | 'caregiver')[],
    expired: [] as DeliveryId[],
    unread: [] as DeliveryId[],
    unproved: [] as { delivery: DeliveryId; reason: string }[],
    texts: [] as TextNotice[],
    replies: [] as ReplySubmission[],
    codesAlsoTo: (async () => null) as PickupPort['codesAlsoTo'],
    fallBack: async (_tx: Transaction, _copy: UnreadCopy): Promise<void> => undefined,
    pauses: [] as number[],
  };
  const outcome = {
    next: (): ReplyOutcome => ({ kind: 'accepted', message: newId() as MessageId }),
    failRead: false,
    /** Telephone numbers and dates of birth on record, by address. */
    telephones: new Map<string, string>(),
    births: new Map<string, string>(),
    rules: new Map<OrganisationId, PortalSignInRule>(),
    countries: new Map<string, string>(),
  };
  const placedMails = new Map<MessageId, { message: Message; content: Content }>();
  const pdf = createPdfRenderer();
  const needs: Parameters<typeof createPortal>[0] = {
    pdf,
    ...(wishes === undefined ? {} : { wishes }),
    database,
    vault,
    blobs,
    audit,
    clock,
    logger: silentLogger,
    placeOf: (where) => {
      const country = outcome.countries.get(where);
      return country === undefined ? null : { country, lat: null, lon: null };
    },
    organisation: async (_tx, id) => ({
      name: names.get(id) ?? '?',
      locale: 'en',
      timeZone: 'UTC',
      domain: 'clinic.test',
      separateSignIn: separate.has(id),
      signIn: outcome.rules.get(id) ?? signInRuleOf(undefined),
    }),
    sendNotice: async (_tx, notice) => void stage.notices.push(notice),
    deliveryRead: async (_tx, _organisation, delivery, _at, by) => {
      if (outcome.failRead) throw new Error('the record cannot be written');
      stage.read.push(delivery);
      stage.readBy.push(by);
    },
    deliveryUnread: async (_tx, _organisation, delivery) => {
      if (outcome.failRead) throw new Error('the record cannot be written');
      stage.unread.push(delivery);
    },
    deliveryUnproved: async (_tx, _organisation, delivery, reason) =>
      void stage.unproved.push({ delivery, reason }),
    publicUrl: () => 'http://localhost:8026',
    texts: {
      reach: async (_tx, _organisation, to) => {
        const number = outcome.telephones.get(textOf(to));
        return number === undefined ? null : { masked: `•••• ${number.slice(-2)}` };
      },
      send: async (_tx, notice) => {
        if (!outcome.telephones.has(textOf(notice.to))) return false;
        stage.texts.push(notice);
        return true;
      },
    },
    recipients: {
      challenge: async (_tx, _organisation, to) =>
        outcome.births.has(textOf(to)) ? { kind: 'date-of-birth', prompt: null } : null,
      answers: async (_tx, _organisation, to, answer) => outcome.births.get(textOf(to)) === answer,
    },
    deliveryExpired: async (_tx, _organisation, delivery) => void stage.expired.push(delivery),
    pickups: {
      fallBack: async (tx, copy) => stage.fallBack(tx, copy),
      codesAlsoTo: (...asked) => stage.codesAlsoTo(...asked),
    },
    submitReply: async (reply) => {
      stage.replies.push(reply);
      return outcome.next();
    },
    federation: loopbackFederation(),
    pause: async (milliseconds) => void stage.pauses.push(milliseconds),
  };
  const serverOf = ({ routes, problemPage }: Portal, admission: Without['admission'] = {}) =>
    createHttpServer(
      {
        channel: 'portal',
        routes: routes(),
        authenticator: null,
        idempotency: null,
        clock,
        logger: silentLogger,
        version: 'test',
        publicUrl: () => undefined,
        trustedProxies: [],
        tls: undefined,
        ready: async () => ({ ready: true, checks: {} }),
        publicRate: { burst: 10_000, perSecond: 10_000 },
        problemPage,
      },
      admission,
    );
  const portal = createPortal(needs);
  const server = await serverOf(portal);

  return {
    composed: (without) => serverOf(createPortal(needs, without.portal), without.admission),
    ...stage,
    separate,
    telephones: outcome.telephones,
    births: outcome.births,
    rules: outcome.rules,
    countries: outcome.countries,
    portal,
    database,
    fresh,
    vault,
    server,
    clock,
    blobDirectory,
    get failRead() {
      return outcome.failRead;
    },
    set failRead(fail) {
      outcome.failRead = fail;
    },
    async messageOf(message) {
      const found = placedMails.get(message);
      if (found === undefined) throw new Error('no such message was placed');
      return found;
    },
    get codesAlsoTo() {
      return stage.codesAlsoTo;
    },
    set codesAlsoTo(next) {
      stage.codesAlsoTo = next;
    },
    get fallBack() {
      return stage.fallBack;
    },
    set fallBack(next) {
      stage.fallBack = next;
    },
    get replyOutcome() {
      return outcome.next;
    },
    set replyOutcome(next) {
      outcome.next = next;
    },
    async organisation(name) {
      const id = newId() as OrganisationId;
      names.set(id, name);
      await database.tenant([id], 'app', (tx) =>
        tx.execute({
          text: 'insert into organisation (id, name, slug) values ($1, $2, $3)',
          values: [id, name, `o-${id}`],
        }),
      );
      return id;
    },
    place: (mail) => placeMail(database, portal, clock, mail, placedMails),
    async close() {
      await server.close(100);
      await pdf.close();
      vault.close();
      await fresh.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** OpenID Connect with providers on loopback. */
function loopbackFederation(): NonNullable<PortalNeeds['federation']> {
  const nobody = () => Promise.reject(new Error('not asked'));
  const resolver = { mx: nobody, addresses: nobody, txt: nobody };
  const network = { resolver, mayConnect: (to: string) => to === '127.0.0.1', extraRoots: [] };
  const ports = {
    fetch: (url: string, options: Omit<Parameters<typeof safeFetch>[1], 'network'>) =>
      safeFetch(url, { ...options, network }),
    allowHttp: () => true,
    monotonic: () => performance.now(),
  };
  return { oidc: createOidc(ports), logoutTokens: createLogoutTokens(ports) };
}

/** As much of the record's row as the portal looks at. */
async function writeMessageRow(database: Database, message: Message): Promise<void> {
  const empty = Buffer.alloc(1);
  await database.tenant([message.organisation], 'app', (tx) =>
    tx.execute({
      text: `insert into sealpost.message (id, organisation, source, stream, class, priority, due_at, give_up_at,
               portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id, content_hash,
               size, recipients, actor)
             values ($1, $2, $3, $4, $5, 50, $6, $6, $6, 1, $7, $7, $7, $7, $7, $7, 1, 1, '{}')`,
      values: [
        message.id,
        message.organisation,
        message.source,
        message.stream,
        message.class,
        message.acceptedAt,
        empty,
      ],
    }),
  );
}

async function placeMail(
  database: Database,
  portal: Portal,
  clock: Clock,
  mail: StagedMail,
  known: Map<MessageId, { message: Message; content: Content }>,
): Promise<Placed> {
  const recipients = (typeof mail.to === 'string' ? [mail.to] : mail.to).map(address);
  const sender = address('dr.lee@clinic.test');
  const built = buildMessage({
    from: { ...sender, name: 'Dr. Lee' },
    to: recipients.map((one) => ({ ...one, name: null })),
    subject: mail.subject ?? 'Your results',
    text: mail.text ?? 'All is well.',
    ...(mail.html === undefined ? {} : { html: mail.html }),
    ...(mail.attachments === undefined ? {} : { attachments: mail.attachments }),
    ...(mail.answers === undefined ? {} : { inReplyTo: mail.answers }),
    date: clock.now(),
    hostName: 'clinic.test',
  });
  const bytes = await built.toBuffer();
  const content: Content = {
    size: bytes.length,
    bytes: null,
    async *open() {
      yield bytes;
    },
  };
  const now = clock.now();
  const message: Message = {
    id: newId(clock) as MessageId,
    organisation: mail.organisation,
    source: 'api',
    stream: 'transactional',
    class: mail.class ?? 'light',
    priority: 50,
    acceptedAt: now,
    dueAt: now,
    giveUpAt: now,
    portalExpiresAt: mail.expiresAt ?? new Date(now.getTime() + 30 * 86_400_000),
    policyVersion: 1,
    sender,
    subject: mail.subject ?? 'Your results',
    size: bytes.length,
    messageId: built.messageId,
    inReplyTo: mail.inReplyTo ?? null,
    state: 'accepted',
  };
  known.set(message.id, { message, content });
  if (mail.class !== undefined) await writeMessageRow(database, message);
  const all: (PortalPlacement & { delivery: DeliveryId })[] = [];
  for (const recipient of recipients) {
    const prepared = await portal.copy({ message, content });
    const delivery = newId(clock) as DeliveryId;
    const placement = await database.tenant([mail.organisation], 'worker', (tx) =>
      portal.place(tx, prepared, { id: delivery, recipient }, now),
    );
    all.push({ ...placement, delivery });
  }
  const [first] = all;
  if (first === undefined) throw new Error('nobody to place it for');
  return { ...first, message: message.id, all };
}
