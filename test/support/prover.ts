import { generateKeyPairSync, type JsonWebKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { proofText } from '../../src/platform/access/request-proof.ts';

/** The key of a browser, as programs of these tests hold one: signs requests as the console does. */
export interface Prover {
  /** Base64url of the public point. */
  readonly key: string;
  /** The private key as JWK, for a real browser that is to share it. */
  readonly jwk: JsonWebKey;
  /** The headers of one request; `path` may have a query. `csrf` is the value sent beside it, empty where there is none. */
  headers(method: string, path: string, csrf: string): Record<string, string>;
}

/** `now` gives the time in milliseconds; the machine's unless a test has a clock of its own. */
export function makeProver(now: () => number = Date.now): Prover {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const key = point.toString('base64url');
  return {
    key,
    jwk: privateKey.export({ format: 'jwk' }),
    headers: (method, path, csrf) => ({
      'sealpost-proof': makeProof(privateKey, method, path, csrf, now()),
      // What starts a session binds it to this key; anything else does not look at it.
      'sealpost-proof-key': key,
    }),
  };
}

export function makeProof(
  privateKey: KeyObject,
  method: string,
  path: string,
  csrf: string,
  at: number,
): string {
  const id = randomBytes(16).toString('base64url');
  const [plain = ''] = path.split('?', 1);
  const text = proofText({ method, path: plain, binding: csrf }, { at, id });
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${at}.${id}.${signature.toString('base64url')}`;
}
