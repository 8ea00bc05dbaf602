import { type Address, addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { FoundCertificate } from '#platform/keyring';
import type { CertificatePorts } from './ports.ts';
import { usableOf } from './recipient-routes.ts';

/**
 * Takes what a signed message from outside brought along: of the certificates beside its signature those that name its
 * author, may be encrypted to and are trusted, as when a person hands the message in. The signature must fit, and is the
 * proof of who the author is: whoever made it holds the key that an authority gave to this address. How many were new.
 */
export async function learnFromSignedMail(
  ports: Pick<CertificatePorts, 'database' | 'audit' | 'certificates' | 'records'>,
  organisation: OrganisationId,
  author: Address,
  signer: FoundCertificate,
): Promise<number> {
  const address = addressText(author);
  const fitting = await usableOf(ports, organisation, address, signer);
  if (fitting.length === 0) return 0;
  const added = await ports.database.tenant([organisation], 'app', async (tx) => {
    let count = 0;
    for (const found of fitting) {
      const id = await ports.records.add(tx, organisation, address, found, 'signed-mail');
      if (id === null) continue;
      count += 1;
      await ports.audit.append(tx, {
        organisation,
        action: 'certificate.added',
        actor: { kind: 'system', component: 'inbound' },
        origin: { address: null, channel: 'worker' },
        result: 'done',
        subjects: [{ kind: 'certificate', id }],
        details: { source: 'signed-mail' },
        sealedReference: null,
        request: null,
      });
    }
    return count;
  });
  if (added > 0) ports.certificates.forget(organisation);
  return added;
}
