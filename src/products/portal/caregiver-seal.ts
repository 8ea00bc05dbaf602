import type { OrganisationId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { Vault } from '#platform/vault';
import type { CaregiverRow } from './caregiver.store.ts';

type Field = 'label' | 'reason';

function binding(organisation: OrganisationId, field: Field, grant: string): Binding {
  return { organisation, field: `portal.caregiver-${field}`, row: grant };
}

/** Sealed under `record`: the grant stays on record when what it opened is long gone. */
export function sealGrantText(
  vault: Vault,
  grant: Pick<CaregiverRow, 'organisation' | 'id'>,
  field: Field,
  text: string,
): Promise<Buffer> {
  return vault.sealValue('record', binding(grant.organisation, field, grant.id), text);
}

export async function openGrantText(
  vault: Vault,
  grant: Pick<CaregiverRow, 'organisation' | 'id' | Field>,
  field: Field,
): Promise<string> {
  return (await vault.openValue(binding(grant.organisation, field, grant.id), grant[field])).toString('utf8');
}
