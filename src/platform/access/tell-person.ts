import type { IdentityId, NoticeId, OrganisationId } from '#core/ids';
import type { AccountChange, NoticeBody } from '#core/notice';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { readIdentityRow } from './identity.store.ts';
import { openPerson } from './person.ts';
import type { AccessPorts } from './ports.ts';

type TellPorts = Pick<AccessPorts, 'vault' | 'clock' | 'sendNotice'>;

/** Mails a notice to a person of the organisation, in the transaction of what it tells of. */
export async function noticeTo(
  { vault, clock, sendNotice }: TellPorts,
  tx: Transaction,
  to: { readonly organisation: OrganisationId; readonly identity: IdentityId },
  body: NoticeBody,
): Promise<void> {
  const row = await readIdentityRow(tx, to.identity);
  if (row === undefined) throw new Error('a notice is to go to an identity that does not exist');
  const { address } = await openPerson(vault, row);
  const at = address.lastIndexOf('@');
  await sendNotice(tx, {
    id: newId(clock) as NoticeId,
    organisation: to.organisation,
    to: { local: address.slice(0, at), domain: address.slice(at + 1) },
    locale: row.locale === 'es' ? 'es' : 'en',
    body,
  });
}

/** Tells a person that what they sign in with was changed (NIST SP 800-63B-4; ASVS 5.0 V6.3.7). */
export function tellOfChange(
  ports: TellPorts,
  tx: Transaction,
  to: { readonly organisation: OrganisationId; readonly identity: IdentityId },
  change: AccountChange,
): Promise<void> {
  const changedAt = ports.clock.now();
  return noticeTo(ports, tx, to, { kind: 'account-changed', change, changedAt });
}
