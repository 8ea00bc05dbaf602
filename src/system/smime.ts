import type { OrganisationId } from '#core/ids';
import { openMessage, SmimeRefused } from '#journey/4-protect';
import {
  type CertificateDirectory,
  type CertificateRecords,
  type Certificates,
  createCertificateRecords,
  createCertificates,
  createRevocation,
  readCertificate,
} from '#platform/keyring';
import { safeFetch } from '#platform/net';
import type { SignedMail } from '#products/certificates';
import type { Foundation } from './foundation.ts';
import type { World } from './world.ts';

/** The keyring's certificates, and how inbound messages are read. */
export interface Smime {
  readonly certificates: Certificates;
  readonly records: CertificateRecords;
  /** Null where the message is not signed, or its signature does not fit. */
  readSigned(message: Buffer): SignedMail | null;
}

/** One place's answer about revocation may take so long, milliseconds. */
const ANSWER_MS = 5_000;

export function openSmime({ database, vault, clock }: Foundation, world: World): Smime {
  const revocation = createRevocation({
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    async fetch(url, body, type, maxBytes) {
      const answer = await safeFetch(url, {
        network: world.network(),
        // Lists and answers are signed, and their places are reached in clear (RFC 5280 §8, RFC 6960 appendix A).
        allowHttp: true,
        timeoutMs: ANSWER_MS,
        maxBytes,
        redirects: body === null ? 2 : 0,
        ...(body === null ? {} : { method: 'POST' as const, body }),
        ...(type === null ? {} : { headers: { 'content-type': type } }),
      });
      return answer.kind === 'answered' && answer.status === 200 ? answer.body : null;
    },
  });
  const certificates = createCertificates({
    database,
    vault,
    clock,
    revocation,
    // An LDAP directory of an organisation comes in here.
    directories: () => sandboxDirectory(world),
  });
  return { certificates, records: createCertificateRecords({ vault, clock }), readSigned };
}

function readSigned(message: Buffer): SignedMail | null {
  try {
    const { message: inside, signer } = openMessage(message, []);
    return signer === null ? null : { message: inside, signer };
  } catch (error) {
    if (error instanceof SmimeRefused) return null;
    throw error;
  }
}

/** The sandbox's own people and their authority: there as long as the sandbox is, and stored nowhere. */
function sandboxDirectory(world: World): readonly CertificateDirectory[] {
  const sandbox = world.sandbox();
  if (sandbox === null) return [];
  const { address, certificate, authority, capabilities } = sandbox.smime;
  return [
    {
      anchors: () => [readCertificate(authority)],
      find: async (_: OrganisationId, wanted) =>
        wanted.toLowerCase() === address
          ? [{ certificate: readCertificate(certificate), others: [], capabilities }]
          : [],
    },
  ];
}
