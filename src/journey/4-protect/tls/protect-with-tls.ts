import type { Protector } from '#core/protection';

/**
 * Verified TLS: the content travels as it stands, under the demand that the connection meets the decision's
 * requirement before one octet of it is sent. Whether the peer can is known only when delivering, so nothing is
 * refused here; delivery answers `protection-unavailable`.
 */
export const protectWithTls: Protector = {
  method: 'tls',
  async protect({ content }) {
    return { kind: 'needs-verified-tls', content };
  },
};
