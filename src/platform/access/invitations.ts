import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, type CeremonyTicket, openCeremony } from './ceremony.ts';
import type { AccessPorts } from './ports.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  organisation: z.string().transform((id) => id as OrganisationId),
});

export interface OpenInvitation {
  readonly id: string;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId;
}

/** One-time links for people who are members already but cannot sign in yet; good for seven days. */
export interface Invitations {
  /** The token in `ceremony` is shown once, to the administrator who passes it on. */
  issue(tx: Transaction, identity: IdentityId, organisation: OrganisationId): Promise<CeremonyTicket>;
  /** Refusal `gone` for a token that is unknown, used or over. */
  open(token: string): Promise<OpenInvitation>;
  /** Uses it up; Refusal `gone` when that was done meanwhile. */
  use(tx: Transaction, id: string): Promise<void>;
}

export function createInvitations(ports: AccessPorts): Invitations {
  const { database, clock } = ports;
  return {
    issue: (tx, identity, organisation) =>
      beginCeremony(ports, tx, 'invitation', identity, { identity, organisation }),
    async open(token) {
      const found = await database.system('app', (tx) =>
        openCeremony(ports, tx, 'invitation', token, stateSchema),
      );
      if (found === undefined) throw new Refusal('gone');
      return { id: found.id, ...found.state };
    },
    async use(tx, id) {
      if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
    },
  };
}
