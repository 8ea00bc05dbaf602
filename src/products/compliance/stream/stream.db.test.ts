import { KeyObject } from 'node:crypto';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLogger, systemClock } from '#platform/runtime';
import { type Issued, issue } from '../../../platform/net/certificates-fixture.ts';
import { auditRoutes } from '../audit-routes.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from '../test-kit.ts';
import { sendStreams } from './send-streams.ts';

const HOST = 'siem.clinic.test';
let stage: ComplianceStage;
let authority: Issued;
const open: { close(): void }[] = [];

beforeAll(async () => {
  stage = await openComplianceStage();
  authority = await issue({ name: 'Authority', authority: true });
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => stage.close());

const pemKey = ({ keys }: Issued): string =>
  KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();

/** Cuts a stream of octet-counted messages apart (RFC 5425), and keeps every whole one. */
function reader(messages: string[]) {
  let rest = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const space = rest.indexOf(0x20);
      const length = Number(rest.subarray(0, Math.max(0, space)).toString());
      if (space < 0 || rest.length < space + 1 + length) return;
      messages.push(rest.subarray(space + 1, space + 1 + length).toString());
      rest = rest.subarray(space + 1 + length);
    }
  };
}

const portOf = (server: { address(): unknown }) => z.object({ port: z.int() }).parse(server.address()).port;

async function receiver(messages: string[], options: { names?: string[]; askClient?: boolean } = {}) {
  const own = await issue({ name: HOST, issuer: authority, names: options.names ?? [HOST] });
  const server: Server = createTlsServer(
    {
      ...{ key: pemKey(own), cert: own.certificate.toString(), ca: authority.certificate.toString() },
      ...{ requestCert: options.askClient ?? false, rejectUnauthorized: options.askClient ?? false },
    },
    (session) => {
      session.on('data', reader(messages));
      session.on('error', () => undefined);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('tlsClientError', () => undefined);
  open.push(server);
  return portOf(server);
}

/**
 * Stands in the way: each connection carries so many octets towards the receiver, and is then cut at both ends; every
 * second one swallows the rest instead and ends in all politeness, as if it had arrived.
 */
async function cutter(target: number, after: readonly number[]) {
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (near: Socket) => {
    let left = after[connections] ?? Number.POSITIVE_INFINITY;
    const polite = connections % 2 === 1;
    connections += 1;
    const far = connectTcp({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    near.on('error', cut);
    far.on('error', cut);
    near.on('data', (chunk: Buffer) => {
      if (left > 0) far.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0 && polite) return;
      // What was let through is let arrive, so that only the answer to it is missing.
      if (left <= 0) setTimeout(cut, 20);
    });
    far.on('data', (chunk: Buffer) => near.write(chunk));
    near.on('end', () => {
      if (left > 0) far.end();
      else {
        near.end();
        far.destroy();
      }
    });
    far.on('end', () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return { port: portOf(server), connections: () => connections };
}

let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead), monotonic: () => systemClock.monotonic() };
const send = (allowed = true) =>
  sendStreams({
    ...{ audit: stage.audit, database: stage.database, vault: stage.vault, clock, logger: silentLogger },
    ...{ version: '0', hostName: 'sealpost.clinic.test' },
    network: () => ({
      resolver: {
        addresses: () => Promise.resolve({ kind: 'found', records: ['127.0.0.1'], secure: false }),
        mx: () => Promise.reject(new Error('not asked')),
        txt: () => Promise.reject(new Error('not asked')),
      },
      mayConnect: () => allowed,
      extraRoots: [],
    }),
  });
const call = (name: string, body?: object) => stage.call(routeOf(auditRoutes(stage.ports), name), { body });
const setStream = (port: number, more: object = {}) =>
  call('PUT /v1/audit-stream', {
    ...{ host: HOST, port, format: 'rfc5424', authorities: authority.certificate.toString() },
    ...{ clientCertificate: null, clientKey: null, from: 0, ...more },
  });
const state = async () =>
  z
    .object({ waiting: z.int(), failures: z.int(), lastError: z.string().nullable() })
    .parse((await call('GET /v1/audit-stream')).body);
const positionsIn = (messages: readonly string[]) =>
  messages.map((message) => Number(/ position="(\d+)"/.exec(message)?.[1]));
const upTo = (size: number) => Array.from({ length: size }, (_, at) => at);

describe('streaming to a syslog receiver over TLS', () => {
  it('loses nothing when connections are cut anywhere, in the log’s order, and repeats at most what was cut', async () => {
    await stage.write(...Array.from({ length: 1200 }, () => stage.entry()));
    const messages: string[] = [];
    const road = await cutter(await receiver(messages), [700, 30_000, 250_000, 90_000, 1]);
    await setStream(road.port);
    await stage.settle();
    let sent = 0;
    for (let round = 0; round < 20 && (await state()).waiting > 0; round += 1) {
      sent += await send();
      ahead += 400_000;
    }
    const positions = positionsIn(messages);
    const all = upTo(sent);
    expect(sent).toBeGreaterThan(1200);
    expect([...new Set(positions)].sort((one, other) => one - other)).toEqual(all);
    const duplicates = positions.length - sent;
    expect(duplicates).toBeGreaterThan(0);
    expect(duplicates).toBeLessThanOrEqual(5 * 500);
    // First arrivals come in order.
    expect([...new Set(positions)]).toEqual(all);
    expect(road.connections()).toBeGreaterThan(5);
    expect((await state()).failures).toBe(0);
  });

  it('shows its certificate to a receiver that asks for one', async () => {
    const messages: string[] = [];
    const port = await receiver(messages, { askClient: true });
    const client = await issue({ name: 'sealpost', issuer: authority });
    await setStream(port);
    await send();
    expect(messages).toEqual([]);
    expect((await state()).lastError).toMatch(/^(tls-failed|broken-off)/);
    ahead += 400_000;
    await setStream(port, { clientCertificate: client.certificate.toString(), clientKey: pemKey(client) });
    await send();
    expect(messages.length).toBeGreaterThan(0);
  });

  it.each([
    ['a name that the certificate does not carry', { names: ['other.test'] }, {}],
    ['an authority that is not trusted', {}, { authorities: null }],
  ])('tells nothing to a receiver with %s', async (_, at, more) => {
    const messages: string[] = [];
    await setStream(await receiver(messages, at), more);
    expect(await send()).toBe(0);
    expect(messages).toEqual([]);
    expect((await state()).lastError).toMatch(/^tls-failed /);
    ahead += 400_000;
  });

  it('reaches no address that the operator has not allowed', async () => {
    const messages: string[] = [];
    await setStream(await receiver(messages));
    expect(await send(false)).toBe(0);
    expect(await state()).toMatchObject({ lastError: 'forbidden-address', failures: 1 });
    // And waits before it tries again.
    expect(await send()).toBe(0);
    expect(messages).toEqual([]);
  });

  it('keeps where it goes sealed, and ends when it is removed', async () => {
    await call('DELETE /v1/audit-stream');
    await expect(call('GET /v1/audit-stream')).rejects.toMatchObject({ code: 'not-found' });
    expect((await stage.logged('audit.stream-set')).length).toBeGreaterThan(2);
    expect(JSON.stringify(await stage.logged('audit.stream-set'))).not.toContain(HOST);
  });
});
