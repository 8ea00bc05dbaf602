import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Keyring, OwnKeys } from '#platform/keyring';
import type { Policies } from '#products/policies';

/**
 * What every organisation needs before its first message: keys to sign mail (DKIM, OpenPGP), proofs and its audit log, and the
 * first version of its policy. In the transaction that makes the organisation.
 */
export async function prepareOrganisation(
  rooms: {
    readonly keyring: Keyring;
    readonly policies: Policies;
    readonly ownKeys: Pick<OwnKeys, 'ensure'>;
  },
  tx: Transaction,
  organisation: OrganisationId,
  domain: string,
  actor: Actor,
): Promise<void> {
  await rooms.keyring.ensureDkim(tx, organisation, domain);
  await rooms.keyring.ensureSigner(tx, organisation, 'proof');
  await rooms.keyring.ensureSigner(tx, organisation, 'audit');
  await rooms.ownKeys.ensure(tx, organisation, domain, actor);
  await rooms.policies.ensure(tx, organisation, actor);
}
