import type { OrganisationId } from '#core/ids';
import type { Method } from '#core/method';
import { decide, explainPolicy, validatePolicy } from '#journey/3-decide';
import { apiKeyMaker } from '#platform/access';
import type { Transaction } from '#platform/database';
import { withCertificate, withPgpKey } from '#platform/keyring';
import { passwordsAmong } from '#products/pdf-passwords';
import { createPolicies, type Policies } from '#products/policies';
import type { Waivers } from '#products/waivers';
import type { Foundation } from './foundation.ts';
import { OFFERED } from './road.ts';

type Among = (tx: Transaction, organisation: OrganisationId, indexes: readonly Buffer[]) => Promise<Buffer[]>;

/** Where what a method needs of a recipient is kept, and the name of the index it is found by. */
const HELD: Readonly<Partial<Record<Method, { readonly index: string; readonly among: Among }>>> = {
  pgp: { index: 'pgp-address/1', among: withPgpKey },
  smime: { index: 'certificate-address/1', among: withCertificate },
  pdf: { index: 'pdf-password-address/1', among: passwordsAmong },
};

/** Policies with everything that their workbench asks of other rooms. */
export function openPolicies(foundation: Foundation, waivers: Pick<Waivers, 'valid' | 'history'>): Policies {
  const { database, vault, audit, clock, logger } = foundation;
  return createPolicies({
    ...{ database, vault, audit, clock, logger },
    decide,
    explain: explainPolicy,
    validate: validatePolicy,
    offered: () => OFFERED,
    waiver: async (organisation, address) => (await waivers.valid(organisation, address)) !== null,
    waiverHistory: (organisation) => waivers.history(organisation),
    apiKeyMaker,
    holders: (organisation, method, addresses) => holders(foundation, organisation, method, addresses),
  });
}

async function holders(
  { database, vault }: Pick<Foundation, 'database' | 'vault'>,
  organisation: OrganisationId,
  method: Method,
  addresses: readonly string[],
): Promise<ReadonlySet<string>> {
  const means = HELD[method];
  if (means === undefined) return new Set();
  const byIndex = new Map<string, string>();
  const indexes: Buffer[] = [];
  for (const address of addresses) {
    const index = await vault.blindIndex(organisation, means.index, address);
    byIndex.set(index.toString('hex'), address);
    indexes.push(index);
  }
  const found = await database.tenant([organisation], 'worker', (tx) =>
    means.among(tx, organisation, indexes),
  );
  return new Set(found.flatMap((index) => byIndex.get(index.toString('hex')) ?? []));
}
