import type { NetworkProfile } from '#core/network';
import { type MtaStsPolicy, parseMtaStsPolicy } from './mta-sts-policy.ts';
import { safeFetch } from './safe-fetch.ts';

/** Result types of RFC 8460 §4.3.2 for a policy that cannot be had. */
export type MtaStsFailure = 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';

export type FetchedPolicy =
  | { readonly kind: 'policy'; readonly policy: MtaStsPolicy }
  | { readonly kind: 'failed'; readonly failure: MtaStsFailure };

/** RFC 8461 §3.3 allows a minute; a delivery waits for it, so less. */
const TIMEOUT_MS = 10_000;
/** As §3.3 suggests. */
const LARGEST = 64 * 1024;

/**
 * Fetches a domain's policy: HTTPS with a certificate for the policy host, status 200, text/plain, no redirect, at most
 * 64 KiB (RFC 8461 §3.3). Whatever else comes is no policy.
 */
export async function fetchMtaStsPolicy(domain: string, network: NetworkProfile): Promise<FetchedPolicy> {
  const host = `mta-sts.${domain}`;
  const port = network.webPort?.(host) ?? 443;
  const fetched = await safeFetch(`https://${host}:${port}/.well-known/mta-sts.txt`, {
    network,
    timeoutMs: TIMEOUT_MS,
    maxBytes: LARGEST,
    redirects: 0,
  });
  if (fetched.kind === 'failed') {
    const failure = fetched.code === 'tls-failed' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error';
    return { kind: 'failed', failure };
  }
  if (fetched.status !== 200) return { kind: 'failed', failure: 'sts-policy-fetch-error' };
  const type = fetched.headers['content-type'];
  const isText = typeof type === 'string' && /^text\/plain\s*(;|$)/i.test(type);
  const policy = isText ? parseMtaStsPolicy(fetched.body.toString('utf8')) : null;
  return policy === null ? { kind: 'failed', failure: 'sts-policy-invalid' } : { kind: 'policy', policy };
}
