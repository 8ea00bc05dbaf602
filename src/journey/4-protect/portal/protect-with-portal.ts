import type { PortalPort } from '#core/portal';
import type { Protector } from '#core/protection';

/** Portal pick-up: the content is sealed a second time under a portal key, and only a content-free notice leaves. */
export function protectWithPortal<Tx>(portal: PortalPort<Tx>): Protector {
  return {
    method: 'portal',
    async protect({ message, content }) {
      return { kind: 'in-portal', copy: await portal.copy({ message, content }) };
    },
  };
}
