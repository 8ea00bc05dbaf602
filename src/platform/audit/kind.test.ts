import { expect, it } from 'vitest';
import { AUDIT_KINDS, auditKind } from './kind.ts';

it.each([
  ['message.viewed', 'views'],
  ['messages.listed', 'views'],
  ['messages.searched', 'views'],
  ['audit.viewed', 'views'],
  ['delivery.viewed', 'views'],
  ['message.content-read', 'openings'],
  ['message.attachment-read', 'openings'],
  ['message.inspected', 'openings'],
  ['audit.reference-resolved', 'openings'],
  ['audit.reason-read', 'openings'],
  ['session.refused', 'sign-ins'],
  ['portal.signed-in', 'sign-ins'],
  ['portal.code-refused', 'sign-ins'],
  ['portal.device-remembered', 'sign-ins'],
  ['message.accepted', 'deliveries'],
  ['message.retracted', 'deliveries'],
  ['delivery.portal-read', 'deliveries'],
  ['notice.expired', 'deliveries'],
  ['portal.opened', 'deliveries'],
  ['text.sent', 'deliveries'],
  ['text-gateway.set', 'changes'],
  ['recipient.viewed', 'views'],
  ['portal.expired', 'deliveries'],
  ['policy.changed', 'changes'],
  ['audit.verified', 'changes'],
  ['something.never-seen-before', 'changes'],
])('%s is of the kind %s', (action, kind) => {
  expect(auditKind(action)).toBe(kind);
  expect(AUDIT_KINDS).toContain(kind);
});
