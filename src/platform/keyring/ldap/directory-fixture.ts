// For tests: an LDAP server on loopback that answers as a test tells it to. It reads requests with our reader of DER and
// writes answers with our writer, so what it shows is checked beside OpenLDAP in test/conformance/ldap.test.ts.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { NetworkProfile } from '#core/network';
import type { Issued } from '../../net/certificates-fixture.ts';
import { childrenOf, readDer, readOctets, readSmall } from '../der/read.ts';
import { der, octetString, sequence, setOf, smallInteger } from '../der/write.ts';

export interface Asked {
  readonly operation: 'bind' | 'search' | 'start-tls' | 'unbind';
  readonly id: number;
  readonly secure: boolean;
  /** Of a bind: name and password; of a search: base, attribute and value. */
  readonly words: readonly string[];
}

type Answering = (asked: Asked) => readonly Buffer[];

const text = (value: string): Buffer => octetString(Buffer.from(value));
const OPERATIONS = { bind: 0x61, search: 0x65, 'start-tls': 0x78 } as const;

export function resultOf(id: number, of: keyof typeof OPERATIONS, code = 0): Buffer {
  const words = [der(0x0a, Buffer.from([code])), text(''), text('words of the server')];
  return sequence(smallInteger(id), der(OPERATIONS[of], ...words));
}

export function entryOf(id: number, attributes: Readonly<Record<string, readonly Buffer[]>>): Buffer {
  const list = Object.entries(attributes).map(([type, values]) =>
    sequence(text(type), setOf(values.map((value) => octetString(value)))),
  );
  return sequence(smallInteger(id), der(0x64, text('cn=somebody,dc=clinic,dc=test'), sequence(...list)));
}

export function referenceOf(id: number): Buffer {
  return sequence(smallInteger(id), der(0x73, text('ldap://elsewhere.test/dc=other')));
}

function readAsked(octets: Buffer, secure: boolean): Asked {
  const [id, operation] = childrenOf(readDer(octets, 'ber'));
  if (operation === undefined) throw new TypeError('no operation');
  const common = { id: readSmall(id), secure };
  const string = (at: number, tag?: number): string =>
    readOctets(childrenOf(operation)[at], tag).toString('utf8');
  if (operation.tag === 0x42) return { ...common, operation: 'unbind', words: [] };
  if (operation.tag === 0x77) return { ...common, operation: 'start-tls', words: [string(0, 0x80)] };
  if (operation.tag === 0x60) return { ...common, operation: 'bind', words: [string(1), string(2, 0x80)] };
  const filter = childrenOf(operation)[6];
  const equals =
    filter === undefined ? [] : childrenOf(filter).map((node) => readOctets(node).toString('utf8'));
  return { ...common, operation: 'search', words: [string(0), ...equals] };
}

export interface TestDirectory {
  readonly port: number;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function startDirectory(options: {
  readonly security: 'ldaps' | 'starttls';
  readonly identity: { readonly cert: string; readonly key: string };
  readonly answer: Answering;
}): Promise<TestDirectory> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const context = createSecureContext(options.identity);
  const secured = (socket: Socket): void => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
    secure.on('error', () => socket.destroy());
    listen(secure, true);
  };
  const listen = (socket: Socket, secure: boolean): void => {
    socket.on('data', function read(octets: Buffer) {
      const one = readAsked(octets, secure);
      asked.push(one);
      if (one.operation === 'unbind') return;
      const answers = options.answer(one);
      if (answers.length > 0) socket.write(Buffer.concat(answers));
      if (one.operation !== 'start-tls') return;
      socket.off('data', read);
      secured(socket);
    });
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    if (options.security === 'ldaps') secured(socket);
    else listen(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A network where every name is on loopback, and loopback may be reached. */
export function loopback(
  more: Partial<Pick<NetworkProfile, 'mayConnect' | 'extraRoots'>> = {},
): Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'> {
  const nothing = async () => ({ kind: 'none', nameExists: true, secure: false }) as const;
  return {
    resolver: {
      mx: nothing,
      txt: nothing,
      addresses: async (name) =>
        name === 'nowhere.test'
          ? { kind: 'none', nameExists: false, secure: false }
          : { kind: 'found', records: ['127.0.0.1'], secure: false },
    },
    mayConnect: () => true,
    extraRoots: [],
    ...more,
  };
}

/** A server's certificate and key as PEM. */
export async function identityOf({ certificate, keys }: Issued): Promise<{ cert: string; key: string }> {
  const octets = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const body = Buffer.from(octets).toString('base64');
  return {
    cert: certificate.toString(),
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
  };
}
