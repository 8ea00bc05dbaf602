import { Refusal } from '#core/errors';
import { describeCertificate, type ProviderDescription, readProviderMetadata } from '#platform/federation';
import { invalid } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';

/** An identity provider by its metadata. Refusals `invalid` for what is none, `unavailable` with why it was not fetched. */
export async function describeProvider(
  { fetch, allowHttp }: Pick<SignOnNeeds, 'fetch' | 'allowHttp'>,
  given: { readonly xml?: string | undefined; readonly url?: string | undefined },
) {
  const xml = given.xml ?? (given.url === undefined ? '' : await fetched(fetch, given.url, allowHttp()));
  const described = readProviderMetadata(xml);
  if (described === null) throw invalid(given.xml === undefined ? 'url' : 'xml', 'no-provider');
  return viewOf(described);
}

async function fetched(fetch: SignOnNeeds['fetch'], url: string, allowHttp: boolean): Promise<string> {
  const answer = await fetch(url, { timeoutMs: 10_000, maxBytes: 1 << 20, allowHttp, redirects: 3 });
  if (answer.kind === 'failed') throw new Refusal('unavailable', { reason: answer.code });
  if (answer.status !== 200) throw new Refusal('unavailable', { reason: 'not-found' });
  return answer.body.toString('utf8');
}

function viewOf({ entityId, signInUrl, signOutUrl, certificates }: ProviderDescription) {
  return { entityId, signInUrl, signOutUrl, certificates: certificates.map(certificateView) };
}

export function certificateView(pem: string) {
  const { fingerprint, notAfter } = describeCertificate(pem);
  return { pem, fingerprint, notAfter: notAfter.toISOString() };
}
