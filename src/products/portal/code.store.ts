import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** How a code travelled. */
export type CodeChannel = 'mail' | 'text';

export async function insertCode(
  tx: Transaction,
  code: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly mac: Buffer;
    readonly createdAt: Date;
    readonly expiresAt: Date;
    readonly channel: CodeChannel;
    /** It went to the person's own address and nowhere else. */
    readonly ownMailbox: boolean;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-code-insert',
    text: `insert into sealpost.portal_code (id, organisation, person, code_mac, created_at, expires_at, channel, own_mailbox)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      code.id,
      code.organisation,
      code.person,
      code.mac,
      code.createdAt,
      code.expiresAt,
      code.channel,
      code.ownMailbox,
    ],
  });
}

/** An unused code that is still good, locked. */
export function lockCode(
  tx: Transaction,
  id: string,
  now: Date,
): Promise<
  | { mac: Buffer; tries: number; person: PortalPersonId; channel: CodeChannel; ownMailbox: boolean }
  | undefined
> {
  return tx.maybe({
    name: 'portal-code-lock',
    text: `select code_mac as mac, tries, person, coalesce(channel, 'mail') as channel,
             own_mailbox as "ownMailbox"
           from sealpost.portal_code where id = $1 and used_at is null and expires_at > $2 for update`,
    values: [id, now],
  });
}

export async function countTry(tx: Transaction, id: string): Promise<void> {
  await tx.execute({
    name: 'portal-code-try',
    text: 'update sealpost.portal_code set tries = tries + 1 where id = $1',
    values: [id],
  });
}

export async function useCode(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-code-use',
    text: 'update sealpost.portal_code set used_at = $2, tries = tries + 1 where id = $1',
    values: [id, at],
  });
}

/** Whose code it was, whatever became of it. */
export async function findCodeOwner(tx: Transaction, id: string): Promise<PortalPersonId | undefined> {
  const row = await tx.maybe<{ person: PortalPersonId }>({
    name: 'portal-code-owner',
    text: 'select person from sealpost.portal_code where id = $1',
    values: [id],
  });
  return row?.person;
}
