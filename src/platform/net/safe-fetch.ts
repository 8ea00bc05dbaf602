import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { NetworkProfile } from '#core/network';

export interface SafeFetchOptions {
  readonly network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** For everything together, milliseconds (default 15,000). */
  readonly timeoutMs?: number;
  /** Largest answer body in octets (default 1 MiB). */
  readonly maxBytes?: number;
  /** Redirects followed, each looked at like the first address (default 0: a 3xx comes back as it is). */
  readonly redirects?: number;
  /** `http:` is refused unless this is true. */
  readonly allowHttp?: boolean;
}

export type Fetched =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      readonly body: Buffer;
    }
  | { readonly kind: 'failed'; readonly code: FetchFailure };

type FetchFailure =
  | 'bad-address'
  | 'forbidden-address'
  | 'name-not-found'
  | 'dns-failed'
  | 'connect-failed'
  /** The connection ended before its answer: the request may have been read. */
  | 'broken-off'
  | 'tls-failed'
  | 'timeout'
  | 'too-large'
  | 'too-many-redirects';

/**
 * A web request to an address that others chose. The name is resolved once; if any of its addresses must not be
 * reached nothing is, and the connection goes to an address that was looked at: there is no second look-up that
 * could answer differently (DNS rebinding). Never throws for what a server does.
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<Fetched> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 15_000);
  let url = address;
  let left = options.redirects ?? 0;
  let asked = options;
  while (true) {
    const fetched = await fetchOnce(url, asked, deadline);
    if (fetched.kind === 'failed' || !isRedirect(fetched.status) || (options.redirects ?? 0) === 0)
      return fetched;
    const { location } = fetched.headers;
    if (typeof location !== 'string' || !URL.canParse(location, url)) return fetched;
    if (left === 0) return { kind: 'failed', code: 'too-many-redirects' };
    left -= 1;
    const next = new URL(location, url);
    // What was meant for one place (credentials, a body) does not follow to another.
    asked = { ...asked, ...withoutCredentials(asked, next.origin === new URL(url).origin) };
    if (asked.method === 'POST' || asked.method === 'PUT') return fetched;
    url = next.href;
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

function withoutCredentials(
  options: SafeFetchOptions,
  sameOrigin: boolean,
): Pick<SafeFetchOptions, 'headers'> {
  if (sameOrigin) return { headers: options.headers ?? {} };
  const kept = Object.entries(options.headers ?? {}).filter(
    ([name]) => !/^(authorization|cookie|proxy-authorization)$/i.test(name),
  );
  return { headers: Object.fromEntries(kept) };
}

async function fetchOnce(
  address: string,
  options: SafeFetchOptions,
  deadline: AbortSignal,
): Promise<Fetched> {
  const url = URL.canParse(address) ? new URL(address) : null;
  const schemeFits = url?.protocol === 'https:' || (options.allowHttp === true && url?.protocol === 'http:');
  if (url === null || !schemeFits || url.username !== '' || url.password !== '') {
    return { kind: 'failed', code: 'bad-address' };
  }
  const checked = await checkedAddress(url.hostname.replace(/^\[|\]$/g, ''), options.network, deadline);
  if (checked.kind === 'failed') return checked;
  return ask(url, checked.address, options, deadline);
}

type Checked =
  | { readonly kind: 'address'; readonly address: string }
  | {
      readonly kind: 'failed';
      readonly code: Extract<FetchFailure, 'forbidden-address' | 'name-not-found' | 'dns-failed' | 'timeout'>;
    };

/**
 * The one address to connect to for a host name (or an address, without brackets), looked at; no second look-up follows.
 */
export async function checkedAddress(
  host: string,
  { resolver, mayConnect }: SafeFetchOptions['network'],
  deadline: AbortSignal,
): Promise<Checked> {
  if (isIP(host) !== 0) {
    return mayConnect(host)
      ? { kind: 'address', address: host }
      : { kind: 'failed', code: 'forbidden-address' };
  }
  const looked = await resolver.addresses(host.replace(/\.$/, ''));
  if (deadline.aborted) return { kind: 'failed', code: 'timeout' };
  if (looked.kind === 'failed') return { kind: 'failed', code: 'dns-failed' };
  const [first] = looked.kind === 'found' ? looked.records : [];
  if (looked.kind === 'none' || first === undefined) return { kind: 'failed', code: 'name-not-found' };
  if (!looked.records.every((record) => mayConnect(record)))
    return { kind: 'failed', code: 'forbidden-address' };
  // Machines without an IPv6 route are common; an IPv4 address is the safer of two.
  return { kind: 'address', address: looked.records.find((record) => !isIPv6(record)) ?? first };
}

function ask(url: URL, address: string, options: SafeFetchOptions, deadline: AbortSignal): Promise<Fetched> {
  return new Promise((resolve) => {
    const lookup: LookupFunction = (_host, how, done) => {
      const family = isIPv6(address) ? 6 : 4;
      if (how.all === true) done(null, [{ address, family }]);
      else done(null, address, family);
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing: ClientRequest = send(url, {
      method: options.method ?? 'GET',
      headers: { 'accept-encoding': 'identity', ...options.headers },
      agent: false,
      lookup,
      signal: deadline,
      ...(options.network.extraRoots.length > 0
        ? { ca: [...rootCertificates, ...options.network.extraRoots] }
        : {}),
    });
    const fail = (error: NodeJS.ErrnoException): void =>
      resolve({ kind: 'failed', code: deadline.aborted ? 'timeout' : failureOf(error) });
    outgoing.on('error', fail);
    outgoing.on('response', (answer) => {
      answer.on('error', fail);
      collect(answer, options.maxBytes ?? 1 << 20).then(resolve, fail);
    });
    outgoing.end(options.body);
  });
}

async function collect(answer: IncomingMessage, maxBytes: number): Promise<Fetched> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    const part = Buffer.from(chunk);
    size += part.length;
    if (size > maxBytes) {
      answer.destroy();
      return { kind: 'failed', code: 'too-large' };
    }
    chunks.push(part);
  }
  return {
    kind: 'answered',
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks),
  };
}

function failureOf(error: NodeJS.ErrnoException): FetchFailure {
  const code = error.code ?? '';
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER|ALTNAME|LEAF_SIGNATURE/.test(code)) return 'tls-failed';
  return /^E(CONNREFUSED|HOSTUNREACH|NETUNREACH|NETDOWN|ADDRNOTAVAIL)$/.test(code)
    ? 'connect-failed'
    : 'broken-off';
}
