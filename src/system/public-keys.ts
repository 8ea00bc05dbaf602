import type { OrganisationId } from '#core/ids';
import { auditOrigin, verifierText } from '#platform/audit';
import type { Transaction } from '#platform/database';
import type { Keyring } from '#platform/keyring';
import { proofOrigin } from '#platform/proof';

/** What an organisation publishes so that others can verify its proofs and its log. */
export async function publicKeys(keyring: Keyring, tx: Transaction, organisation: OrganisationId) {
  const proof = await keyring.signer(tx, organisation, 'proof');
  const log = await keyring.signer(tx, organisation, 'audit');
  return {
    proofKeyId: proof.keyId,
    proofKey: verifierText({ keyName: proofOrigin(organisation), publicKey: proof.publicKey }),
    logKey: verifierText({ keyName: auditOrigin(organisation), publicKey: log.publicKey }),
  };
}
