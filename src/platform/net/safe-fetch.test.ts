import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.ts';
import { type SafeFetchOptions, safeFetch } from './safe-fetch.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A world where every name has the addresses given. */
function world(
  records: readonly string[],
  mayConnect: (address: string) => boolean,
): SafeFetchOptions['network'] {
  const none = { kind: 'none', nameExists: false, secure: false } as const;
  return {
    resolver: {
      addresses: async () => ({ kind: 'found', records, secure: false }),
      mx: async () => none,
      txt: async () => none,
    },
    mayConnect,
    extraRoots: [],
  };
}
const loopback = world(['127.0.0.1'], (address) => address === '127.0.0.1');
const live = (records: readonly string[]) => world(records, isPublicAddress);

describe('safeFetch', () => {
  it('connects to the address that was checked, with the name in the request', async () => {
    const port = await serve((request, response) => response.end(`for ${request.headers.host}`));
    const fetched = await safeFetch(`http://service.example:${port}/x`, {
      network: loopback,
      allowHttp: true,
    });
    expect(fetched).toMatchObject({ kind: 'answered', status: 200 });
    expect(fetched.kind === 'answered' && fetched.body.toString()).toBe(`for service.example:${port}`);
  });

  it.each([
    ['a private address behind a name', 'https://inside.example/', ['10.0.0.1']],
    ['one private address among public ones', 'https://mixed.example/', ['203.0.114.1', '127.0.0.1']],
    ['a literal loopback address', 'https://127.0.0.1/', []],
    ['a literal address in odd writing', 'https://2130706433/', []],
    ['a mapped address', 'https://[::ffff:169.254.169.254]/latest', []],
  ])('refuses %s', async (_what, url, records) => {
    expect(await safeFetch(url, { network: live(records) })).toEqual({
      kind: 'failed',
      code: 'forbidden-address',
    });
  });

  it.each(['http://x.example/', 'file:///etc/passwd', 'https://u:p@x.example/', 'nonsense'])(
    'refuses the address %s',
    async (url) => {
      expect(await safeFetch(url, { network: live([]) })).toEqual({ kind: 'failed', code: 'bad-address' });
    },
  );

  it('does not follow redirects unless told, checks each, and keeps credentials at home', async () => {
    const seen: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/') response.writeHead(302, { location: `http://other.example:${port}/a` }).end();
      else if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else if (request.url === '/c') response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      else response.end('there');
    });
    const options = { network: loopback, allowHttp: true, headers: { authorization: 'secret' } };
    expect(await safeFetch(`http://x.example:${port}/`, options)).toMatchObject({ status: 302 });
    expect(await safeFetch(`http://x.example:${port}/`, { ...options, redirects: 1 })).toEqual({
      kind: 'failed',
      code: 'too-many-redirects',
    });
    seen.length = 0;
    expect(await safeFetch(`http://x.example:${port}/`, { ...options, redirects: 3 })).toMatchObject({
      status: 200,
    });
    expect(seen).toEqual(['secret', undefined, undefined]);
    expect(await safeFetch(`http://x.example:${port}/c`, { ...options, redirects: 3 })).toEqual({
      kind: 'failed',
      code: 'forbidden-address',
    });
  });

  it('ends what is too large or too slow', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/large') response.end(Buffer.alloc(5_000));
      else response.write('…');
    });
    const options = { network: loopback, allowHttp: true };
    expect(await safeFetch(`http://x.example:${port}/large`, { ...options, maxBytes: 4_999 })).toEqual({
      kind: 'failed',
      code: 'too-large',
    });
    expect(await safeFetch(`http://x.example:${port}/slow`, { ...options, timeoutMs: 100 })).toEqual({
      kind: 'failed',
      code: 'timeout',
    });
  });
});
