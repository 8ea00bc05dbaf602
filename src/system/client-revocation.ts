import { type ClientRevocation, createClientRevocation, createRevocation } from '#platform/keyring';
import { type SafeFetchOptions, safeFetch } from '#platform/net';
import { type Clock, type Config, describeFault, type Logger } from '#platform/runtime';

/** One place's answer about revocation may take so long, milliseconds. */
const ANSWER_MS = 5_000;

type Network = SafeFetchOptions['network'];

/** How lists and answers about revocation are fetched. */
export function revocationFetch(network: () => Network | null) {
  return async (
    url: string,
    body: Buffer | null,
    type: string | null,
    maxBytes: number,
  ): Promise<Buffer | null> => {
    const reached = network();
    if (reached === null) return null;
    const answer = await safeFetch(url, {
      network: reached,
      // Lists and answers are signed, and their places are reached in clear (RFC 5280 §8, RFC 6960 appendix A).
      allowHttp: true,
      timeoutMs: ANSWER_MS,
      maxBytes,
      redirects: body === null ? 2 : 0,
      ...(body === null ? {} : { method: 'POST' as const, body }),
      ...(type === null ? {} : { headers: { 'content-type': type } }),
    });
    return answer.kind === 'answered' && answer.status === 200 ? answer.body : null;
  };
}

/** What is known of the revocation of client certificates. */
export interface ClientCertificates extends ClientRevocation {
  /** By which network places are asked from now on; before that nobody answers. */
  reach(network: () => Network): void;
}

/** Null where the operator has named no authorities of client certificates. */
export function openClientCertificates(
  { clientCertificates: { authorities, revocation: mode } }: Config,
  clock: Clock,
  logger: Logger,
): ClientCertificates | null {
  if (authorities === undefined) return null;
  let network: (() => Network) | null = null;
  const revocation = createRevocation({
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    fetch: revocationFetch(() => network?.() ?? null),
    patienceMs: ANSWER_MS,
  });
  const known = createClientRevocation({
    ...{ mode, revocation },
    monotonic: () => clock.monotonic(),
    failed: (fault) => logger.error('client-certificate.revocation-failed', describeFault(fault)),
    noticed: (outcome) => logger.warn('client-certificate.revocation', { outcome }),
  });
  return {
    judge: known.judge,
    reach(next) {
      network = next;
    },
  };
}
