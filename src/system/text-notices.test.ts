import { describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { PortalPort } from '#core/portal';
import type { TextNotice } from '#core/text';
import type { Transaction } from '#platform/database';
import { silentLogger, systemClock } from '#platform/runtime';
import { KeyShredded } from '#platform/vault';
import { withTextNotices } from './text-notices.ts';

const expiresAt = new Date('2026-12-24T12:00:00Z');
const PLACE = {
  item: 'i' as PortalItemId,
  person: 'p' as PortalPersonId,
  linkToken: 'abc',
  expiresAt,
  locale: 'es',
} as const;
const PREPARED = { organisation: 'o' as OrganisationId, message: 'm' as MessageId, expiresAt };
const DELIVERY = { id: 'd' as DeliveryId, recipient: { local: 'anna', domain: 'x.test' } };

/** The portal places every copy; `send` is what a text meets. */
async function place(on: boolean, send: (notice: TextNotice) => Promise<boolean>) {
  const portal = { place: async () => PLACE } as unknown as PortalPort<Transaction>;
  const directory = { facts: async () => ({ textNotices: on }) as never };
  const texts = { reach: async () => null, send: (_tx: Transaction, notice: TextNotice) => send(notice) };
  const wrapped = withTextNotices(portal, { directory, texts, clock: systemClock, logger: silentLogger });
  return wrapped.place({} as Transaction, PREPARED, DELIVERY, new Date());
}

describe('notices as texts too', () => {
  it('go with the same link, where the organisation wants them', async () => {
    const sent: TextNotice[] = [];
    const note = async (notice: TextNotice) => sent.push(notice) > 0;
    expect(await place(false, note)).toBe(PLACE);
    expect(sent).toEqual([]);
    expect(await place(true, note)).toBe(PLACE);
    expect(sent).toMatchObject([
      {
        to: DELIVERY.recipient,
        locale: 'es',
        body: { kind: 'portal-message', linkToken: 'abc', expiresAt },
        about: { message: 'm', delivery: 'd' },
      },
    ]);
  });

  it('keep no copy from its recipient where none can go or the number is not to be opened', async () => {
    expect(await place(true, async () => false)).toBe(PLACE);
    expect(await place(true, () => Promise.reject(new KeyShredded('configuration-202611-0')))).toBe(PLACE);
    // What breaks the transaction breaks it all.
    await expect(place(true, () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
  });
});
