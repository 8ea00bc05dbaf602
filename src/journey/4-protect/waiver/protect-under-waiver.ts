import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import { classRank, HIGHEST_UNSEALED } from '#core/method';
import { ProtectionUnavailable, type Protector } from '#core/protection';

/**
 * Plain mail on the recipient's recorded wish (SL-12): the content travels as it stands, encrypted wherever the peer
 * offers it. Asked for its record once more here, because a waiver may be withdrawn between deciding and sending; a
 * sender's REQUIRETLS (RFC 8689) is not the recipient's to lift, and the high class is refused whoever chose the method.
 */
export function protectUnderWaiver(
  valid: (organisation: OrganisationId, address: Address) => Promise<string | null>,
): Protector {
  return {
    method: 'waiver',
    async protect({ message, content, recipient }) {
      if (message.requireTls === true) throw new ProtectionUnavailable('waiver', 'requiretls-demanded');
      if (classRank(message.class) > classRank(HIGHEST_UNSEALED))
        throw new Error('a waiver was chosen for a class that it cannot open');
      const waiver = await valid(message.organisation, recipient);
      if (waiver === null) throw new ProtectionUnavailable('waiver', 'waiver-ended');
      return { kind: 'under-waiver', content, waiver };
    },
  };
}
