// For this room's tests only: fake ports and clients that speak SMTP octet by octet.
import { DEFAULT_POLICY } from '#core/policy';
import 'reflect-metadata';
import { createHash, createHmac, webcrypto } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import { expect } from 'vitest';
import type { Caller } from '#core/actor';
import type { ApiKeyId, BlobId, OrganisationId } from '#core/ids';
import type { NewMessage } from '#core/ports';
import { newId, silentLogger, systemClock } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import type { IntakeLimits, IntakePorts } from './ports.ts';
import type { CertificatePair } from './smtp-certificate.ts';
import { createSmtpIntake, type SmtpIntake, type SmtpIntakeOptions } from './smtp-intake.ts';
import { createIntake } from './submit.ts';

export const organisation = '01900000-0000-7000-8000-00000000000a' as OrganisationId;

export const caller: Caller = {
  organisation,
  actor: { kind: 'api-key', apiKey: '01900000-0000-7000-8000-00000000000b' as ApiKeyId },
  origin: { address: '127.0.0.1', channel: 'smtp' },
  permissions: new Set(['messages:send']),
  request: 'request-1',
};

/** What the fakes have seen, and switches for what may go wrong. */
export interface Seen {
  readonly messages: NewMessage[];
  readonly blobs: Map<string, Buffer>;
  readonly taken: number[];
  reserveOk: boolean;
  recordFails: boolean;
  /** Set by tests that hold the commit back. */
  beforeCommit: (() => Promise<void>) | null;
}

async function* through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield Buffer.from(chunk);
}

/** Ports without a database: seals are `field:row:plain`, so that tests can look inside. */
export function fakePorts(): { readonly ports: IntakePorts<string>; readonly seen: Seen } {
  const seen: Seen = {
    messages: [],
    blobs: new Map(),
    taken: [],
    reserveOk: true,
    recordFails: false,
    beforeCommit: null,
  };
  const key: ObjectKey = { wrapped: Buffer.from('wrapped') };
  const ports: IntakePorts<string> = {
    vault: {
      newObjectKey: async () => key,
      tryNewObjectKey: () => key,
      seal: (_key, binding, plain) =>
        Buffer.concat([Buffer.from(`${binding.field}:${binding.row}:`), Buffer.from(plain)]),
      sealValue: async (_purpose, binding, plain) =>
        Buffer.concat([Buffer.from(`${binding.field}:${binding.row}:`), Buffer.from(plain)]),
      sealStream: (_key, _binding, source) => through(source),
      blindIndex: async (_organisation, name, text) =>
        createHmac('sha256', name).update(text).digest().subarray(0, 16),
      blindTerms: async (_organisation, words) =>
        words.map((one) => createHash('sha256').update(one).digest().readBigUInt64BE() >> 1n),
    },
    blobs: {
      write: async (source) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of source) chunks.push(chunk);
        const id = newId() as BlobId;
        const bytes = Buffer.concat(chunks);
        seen.blobs.set(id, bytes);
        return { id, size: bytes.length };
      },
      reserveOk: () => seen.reserveOk,
    },
    record: {
      accept: async (input, within) => {
        await seen.beforeCommit?.();
        if (seen.recordFails) throw new Error('connection lost with secret text');
        await within?.('tx');
        seen.messages.push(input);
      },
    },
    policies: { current: async () => ({ ...DEFAULT_POLICY, version: 3 }) },
    limits: {
      take: async (_organisation, recipients) => {
        seen.taken.push(recipients);
      },
    },
    senders: { mayUse: async (_caller, _source, address) => address.domain === 'clinic.test' },
    network: () => ({ mayRoute: (domain) => domain.endsWith('.test') }),
    accessScopes: () => 'everywhere',
    hasAccess: (who, permission) => who.permissions.has(permission),
    clock: systemClock,
    hostName: 'mail.clinic.test',
  };
  return { ports, seen };
}

/** The text of a seal made by the fake vault. */
export function opened(sealed: Buffer): string {
  return sealed.toString('latin1').split(':').slice(2).join(':');
}

/** A self-signed certificate for localhost; `days` may be negative. */
export async function selfSigned(name = 'localhost'): Promise<CertificatePair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new BasicConstraintsExtension(false)],
    },
    webcrypto,
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

/** A client that writes octets and waits for whole replies. */
export class RawClient {
  socket: Socket;
  #text = '';
  #waiting: ((reply: string) => void)[] = [];
  closed: Promise<void>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      this.#deliver();
    });
    socket.on('close', () => this.#deliver(true));
  }

  #deliver(closed = false): void {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#text);
      if (match === null) break;
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      this.#text = this.#text.slice(match[0].length);
      waiter(match[0].trimEnd());
    }
    if (closed) for (const waiter of this.#waiting.splice(0)) waiter('closed');
  }

  /** Replies that arrived and nobody asked for. */
  get unread(): string {
    return this.#text;
  }

  reply(): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#deliver(this.socket.destroyed);
    });
  }

  /** Sends a line and waits for its reply. */
  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  write(octets: string | Buffer): void {
    this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  }

  /** Starts TLS on this connection after the server has said so. */
  async secure(): Promise<void> {
    const plain = this.socket;
    plain.removeAllListeners('data');
    const upgraded = connectTls({ socket: plain, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => {
      upgraded.once('secureConnect', () => resolve());
      upgraded.once('error', reject);
    });
    this.socket = upgraded;
    this.#listen(upgraded);
  }

  end(): void {
    this.socket.destroy();
  }
}

export async function dialTls(port: number): Promise<RawClient> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const client = new RawClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
  });
  return client;
}

export function dialPlain(port: number, before = ''): RawClient {
  const socket = connect({ port, host: '127.0.0.1' });
  if (before !== '') socket.write(before);
  return new RawClient(socket);
}

export const SIGN_IN = `AUTH PLAIN ${Buffer.from('\0user\0secret').toString('base64')}`;

/** A service on free loopback ports with user `user` and secret `secret`. */
export async function startService(
  over: Partial<SmtpIntakeOptions<string>> & { readonly bounds?: Partial<IntakeLimits> } = {},
): Promise<{
  readonly service: SmtpIntake;
  readonly seen: Seen;
  readonly submissions: number;
  readonly submission: number;
}> {
  const { ports, seen } = fakePorts();
  const { bounds, ...options } = over;
  const service = createSmtpIntake<string>({
    intake: createIntake(ports, bounds),
    authenticate: async (user, secret) => (user === 'user' && secret === 'secret' ? caller : null),
    certificate: options.certificate ?? (await selfSigned()),
    hostName: 'mail.clinic.test',
    address: '127.0.0.1',
    submissionsPort: 0,
    submissionPort: 0,
    logger: silentLogger,
    ...options,
  });
  await service.listen();
  const { submissions, submission } = service.ports();
  return { service, seen, submissions: submissions ?? 0, submission: submission ?? 0 };
}

/** A signed-in client behind implicit TLS. */
export async function signedIn(port: number): Promise<RawClient> {
  const client = await dialTls(port);
  await client.reply();
  await client.say('EHLO client.test');
  await client.say(SIGN_IN);
  return client;
}

/** The head of a small message that the service takes. */
export const HEAD = 'From: lee@clinic.test\r\nTo: anna@good-tls.test\r\nSubject: hello\r\n\r\n';

/** Up to the 354 of DATA. */
export async function begin(client: RawClient): Promise<void> {
  expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^250 2\.1\.0/);
  expect(await client.say('RCPT TO:<anna@good-tls.test>')).toMatch(/^250 2\.1\.5/);
  expect(await client.say('DATA')).toMatch(/^354/);
}
