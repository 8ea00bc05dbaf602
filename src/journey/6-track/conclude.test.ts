import { describe, expect, it } from 'vitest';
import type { Decision } from '#core/decision';
import type { DeliveryId, MessageId, NoticeId, OrganisationId } from '#core/ids';
import type { Message } from '#core/message';
import { DEFAULT_POLICY } from '#core/policy';
import { NO_TRANSPORT } from '#core/transport';
import { conclude } from './index.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const ORGANISATION = '018f0000-0000-7000-8000-000000000001' as OrganisationId;
const DELIVERY = '018f0000-0000-7000-8000-000000000003' as DeliveryId;

const message: Message = {
  id: '018f0000-0000-7000-8000-000000000002' as MessageId,
  organisation: ORGANISATION,
  source: 'api',
  stream: 'transactional',
  class: 'light',
  priority: 50,
  acceptedAt: NOW,
  dueAt: NOW,
  giveUpAt: NOW,
  portalExpiresAt: NOW,
  policyVersion: 1,
  sender: { local: 'staff', domain: 'clinic.example' },
  subject: 'Results',
  size: 5,
  messageId: '<a@clinic.example>',
  inReplyTo: null,
  state: 'accepted',
};

function concluded(reasons: Decision['reasons'], over: Partial<Parameters<typeof conclude>[0]> = {}) {
  const recipient = { local: 'anna', domain: 'patient.example' };
  const place = { message: message.id, organisation: ORGANISATION };
  const decision: Decision = {
    method: 'none',
    order: ['tls'],
    tls: DEFAULT_POLICY.tls,
    policyVersion: 1,
    reasons,
  };
  return conclude({
    work: {
      claim: {
        ...place,
        kind: 'delivery',
        item: DELIVERY,
        domain: recipient.domain,
        priority: 50,
        fence: 1,
        late: false,
      },
      opened: {
        message,
        key: { wrapped: Buffer.alloc(0) },
        content: {
          size: 0,
          bytes: Buffer.alloc(0),
          open: async function* () {
            yield Buffer.alloc(0);
          },
        },
        contentHash: Buffer.alloc(32),
      },
      delivery: { ...place, id: DELIVERY, recipient, state: 'queued', attempts: 0 },
    },
    decision,
    facts: null,
    failures: [],
    attempts: [],
    end: { kind: 'not-deliverable' },
    at: NOW,
    portal: null,
    newNoticeId: () => '018f0000-0000-7000-8000-000000000004' as NoticeId,
    ...over,
  });
}

describe('a sending under a waiver', () => {
  const reasons: Decision['reasons'] = [{ code: 'sent-under-waiver', parameters: { waiver: 'w1' } }];
  const attempt = {
    method: 'waiver',
    startedAt: NOW,
    endedAt: NOW,
    transport: NO_TRANSPORT,
    reply: null,
    code: null,
  } as const;
  const later = { kind: 'later', method: 'waiver', code: 'timeout', status: null, nextAt: NOW } as const;
  const actions = (over: Parameters<typeof concluded>[1]) =>
    concluded(reasons, over).audit.map(({ action }) => action);

  it('has an audit entry of its own, and its proof and event say so', () => {
    const reply = { code: 250, enhanced: null, text: '' };
    const result = { kind: 'delivered', transport: NO_TRANSPORT, reply } as const;
    const outcome = concluded(reasons, {
      attempts: [{ ...attempt, result: 'delivered' }],
      end: { kind: 'sent', method: 'waiver', result },
    });
    expect(outcome.audit.map(({ action }) => action)).toEqual([
      'delivery.delivered',
      'delivery.sent-under-waiver',
    ]);
    expect(outcome.audit[1]?.details).toMatchObject({ waiver: 'w1', class: 'light', method: 'waiver' });
    expect(outcome.method).toBe('waiver');
    expect(outcome.events[0]?.payload).toMatchObject({ method: 'waiver' });
    expect(outcome.proof).toMatchObject({ outcome: 'delivered' });
  });

  it('is on record too where the peer put it off, but not where nothing was sent', () => {
    expect(actions({ attempts: [{ ...attempt, result: 'deferred' }], end: later })).toContain(
      'delivery.sent-under-waiver',
    );
    expect(actions({ attempts: [{ ...attempt, result: 'protection-unavailable' }], end: later })).toEqual([
      'delivery.deferred',
    ]);
  });
});

describe('a copy that no method could take', () => {
  it.each([
    ['exclusive-tls', 'exclusive-tls'],
    ['nothing-left', 'no-method'],
  ] as const)('for %s is not delivered, as %s, and the sender is told', (reason, code) => {
    const outcome = concluded([{ code: reason, parameters: {} }]);
    expect(outcome).toMatchObject({ state: 'not-delivered', lastCode: code, lastStatus: '5.7.10' });
    expect(outcome.proof).toMatchObject({ outcome: 'not-delivered' });
    expect(outcome.notices.map(({ notice }) => notice.body.kind)).toEqual(['dsn']);
    expect(outcome.audit[0]?.details).toMatchObject({ code });
  });
});
