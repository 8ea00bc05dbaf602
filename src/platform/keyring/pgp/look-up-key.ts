import { type Address, addressText } from '#core/address';
import type { Fetched, SafeFetchOptions } from '#platform/net';
import type { Clock } from '#platform/runtime';
import { judgeKey, KEY_LIMIT, keyNamesAddress, type PublicPgpKey, readPublicKeys } from './public-key.ts';
import { wkdAddresses } from './wkd.ts';

export type LookedUp =
  | {
      readonly kind: 'found';
      readonly source: 'wkd' | 'hkps';
      /** At least one. Usable ones first, newest first: a directory may answer with a key and those before it. */
      readonly keys: readonly PublicPgpKey[];
    }
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
/** Keys of one answer that are looked at. */
const KEYS_MOST = 8;

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

  const read = async (answer: Answer, address: Address, armoured: boolean): Promise<PublicPgpKey[]> => {
    if (answer.kind !== 'body') return [];
    const keys = await readPublicKeys(armoured ? answer.body.toString('latin1') : answer.body);
    return typeof keys === 'string' ? [] : bestFirst(keys, address, ports.clock.now());
  };

  return async (address) => {
    const { advanced, direct } = wkdAddresses(address);
    const first = await ask(advanced);
    const answer = first.kind === 'no-host' ? await ask(direct) : first;
    const keys = await read(answer, address, false);
    if (keys.length > 0) return { kind: 'found', source: 'wkd', keys };
    let failed = answer.kind === 'failed';
    for (const server of ports.keyServers) {
      const search = encodeURIComponent(addressText(address));
      const got = await ask(`https://${server}/pks/lookup?op=get&options=mr&search=${search}`);
      const served = await read(got, address, true);
      if (served.length > 0) return { kind: 'found', source: 'hkps', keys: served };
      failed ||= got.kind === 'failed' || got.kind === 'no-host';
    }
    return { kind: failed ? 'failed' : 'none' };
  };
}

/** The keys that name the address: usable ones before others, then the newest. */
async function bestFirst(
  keys: readonly PublicPgpKey[],
  address: Address,
  now: Date,
): Promise<PublicPgpKey[]> {
  const judged: { key: PublicPgpKey; usable: boolean }[] = [];
  for (const key of keys.slice(0, KEYS_MOST)) {
    if (!(await keyNamesAddress(key, addressText(address), now))) continue;
    judged.push({ key, usable: (await judgeKey(key, now)).kind === 'usable' });
  }
  return judged
    .sort(
      (a, b) => Number(b.usable) - Number(a.usable) || b.key.createdAt.getTime() - a.key.createdAt.getTime(),
    )
    .map(({ key }) => key);
}
