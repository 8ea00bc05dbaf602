import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeClient } from '#platform/keyring';
import type { SafeFetchOptions } from '#platform/net';
import { loadConfig, silentLogger, systemClock } from '#platform/runtime';
import {
  makeAuthority,
  makeCertificate,
  makeList,
} from '../platform/keyring/certificates/certificate-fixture.ts';
import { openClientCertificates } from './client-revocation.ts';

const root = makeAuthority();
let asked = 0;
let list: Buffer = Buffer.alloc(0);
let server: Server;
let place = '';

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    response.end(list);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  place = `http://127.0.0.1:${address.port}/list.crl`;
});
afterAll(() => server.close());

const none = { kind: 'none', nameExists: false, secure: false } as const;
const network = (mayConnect: (address: string) => boolean): SafeFetchOptions['network'] => ({
  resolver: { addresses: async () => none, mx: async () => none, txt: async () => none },
  mayConnect,
  extraRoots: [],
});

const open = (settings: Readonly<Record<string, string>>) =>
  openClientCertificates(
    loadConfig({}, { SEALPOST_HOME: '/nowhere', ...settings }),
    systemClock,
    silentLogger,
  );
const HARD = { SEALPOST_CLIENT_CA: '/ca.pem', SEALPOST_CLIENT_REVOCATION: 'hard' };

it('is nothing where the operator has named no authorities', () => {
  expect(open({})).toBeNull();
});

it('asks by the network that it was given, and nowhere else', async () => {
  const own = makeCertificate({ name: 'Card', issuer: root, crlUrl: place }).certificate;
  const other = makeCertificate({ name: 'Other', issuer: root, crlUrl: place }).certificate;
  list = makeList(root, [own]);
  const shown = (one: typeof own) => describeClient(one, true, [one, root.certificate]);
  const before = open(HARD);
  expect(await before?.judge(shown(own))).toBe('unanswered');
  const outside = open(HARD);
  outside?.reach(() => network(() => false));
  expect(await outside?.judge(shown(own))).toBe('unanswered');
  expect(asked).toBe(0);
  const inside = open(HARD);
  inside?.reach(() => network((address) => address === '127.0.0.1'));
  expect(await inside?.judge(shown(own))).toBe('revoked');
  expect(await inside?.judge(shown(other))).toBe('stands');
  expect(inside?.judge(shown(other))).toBe('stands');
  expect(asked).toBe(1);
});
