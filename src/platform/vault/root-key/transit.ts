import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIPv4 } from 'node:net';
import { KeyServiceUnavailable, RootKeyWrong } from '../errors.ts';
import type { RootKeyName, RootKeyOccasion, RootKeyProvider } from './provider.ts';

export interface TransitOptions {
  /** Address of HashiCorp Vault or OpenBao; plain http is taken for loopback only (an agent beside us). */
  readonly address: string;
  readonly token: string;
  /** Name of the transit key (type aes256-gcm96 or chacha20-poly1305). It must exist: give the token no right to create. */
  readonly key: string;
  /** Where the transit engine is mounted; default `transit`. */
  readonly mount?: string;
  readonly namespace?: string;
  /** True for keys made with `derived=true`: the binding then also goes as `context`, from which a key is derived. */
  readonly derived?: boolean;
  /** PEM roots for the service's certificate instead of the system's. */
  readonly roots?: string;
  /** For one try, in milliseconds; default 5,000. There are two tries. */
  readonly timeoutMs?: number;
}

type Verb = 'encrypt' | 'decrypt';
const DIGEST = 32;
const MOST_ANSWER = 64 * 1024;

/** The root key in a key service, from where it never comes out: it wraps and unwraps for us. */
export function createTransitKey(options: TransitOptions): RootKeyProvider {
  const mount = options.mount ?? 'transit';
  const id = `${mount}/${options.key}`;
  const base = serviceAddress(options.address);

  const call = async (verb: Verb, body: Readonly<Record<string, string>>): Promise<string> => {
    const url = new URL(`v1/${encodePath(mount)}/${verb}/${encodeURIComponent(options.key)}`, base);
    const answer = await postTwice(url, options, JSON.stringify(body));
    return readAnswer(verb, answer);
  };

  const binding = (associated: Buffer): Readonly<Record<string, string>> => {
    const text = associated.toString('base64');
    return options.derived === true ? { associated_data: text, context: text } : { associated_data: text };
  };

  const wrap = async (plain: Buffer, associated: Buffer): Promise<Buffer> => {
    // The digest inside holds the binding also where an older service leaves associated_data unread.
    const payload = Buffer.concat([digest(associated), plain]);
    const plaintext = payload.toString('base64');
    payload.fill(0);
    return Buffer.from(await call('encrypt', { plaintext, ...binding(associated) }), 'utf8');
  };

  const unwrap = async (wrapped: Buffer, associated: Buffer): Promise<Buffer> => {
    const text = await call('decrypt', { ciphertext: wrapped.toString('utf8'), ...binding(associated) });
    const payload = Buffer.from(text, 'base64');
    if (payload.length < DIGEST || !payload.subarray(0, DIGEST).equals(digest(associated))) {
      payload.fill(0);
      throw new RootKeyWrong('root-key-does-not-fit', 'a wrapped key belongs to another place');
    }
    const plain = Buffer.from(payload.subarray(DIGEST));
    payload.fill(0);
    return plain;
  };

  return {
    async prepare(occasion: RootKeyOccasion) {
      // Over existing keys the first unwrap tells whether the service fits; before the first key we must try.
      if (occasion === 'existing') return;
      const sample = randomBytes(16);
      const place = Buffer.from('sealpost/transit-trial/1');
      if (!(await unwrap(await wrap(sample, place), place)).equals(sample)) {
        throw new RootKeyWrong('key-service-refused', 'the key service does not give back what it took');
      }
    },
    describe: (): RootKeyName => ({ id, kind: 'transit' }),
    handles: async (wanted) => wanted === id,
    wrap,
    unwrap,
    // Versions of the transit key are the key service's to trim (min_decryption_version).
    dropExcept: async () => 0,
    exportKeys: async () => null,
  };
}

function digest(associated: Buffer): Buffer {
  return createHash('sha256').update(associated).digest();
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function serviceAddress(address: string): URL {
  const url = new URL(address.endsWith('/') ? address : `${address}/`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new RootKeyWrong(
      'key-service-refused',
      'the key service needs an https address, except on loopback',
    );
  }
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function postTwice(url: URL, options: TransitOptions, body: string): Promise<Answer> {
  try {
    const answer = await post(url, options, body);
    if (answer.status < 500) return answer;
  } catch (error) {
    if (!(error instanceof KeyServiceUnavailable)) throw error;
  }
  return post(url, options, body);
}

function post(url: URL, options: TransitOptions, body: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const fail = (code: string): void => reject(new KeyServiceUnavailable(code));
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-vault-token': options.token,
    'x-vault-request': 'true', // asked for by Vault Agent as a guard against forged requests
    ...(options.namespace === undefined ? {} : { 'x-vault-namespace': options.namespace }),
  };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(
    url,
    {
      method: 'POST',
      headers,
      signal: AbortSignal.timeout(options.timeoutMs ?? 5_000),
      ...(options.roots === undefined ? {} : { ca: options.roots }),
    },
    (response) => {
      const blocks: Buffer[] = [];
      let length = 0;
      response.on('data', (block: Buffer) => {
        length += block.length;
        if (length > MOST_ANSWER) request.destroy(new KeyServiceUnavailable('answer-too-long'));
        else blocks.push(block);
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(blocks).toString('utf8') });
      });
      response.on('error', (error) => fail(errorCode(error)));
    },
  );
  request.on('error', (error) => fail(errorCode(error)));
  request.end(body);
  return promise;
}

/** The code only: the text of a network error may quote addresses. */
function errorCode(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'network';
}

/** `data.ciphertext` or `data.plaintext`. Refusals (4xx) will not get better by waiting; the rest may. */
function readAnswer(verb: Verb, answer: Answer): string {
  if (answer.status === 400 && verb === 'decrypt') {
    throw new RootKeyWrong('root-key-does-not-fit', 'the key service cannot open a wrapped key (400)');
  }
  const redirected = answer.status >= 300 && answer.status < 400; // a standby node; tokens are not sent elsewhere
  if (redirected || answer.status === 429 || answer.status >= 472)
    throw new KeyServiceUnavailable(`status-${answer.status}`);
  if (answer.status !== 200) {
    throw new RootKeyWrong(
      'key-service-refused',
      `the key service refused to ${verb} (${answer.status}): check the token, the name of the key and its policy`,
    );
  }
  const text = field(verb === 'encrypt' ? 'ciphertext' : 'plaintext', answer.body);
  if (text === undefined) throw new KeyServiceUnavailable('answer-not-understood');
  return text;
}

function field(name: 'ciphertext' | 'plaintext', body: string): string | undefined {
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document !== 'object' || document === null || !('data' in document)) return undefined;
    const { data } = document;
    if (typeof data !== 'object' || data === null) return undefined;
    const value: unknown = Object.entries(data).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
