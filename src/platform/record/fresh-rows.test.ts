import { describe, expect, it } from 'vitest';
import type { DeliveryId, EventId, MessageId, OrganisationId } from '#core/ids';
import type { NewMessage } from '#core/ports';
import { newId } from '#platform/runtime';
import { FreshRows } from './fresh-rows.ts';

const NOW = new Date('2026-11-26T12:00:00Z');
const organisation = newId() as OrganisationId;

function message(octets: number, deliveries = 1, dueAt = NOW): NewMessage {
  const sealed = Buffer.alloc(octets, 1);
  return {
    id: newId() as MessageId,
    organisation,
    source: 'smtp',
    stream: 'business',
    class: 'light',
    priority: 50,
    dueAt,
    giveUpAt: NOW,
    portalExpiresAt: NOW,
    acceptedAt: NOW,
    policyVersion: 1,
    objectKey: Buffer.from('key'),
    sender: Buffer.from('sender'),
    senderIndex: Buffer.from('index'),
    subject: Buffer.from('subject'),
    messageIdHeader: Buffer.from('id'),
    contentHash: Buffer.from('hash'),
    size: octets,
    content: { kind: 'inline', sealed },
    inReplyTo: null,
    actor: { kind: 'system', component: 'test' },
    deliveries: Array.from({ length: deliveries }, () => ({
      id: newId() as DeliveryId,
      recipient: Buffer.from('to'),
      recipientIndex: Buffer.from('to'),
      domain: 'a.test',
    })),
    terms: [],
    requireTls: false,
    lowered: false,
    event: { id: newId() as EventId, payload: null, cause: null },
    audit: {
      organisation,
      action: 'message.accepted',
      actor: { kind: 'system', component: 'test' },
      origin: { address: null, channel: 'worker' },
      result: 'done',
      subjects: [],
      details: {},
      sealedReference: null,
      request: null,
    },
  };
}

describe('rows of what was just accepted', () => {
  it('are given for each delivery once, and then forgotten', () => {
    const rows = new FreshRows();
    const input = message(100, 3);
    rows.put(input, NOW);
    expect(rows.take(input.id, 2)?.content).toEqual(Buffer.alloc(100, 1));
    expect(rows.take(input.id, 1)?.row.subject).toEqual(Buffer.from('subject'));
    expect(rows.take(input.id, 1)).toBeUndefined();
    expect(rows.octets).toBe(0);
  });

  it('are bounded: the oldest go', () => {
    const rows = new FreshRows();
    const inputs = Array.from({ length: 500 }, () => message(64 * 1024));
    for (const input of inputs) rows.put(input, NOW);
    expect(rows.octets).toBeLessThanOrEqual(24 * 1024 * 1024);
    const [first] = inputs;
    const last = inputs.at(-1);
    expect(first && rows.take(first.id, 1)).toBeUndefined();
    expect(last && rows.take(last.id, 1)).toBeDefined();
  });

  it('are not kept for what is due later', () => {
    const rows = new FreshRows();
    const input = message(100, 1, new Date(NOW.getTime() + 60_000));
    rows.put(input, NOW);
    expect(rows.take(input.id, 1)).toBeUndefined();
  });
});
