import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Method } from '#core/method';
import { defineRoute, methodSchema, type Route } from '#platform/http';
import { readMessage } from '#platform/mail';

/** What the recipient's own mail program makes of a sealed mail. */
export type OpenedMail =
  | {
      readonly kind: 'opened';
      readonly method: Method;
      /** The message as it was before it was sealed. */
      readonly message: Buffer;
      readonly encrypted: boolean;
      readonly integrity: 'authenticated' | 'signed' | 'none';
      /** `unknown`: by a key that the recipient does not know. */
      readonly signature: 'good' | 'bad' | 'unknown' | 'none';
      /** Name in the signer's certificate. */
      readonly signedBy: string | null;
      /** Names of header fields that were not readable outside. */
      readonly hidden: readonly string[];
    }
  | { readonly kind: 'refused'; readonly method: Method; readonly code: string };

/** A mail as a sandbox peer received it. */
export interface SandboxMailView {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly receivedAt: Date;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  readonly raw: Buffer;
}

export interface SandboxWorld {
  peers(): readonly { readonly address: string; readonly domain: string; readonly temperament: string }[];
  mailboxes(): readonly {
    readonly address: string;
    readonly messages: number;
    readonly newestAt: Date | null;
  }[];
  messages(address: string): readonly SandboxMailView[];
  /** Texts (SMS), newest first. */
  texts(): readonly {
    readonly id: string;
    readonly number: string;
    readonly words: string;
    readonly receivedAt: Date;
  }[];
  /** Null for a mail that is not sealed, or that its recipient has no key to. */
  open(mail: SandboxMailView): Promise<OpenedMail | null>;
}

export interface SandboxMailPorts {
  /** The sandbox as an organisation may see it: what it has sent itself. Null outside of sandbox mode. */
  world(organisation: OrganisationId): SandboxWorld | null;
}

const TAGS = ['sandbox'];
const ACCESS = { permission: 'sandbox:read' } as const;
const time = z.iso.datetime();

const summary = {
  id: z.string(),
  receivedAt: time,
  from: z.string(),
  subject: z.string(),
  size: z.number().int(),
  tlsVersion: z.string().nullable(),
};
const summarySchema = z.strictObject(summary).meta({ id: 'SandboxMessageSummary' });
const openedSchema = z
  .strictObject({
    method: methodSchema,
    /** A code of the reader's, where the mail could not be opened. */
    refused: z.string().nullable(),
    encrypted: z.boolean(),
    integrity: z.enum(['authenticated', 'signed', 'none']),
    signature: z.enum(['good', 'bad', 'unknown', 'none']),
    signedBy: z.string().nullable(),
    hidden: z.array(z.string()),
  })
  .meta({ id: 'SandboxOpened', description: 'What the recipient’s mail program made of a sealed mail' });
const messageSchema = z
  .strictObject({
    ...summary,
    to: z.string(),
    cipher: z.string().nullable(),
    opened: openedSchema.nullable(),
    headers: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    text: z.string(),
    attachments: z.array(z.strictObject({ name: z.string(), type: z.string(), size: z.number().int() })),
  })
  .meta({ id: 'SandboxMessage' });
const addressParam = z.strictObject({ address: z.string().min(3).max(320) });

export function sandboxMailRoutes(ports: SandboxMailPorts): Route[] {
  return [peers(ports), mailboxes(ports), messages(ports), message(ports), texts(ports)];
}

function world(ports: SandboxMailPorts, { organisation }: Caller): SandboxWorld {
  const found = ports.world(organisation);
  if (!found) throw new Refusal('not-found');
  return found;
}

function peers(ports: SandboxMailPorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sandbox/peers',
    summary: 'The sandbox recipients and how their servers behave',
    tags: TAGS,
    access: ACCESS,
    responses: {
      200: z.strictObject({
        items: z.array(
          z
            .strictObject({ address: z.string(), domain: z.string(), temperament: z.string() })
            .meta({ id: 'SandboxPeer' }),
        ),
      }),
    },
    errors: ['not-found'],
  }).handle(async ({ caller }) => ({ status: 200, body: { items: [...world(ports, caller).peers()] } }));
}

function mailboxes(ports: SandboxMailPorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sandbox/mailboxes',
    summary: 'Mailboxes of the sandbox (in memory only)',
    tags: TAGS,
    access: ACCESS,
    responses: {
      200: z.strictObject({
        items: z.array(
          z
            .strictObject({ address: z.string(), messages: z.number().int(), newestAt: time.nullable() })
            .meta({ id: 'SandboxMailbox' }),
        ),
      }),
    },
    errors: ['not-found'],
  }).handle(async ({ caller }) => ({
    status: 200,
    body: {
      items: world(ports, caller)
        .mailboxes()
        .map((one) => ({ ...one, newestAt: one.newestAt?.toISOString() ?? null })),
    },
  }));
}

