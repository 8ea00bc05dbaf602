import { describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, NoticeId, OrganisationId } from '#core/ids';
import type { MessageState } from '#core/message';
import type { NoticeBody } from '#core/notice';
import { NO_TRANSPORT } from '#core/transport';
import type { OpenedNotice } from '#platform/record';
import { silentLogger } from '#platform/runtime';
import { concludeNotice } from '../6-track/index.ts';
import { runNotice } from './run-notice.ts';
import type { ConveyorPorts, SendRequest } from './stages.ts';

const ORGANISATION = '019a0000-0000-7000-8000-000000000001' as OrganisationId;
const NOW = new Date('2026-11-20T10:00:00Z');
const message = 'message' as MessageId;
const portalMessage: NoticeBody = {
  kind: 'portal-message',
  message,
  delivery: 'delivery' as DeliveryId,
  linkToken: 'token',
  expiresAt: NOW,
};

function opened(body: NoticeBody): OpenedNotice {
  const id = 'notice' as NoticeId;
  const to = { local: 'anna', domain: 'patient.example' };
  const place = { organisation: ORGANISATION, domain: to.domain, priority: -1, fence: 1, late: false };
  return {
    claim: { ...place, kind: 'notice', item: id, message },
    notice: { id, organisation: ORGANISATION, to, locale: 'en', body },
    attempts: 0,
    giveUpAt: new Date(NOW.getTime() + 60_000),
  };
}

/** Ports over a peer that is reached, and a message that is in the state given by then. */
function world(state: () => MessageState | null) {
  const asked: MessageId[] = [];
  const sent: SendRequest[] = [];
  const ports = {
    record: {
      messageState: async (_organisation: OrganisationId, id: MessageId) => {
        asked.push(id);
        return state();
      },
    },
    deliver: {
      async send(request: SendRequest) {
        const transport = NO_TRANSPORT;
        if (request.stillWanted && !(await request.stillWanted())) {
          return { kind: 'deferred', transport, reply: null, code: 'system-fault' };
        }
        sent.push(request);
        return { kind: 'delivered', transport, reply: { code: 250, enhanced: '2.0.0', text: 'ok' } };
      },
      sign: async (_organisation: unknown, _domain: unknown, content: unknown) => content,
      nextTry: () => 1000,
    },
    noticeIdentity: async () => ({ from: { domain: 'clinic.example' } }),
    buildNotice: () => Buffer.from('notice'),
    clock: { now: () => NOW, monotonic: () => 0 },
    logger: silentLogger,
  } as unknown as ConveyorPorts;
  return { ports, asked, sent };
}

describe('runNotice', () => {
  it('does not send what tells of a message that was retracted while it was on its way', async () => {
    const { ports, asked, sent } = world(() => 'retracted');
    const run = await runNotice(ports, opened(portalMessage));
    expect(run.end).toEqual({ kind: 'withdrawn' });
    expect([asked, sent]).toEqual([[message], []]);
    const outcome = concludeNotice(run);
    expect(outcome).toMatchObject({ state: 'cancelled', nextAt: null, undeliverable: null });
    expect(outcome.audit).toMatchObject([{ action: 'notice.withdrawn', result: 'done' }]);
  });

  it.each(['accepted', 'cancelled', null] as const)(
    'sends what tells of a message that is %s: its copy stands',
    async (state) => {
      const { ports, sent } = world(() => state);
      expect((await runNotice(ports, opened(portalMessage))).end).toEqual({ kind: 'sent', verified: false });
      expect(sent).toHaveLength(1);
    },
  );

  it('leaves the delivery alone where a further notice to another address cannot arrive', async () => {
    const { ports } = world(() => 'accepted');
    const ends = [portalMessage, { ...portalMessage, elsewhere: true } as const].map(async (body) =>
      concludeNotice({ ...(await runNotice(ports, opened(body))), end: { kind: 'too-old' } }),
    );
    const [first, elsewhere] = await Promise.all(ends);
    expect(first?.undeliverable).not.toBeNull();
    expect(elsewhere).toMatchObject({ state: 'expired', undeliverable: null });
  });

  it('tries again when it cannot be known', async () => {
    const { ports, sent } = world(() => {
      throw new Error('the database is away');
    });
    expect((await runNotice(ports, opened(portalMessage))).end).toMatchObject({ kind: 'later' });
    expect(sent).toEqual([]);
  });

  it('spares all other notices the look', async () => {
    const { ports, asked } = world(() => 'retracted');
    const code: NoticeBody = { kind: 'sign-in-code', code: '123456', expiresAt: NOW };
    expect((await runNotice(ports, opened(code))).end).toMatchObject({ kind: 'sent' });
    expect(asked).toEqual([]);
  });
});
