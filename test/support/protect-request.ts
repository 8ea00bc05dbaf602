import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { Content } from '#core/message';
import { DEFAULT_POLICY } from '#core/policy';
import type { ProtectRequest } from '#core/protection';
import { newId } from '#platform/runtime';

/** A request to protect this content, with everything else as it happens to be. */
export function protectRequest(content: Content): ProtectRequest {
  const now = new Date();
  return {
    message: {
      id: newId() as MessageId,
      organisation: newId() as OrganisationId,
      source: 'api',
      stream: 'transactional',
      class: 'light',
      priority: 0,
      policyVersion: 1,
      acceptedAt: now,
      dueAt: now,
      giveUpAt: now,
      portalExpiresAt: now,
      sender: { local: 'office', domain: 'clinic.test' },
      subject: '',
      size: content.size,
      messageId: '<1@clinic.test>',
      inReplyTo: null,
      state: 'accepted',
    },
    content,
    delivery: newId() as DeliveryId,
    recipient: { local: 'anna', domain: 'example.org' },
    decision: { method: 'pgp', order: ['pgp'], tls: DEFAULT_POLICY.tls, policyVersion: 1, reasons: [] },
  };
}
