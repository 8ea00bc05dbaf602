import { describe, expect, it } from 'vitest';
import type { Reason } from '#core/decision';
import type { DeliveryId, NoticeId } from '#core/ids';
import type { InboundFacts, Message } from '#core/message';
import { NO_TRANSPORT } from '#core/transport';
import { decideInbound } from '#journey/3-decide';
import { contentOf } from '#platform/net';
import { newId } from '#platform/runtime';
import { protectRequest } from '../../../test/support/protect-request.ts';
import { conclude, type Run } from './conclude.ts';

const FACTS: InboundFacts = {
  ...{ reversePath: 'address', spf: 'pass', dkim: 'none', dmarc: 'none', encrypted: false },
};
const reply = { code: 250, enhanced: '2.0.0', text: '' };
const SENT = { kind: 'delivered', transport: { ...NO_TRANSPORT, host: 'mail.clinic.test' }, reply } as const;
const REFUSED = { kind: 'bounced', transport: NO_TRANSPORT, reply: null, code: 'peer-refused' } as const;

function concluded(facts: Partial<InboundFacts>, found: Reason[], end: Run['end']) {
  const content = contentOf(Buffer.from('x'));
  const message: Message = {
    ...protectRequest(content).message,
    source: 'inbound',
    inbound: { ...FACTS, ...facts },
  };
  const id = newId() as DeliveryId;
  const place = { message: message.id, organisation: message.organisation };
  const recipient = { local: 'staff', domain: 'clinic.test' };
  const claim = {
    kind: 'delivery',
    item: id,
    domain: 'clinic.test',
    priority: 50,
    fence: 1,
    late: false,
  } as const;
  const outcome = conclude({
    work: {
      claim: { ...place, ...claim },
      opened: { message, content, key: { wrapped: Buffer.alloc(0) }, contentHash: Buffer.alloc(32) },
      delivery: { ...place, id, recipient, state: 'queued', attempts: 0 },
    },
    decision: decideInbound({ host: 'mail.clinic.test', policyVersion: 1, failures: [], found }),
    facts: null,
    failures: [],
    attempts: [],
    end,
    at: new Date(),
    portal: null,
    newNoticeId: () => newId() as NoticeId,
  });
  return {
    events: outcome.events.map(({ type }) => type),
    audit: outcome.audit.map(({ action }) => action),
    details: outcome.audit.at(-1)?.details,
    dsns: outcome.notices.length,
  };
}

describe('the end of a message from outside', () => {
  const OPENED: Reason = { code: 'inbound-opened', parameters: { by: 'pgp', signature: 'good' } };
  const SEALED: Reason = { code: 'inbound-left-sealed', parameters: { by: 'smime', why: 'broken' } };
  it.each([
    ['plain', [], ['inbound.handed-on'], []],
    ['opened', [OPENED], ['inbound.opened', 'inbound.handed-on'], ['inbound.opened']],
    ['left sealed', [SEALED], ['inbound.left-sealed', 'inbound.handed-on'], ['inbound.left-sealed']],
  ] as const)('says what was found: %s', (_, found, events, audit) => {
    const seen = concluded({}, [...found], { kind: 'sent', method: 'tls', result: SENT });
    expect(seen.events).toEqual(['delivery.delivered', ...events]);
    expect(seen.audit).toEqual(['delivery.delivered', ...audit]);
    if (found[0] !== undefined) expect(seen.details).toEqual(found[0].parameters);
  });

  it('says nothing of an opening while the message is still here', () => {
    const later = {
      kind: 'later',
      method: 'tls',
      code: 'timeout',
      status: null,
      nextAt: new Date(),
    } as const;
    expect(concluded({}, [OPENED], later)).toMatchObject({ events: ['delivery.deferred'], dsns: 0 });
  });

  it.each([
    [{ spf: 'pass' }, 1],
    [{ spf: 'softfail' }, 0],
    [{ spf: 'none', dmarc: 'pass' }, 0],
    [{ spf: 'pass', reversePath: 'null' }, 0],
  ] as const)('answers only a sender who is proven: %o', (facts, dsns) => {
    const end = { kind: 'refused', method: 'tls', result: REFUSED } as const;
    expect(concluded(facts, [], end)).toMatchObject({ events: ['delivery.bounced'], dsns });
    expect(concluded(facts, [], { kind: 'too-old', method: 'tls' }).dsns).toBe(dsns);
  });
});
