import { PERMISSIONS } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { RunningSystem } from '../../../src/system/run-system.ts';

/** Turns waivers on in the organisation's policy, for the ordinary class. */
export async function heedWaivers({ parts }: RunningSystem, organisation: string): Promise<void> {
  const caller = {
    organisation: organisation as OrganisationId,
    actor: { kind: 'system', component: 'test' },
    origin: { address: null, channel: 'cli' },
    permissions: new Set(PERMISSIONS),
    request: 'test',
  } as const;
  const { version, ...document } = (await parts.policies.newest(caller)).policy;
  const waivers = { enabled: true, highestClass: 'ordinary' } as const;
  await parts.policies.save(caller, version, { ...document, waivers });
}
