import { type Address, addressText } from '#core/address';
import type { Fetched, SafeFetchOptions } from '#platform/net';
import type { Clock } from '#platform/runtime';
import { KEY_LIMIT, keyNamesAddress, type PublicPgpKey, readPublicKey } from './public-key.ts';
import { wkdAddresses } from './wkd.ts';

export type LookedUp =
  | { readonly kind: 'found'; readonly source: 'wkd' | 'hkps'; readonly key: PublicPgpKey }
  /** Nobody has one. */
  | { readonly kind: 'none' }
  /** Nothing may be concluded: a server did not answer. */
  | { readonly kind: 'failed' };

export interface LookUpPorts {
  /** Goes out to an address that others chose, behind the SSRF guard of platform/net. */
  fetch(url: string, options: FetchLimits): Promise<Fetched>;
  /** Host names of key servers (HKPS); none unless the operator named some: a request tells them whom we write to. */
  readonly keyServers: readonly string[];
  readonly clock: Clock;
}

export type FetchLimits = Pick<SafeFetchOptions, 'timeoutMs' | 'maxBytes' | 'redirects'>;

export type LookUp = (address: Address) => Promise<LookedUp>;

const LIMITS: FetchLimits = { timeoutMs: 4_000, maxBytes: KEY_LIMIT, redirects: 1 };
/** A server that did not answer is left alone for so long, whoever is asked for. */
const REST_MS = 10 * 60_000;
const RESTING_MOST = 5_000;

type Answer =
  | { readonly kind: 'body'; readonly body: Buffer }
  | { readonly kind: 'none' | 'failed' | 'no-host' };

/**
 * Looks for a key where the recipient's domain publishes it (Web Key Directory, advanced method, then the direct one
 * where the domain has no host of that name), then at the configured key servers. A key counts only when it names the
 * address in a user id that it certifies itself.
 */
export function createLookUp(ports: LookUpPorts): LookUp {
  const resting = new Map<string, number>();

  const ask = async (url: string): Promise<Answer> => {
    const { host } = new URL(url);
    const now = ports.clock.monotonic();
    if ((resting.get(host) ?? 0) > now) return { kind: 'failed' };
    const fetched = await ports.fetch(url, LIMITS);
    if (fetched.kind === 'answered') {
      if (fetched.status === 200) return { kind: 'body', body: fetched.body };
      return { kind: fetched.status >= 500 ? 'failed' : 'none' };
    }
    if (fetched.code === 'name-not-found') return { kind: 'no-host' };
    // What is too large or answers from a forbidden address is no key directory.
    if (['too-large', 'forbidden-address', 'bad-address', 'tls-failed'].includes(fetched.code))
      return { kind: 'none' };
    resting.set(host, now + REST_MS);
    const oldest = resting.size > RESTING_MOST ? resting.keys().next() : undefined;
    if (oldest?.done === false) resting.delete(oldest.value);
    return { kind: 'failed' };
  };

  const read = async (answer: Answer, address: Address, armoured: boolean): Promise<PublicPgpKey | null> => {
    if (answer.kind !== 'body') return null;
    const key = await readPublicKey(armoured ? answer.body.toString('latin1') : answer.body);
    if (typeof key === 'string') return null;
    return (await keyNamesAddress(key, addressText(address), ports.clock.now())) ? key : null;
  };

  return async (address) => {
    const { advanced, direct } = wkdAddresses(address);
    const first = await ask(advanced);
    const answer = first.kind === 'no-host' ? await ask(direct) : first;
    const key = await read(answer, address, false);
    if (key !== null) return { kind: 'found', source: 'wkd', key };
    let failed = answer.kind === 'failed';
    for (const server of ports.keyServers) {
      const search = encodeURIComponent(addressText(address));
      const got = await ask(`https://${server}/pks/lookup?op=get&options=mr&search=${search}`);
      const served = await read(got, address, true);
      if (served !== null) return { kind: 'found', source: 'hkps', key: served };
      failed ||= got.kind === 'failed' || got.kind === 'no-host';
    }
    return { kind: failed ? 'failed' : 'none' };
  };
}
