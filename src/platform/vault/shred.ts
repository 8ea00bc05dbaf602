import type { OrganisationId } from '#core/ids';
import type { SealPurpose } from '#core/seal';
import type { CurrentGroup } from './current-group.ts';
import { createOnce, destroyFile, namesIn } from './durable-files.ts';
import { type GroupId, groupName, monthText, parseGroupName, parseMonth } from './group-id.ts';
import type { KeyTree } from './key-tree.ts';
import type { Month, ShredGroup } from './vault.ts';

/** All groups of an organisation, by name. */
export async function listGroups(tree: KeyTree, organisation: OrganisationId): Promise<ShredGroup[]> {
  const found = new Map<string, ShredGroup>();
  for (const file of (await namesIn(tree.paths.groups(organisation))).sort()) {
    const [stem = '', ending = ''] = file.split('.');
    const id = parseGroupName(stem);
    if (id === undefined || (ending !== 'key' && ending !== 'shredded')) continue;
    const state = ending === 'shredded' || found.get(stem)?.state === 'shredded' ? 'shredded' : 'usable';
    found.set(stem, { purpose: id.purpose, month: monthText(id.month), generation: id.generation, state });
  }
  return [...found.values()];
}

/**
 * Destroys every generation of one group. The tombstone is flushed first: from then on no process opens the group or
 * makes its id again, whatever happens next. Then the key is overwritten and removed.
 */
export async function shredGroup(
  tree: KeyTree,
  current: CurrentGroup,
  organisation: OrganisationId,
  purpose: SealPurpose,
  month: Month,
): Promise<ShredGroup[]> {
  const number = parseMonth(month);
  if (number === undefined) throw new TypeError('a month is written YYYYMM');
  const shredded: ShredGroup[] = [];
  for (const group of await listGroups(tree, organisation)) {
    if (group.purpose !== purpose || group.month !== month) continue;
    const id: GroupId = { purpose, month: number, generation: group.generation };
    const at = Buffer.from(`${tree.clock.now().toISOString()}\n`);
    await createOnce(tree.paths.group(organisation, groupName(id), 'shredded'), at);
    tree.forgetGroup(organisation, id);
    await current.forget(organisation, id);
    await destroyFile(tree.paths.group(organisation, groupName(id), 'key'));
    shredded.push({ ...group, state: 'shredded' });
  }
  return shredded;
}

/** Finishes what a crash between tombstone and removal has left: no key may lie beside its tombstone. */
export async function finishShredding(tree: KeyTree, organisation: OrganisationId): Promise<void> {
  const names = new Set(await namesIn(tree.paths.groups(organisation)));
  for (const file of names) {
    const [stem = '', ending = ''] = file.split('.');
    if (ending !== 'shredded' || parseGroupName(stem) === undefined) continue;
    if (names.has(`${stem}.key`)) await destroyFile(tree.paths.group(organisation, stem, 'key'));
  }
}
