import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

const PASSWORD = 'abcde-fghjk-mnpqr';
const DAY = 86_400_000;

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

/** A PDF's password for this address; returns its message and its place in the portal. */
async function place(to: string, days = 30, password = PASSWORD, delivery = newId() as DeliveryId) {
  const message = newId() as MessageId;
  const [local = '', domain = ''] = to.split('@');
  const now = stage.clock.now();
  const id = await stage.database.tenant([clinic], 'worker', async (tx) => {
    await stage.portal.placePassword(
      tx,
      {
        organisation: clinic,
        message,
        delivery: { id: delivery, recipient: { local, domain } },
        about: { sender: { local: 'dr.lee', domain: 'clinic.test' }, subject: 'Your <b>biopsy</b>' },
        password,
        expiresAt: new Date(now.getTime() + days * DAY),
      },
      now,
    );
    const text = 'select id, sealed from sealpost.portal_pdf_password where delivery = $1';
    return tx.one<{ id: string; sealed: Buffer }>({ text, values: [delivery] });
  });
  return { message, ...id, path: `/pdf-passwords/${id.id}` };
}

describe('passwords of PDFs in the portal', () => {
  it('are listed for their recipient, and shown one at a time with that on record', async () => {
    const reader = await signInBy(stage, await stage.place({ organisation: clinic, to: 'ann@x.test' }));
    await reader.get('/messages');
    expect(reader.page).not.toContain('/pdf-passwords');
    const placed = await place('Ann@x.test');
    expect(placed.sealed.includes(PASSWORD) || placed.sealed.includes('biopsy')).toBe(false);
    await reader.get('/messages');
    expect(reader.page).toContain('href="/pdf-passwords"');
    await reader.get('/pdf-passwords');
    expect(reader.page).toContain(`href="${placed.path}"`);
    expect(reader.page).toContain('Your &lt;b&gt;biopsy&lt;/b&gt;');
    expect(reader.page).not.toContain(PASSWORD);
    await reader.get(placed.path);
    expect(reader.page).toContain(PASSWORD);
    const leaves = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry' }),
    );
    const shown = leaves.filter(({ leaf }) => leaf.includes('"portal.pdf-password-shown"'));
    expect(shown).toHaveLength(1);
    expect(shown[0]?.leaf.includes(PASSWORD)).toBe(false);
  });

  it('are nobody else’s, nor of somebody who is not signed in', async () => {
    const placed = await place('bo@x.test');
    const other = await signInBy(stage, await stage.place({ organisation: clinic, to: 'cy@x.test' }));
    await other.get(placed.path);
    expect(other.page).toContain('This page does not exist');
    expect(other.page).not.toContain(PASSWORD);
    await other.get('/pdf-passwords');
    expect(other.page).toContain('No passwords wait for you here');
    const nobody = await stage.server.inject({ method: 'GET', path: placed.path });
    expect([nobody.status, nobody.headers.location]).toEqual([303, '/sign-in']);
  });

  it('end with their time and with their message, and a second one of a copy takes the place of the first', async () => {
    const delivery = newId() as DeliveryId;
    await place('di@x.test', 30, 'first-first-first', delivery);
    const again = await place('di@x.test', 30, PASSWORD, delivery);
    const brief = await place('di@x.test', 1);
    const reader = await signInBy(stage, await stage.place({ organisation: clinic, to: 'di@x.test' }));
    await reader.get(again.path);
    expect(reader.page).toContain(PASSWORD);
    await stage.database.tenant([clinic], 'app', (tx) => stage.portal.retract(tx, clinic, brief.message));
    await reader.get(brief.path);
    expect(reader.page).toContain('This page does not exist');
    const sealed = () =>
      stage.database.tenant([clinic], 'app', async (tx) => {
        const text = `select count(*)::int as n from sealpost.portal_pdf_password where sealed is not null and object_key <> ''`;
        return (await tx.one<{ n: number }>({ text })).n;
      });
    const before = await sealed();
    await place('ed@x.test', -1);
    expect(await sealed()).toBe(before + 1);
    expect(await stage.database.tenant([clinic], 'worker', (tx) => stage.portal.expirePdfPasswords(tx))).toBe(
      1,
    );
    expect(await sealed()).toBe(before);
  });
});
