import type { ClientCertificate } from '#core/client-certificate';
import { chainOf } from './client-certificate.ts';
import type { Certificate } from './read-certificate.ts';
import type { Revocation, RevocationState } from './revocation.ts';

/** `soft`: what nobody answers for is taken; `hard`: it is refused. */
export type RevocationMode = 'off' | 'soft' | 'hard';

/** `unanswered`: nobody says whether it is revoked, and the operator wants to know. */
export type ClientStanding = 'stands' | 'revoked' | 'unanswered';

export interface ClientRevocation {
  /**
   * Whether a client's certificate has been taken back. Only what stands under a named authority is asked for: places to ask stand
   * in the certificate, and nobody else's may send us anywhere. At once where the answer is at hand, as it is for a certificate
   * that is in use; a promise (bounded by the patience of `revocation`) the first time, and after an hour without use.
   */
  judge(certificate: ClientCertificate): ClientStanding | Promise<ClientStanding>;
}

export interface ClientRevocationPorts {
  readonly mode: RevocationMode;
  /** Keeps answers until they are due; asked again from time to time, it answers from there. */
  readonly revocation: Pick<Revocation, 'check'>;
  monotonic(): number;
  /** Told when a certificate comes to stand otherwise than well; no name of it is given. */
  noticed(state: RevocationState): void;
  /** Told of a fault of asking that no request waits for. */
  failed(fault: unknown): void;
}

/** So old an answer is asked for anew beside the request, which does not wait. */
const AGAIN_MS = 60_000;
/** So old an answer is waited for: nobody has used the certificate meanwhile. */
const STALE_MS = 60 * 60_000;
const MOST_KEPT = 5_000;

interface Held {
  readonly state: RevocationState;
  readonly at: number;
}

export function createClientRevocation(ports: ClientRevocationPorts): ClientRevocation {
  const { mode, revocation, monotonic } = ports;
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<RevocationState>>();

  async function answer(fingerprint: string, chain: readonly Certificate[]): Promise<RevocationState> {
    const before = held.get(fingerprint)?.state;
    const said = await revocation.check(chain);
    // Silence takes no revocation back: else whoever stops the responder's answers would.
    const state = said === 'unknown' && before === 'revoked' ? 'revoked' : said;
    if (state !== 'good' && state !== before) ports.noticed(state);
    held.delete(fingerprint);
    const oldest = held.size >= MOST_KEPT ? held.keys().next() : undefined;
    if (oldest?.done === false) held.delete(oldest.value);
    held.set(fingerprint, { state, at: monotonic() });
    return state;
  }

  function ask(fingerprint: string, chain: readonly Certificate[]): Promise<RevocationState> {
    const running = asking.get(fingerprint);
    if (running !== undefined) return running;
    const begun = answer(fingerprint, chain).finally(() => asking.delete(fingerprint));
    asking.set(fingerprint, begun);
    return begun;
  }

  const standing = (state: RevocationState): ClientStanding => {
    if (state === 'revoked') return 'revoked';
    return state === 'unknown' && mode === 'hard' ? 'unanswered' : 'stands';
  };

  return {
    judge(certificate) {
      if (mode === 'off' || !certificate.trusted) return 'stands';
      const { fingerprint } = certificate;
      const chain = chainOf(certificate);
      const known = held.get(fingerprint);
      if (chain === null) return standing(known?.state ?? 'unknown');
      const age = known === undefined ? Number.POSITIVE_INFINITY : monotonic() - known.at;
      if (known === undefined || age > STALE_MS) return ask(fingerprint, chain).then(standing);
      if (age > AGAIN_MS) ask(fingerprint, chain).catch((fault: unknown) => ports.failed(fault));
      return standing(known.state);
    },
  };
}