function texts(ports: SandboxMailPorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sandbox/texts',
    summary: 'Texts that the sandbox took in place of telephones, newest first (in memory only)',
    tags: TAGS,
    access: ACCESS,
    responses: {
      200: z.strictObject({
        items: z.array(
          z
            .strictObject({ id: z.string(), number: z.string(), words: z.string(), receivedAt: time })
            .meta({ id: 'SandboxText' }),
        ),
      }),
    },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    const seen = world(ports, caller).texts().slice(0, 200);
    return {
      status: 200,
      body: { items: seen.map((one) => ({ ...one, receivedAt: one.receivedAt.toISOString() })) },
    };
  });
}

/** By the octets of a mail: a list is asked for again and again, and a mail may have 50 MB. */
const subjects = new WeakMap<Buffer, string>();

async function subjectOf(world: SandboxWorld, mail: SandboxMailView): Promise<string> {
  const known = subjects.get(mail.raw);
  if (known !== undefined) return known;
  const opened = await world.open(mail);
  const { subject } = await readMessage(shownOctets(mail, opened));
  subjects.set(mail.raw, subject);
  return subject;
}

/** What the recipient reads: the message inside, where it was sealed and their program could open it. */
function shownOctets(mail: SandboxMailView, opened: OpenedMail | null): Buffer {
  return opened?.kind === 'opened' ? opened.message : mail.raw;
}

function openedView(opened: OpenedMail | null): z.output<typeof openedSchema> | null {
  if (opened === null) return null;
  const { method } = opened;
  if (opened.kind === 'refused') {
    const nothing = { integrity: 'none', signature: 'none', signedBy: null } as const;
    return { method, refused: opened.code, encrypted: true, ...nothing, hidden: [] };
  }
  const { encrypted, integrity, signature, signedBy, hidden } = opened;
  return { method, refused: null, encrypted, integrity, signature, signedBy, hidden: [...hidden] };
}

async function summaryOf(world: SandboxWorld, mail: SandboxMailView) {
  return {
    id: mail.id,
    receivedAt: mail.receivedAt.toISOString(),
    from: mail.from,
    subject: await subjectOf(world, mail),
    size: mail.raw.length,
    tlsVersion: mail.tlsVersion,
  };
}

function messages(ports: SandboxMailPorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sandbox/mailboxes/:address/messages',
    summary: 'Messages of one sandbox mailbox, newest first',
    tags: TAGS,
    access: ACCESS,
    params: addressParam,
    responses: { 200: z.strictObject({ items: z.array(summarySchema) }) },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const seen = world(ports, caller);
    const found = [...seen.messages(params.address)];
    found.sort((a, b) => b.receivedAt.getTime() - a.receivedAt.getTime());
    return {
      status: 200,
      body: { items: await Promise.all(found.slice(0, 200).map((one) => summaryOf(seen, one))) },
    };
  });
}

function message(ports: SandboxMailPorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sandbox/mailboxes/:address/messages/:id',
    summary: 'One message of a sandbox mailbox, as its server received it',
    tags: TAGS,
    access: ACCESS,
    params: z.strictObject({ ...addressParam.shape, id: z.string().max(100) }),
    responses: { 200: messageSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const seen = world(ports, caller);
    const mail = seen.messages(params.address).find((one) => one.id === params.id);
    if (!mail) throw new Refusal('not-found');
    const opened = await seen.open(mail);
    const read = await readMessage(shownOctets(mail, opened));
    return {
      status: 200,
      body: {
        ...(await summaryOf(seen, mail)),
        to: mail.to,
        cipher: mail.cipher,
        opened: openedView(opened),
        headers: headersOf(mail.raw),
        text: read.text,
        attachments: read.attachments.map(({ name, type, size }) => ({ name, type, size })),
      },
    };
  });
}

/** The header fields as they arrived, unfolded. */
function headersOf(raw: Buffer): { name: string; value: string }[] {
  const end = raw.indexOf('\r\n\r\n');
  const text = raw.subarray(0, end < 0 ? raw.length : end).toString('latin1');
  return text
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [{ name: line.slice(0, colon), value: line.slice(colon + 1).trim() }] : [];
    });
}
