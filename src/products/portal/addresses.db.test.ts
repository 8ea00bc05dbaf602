import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditReferenceBinding } from '#core/audit-reference';
import type { DeliveryId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type Placed, type PortalStage } from '../../../test/support/portal.ts';

const ADDRESS = '203.0.113.87';
let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

async function visit(placed: Placed, remember: boolean): Promise<PageBrowser> {
  const reader = new PageBrowser(stage.server, { address: ADDRESS });
  await reader.get(`/m/${placed.linkToken}`);
  await reader.press(/^\/m\//, {}, 'code');
  await reader.press('/code', { code: '000000' });
  const body = stage.notices.at(-1)?.body;
  const code = body?.kind === 'sign-in-code' ? body.code : '';
  await reader.press('/code', { code, ...(remember ? { remember: 'yes' } : {}) });
  return reader;
}

const log = (delivery: DeliveryId) =>
  stage.database.tenant([clinic], 'app', (tx) => stage.portal.accessLog(tx, clinic, delivery));

/** A row as the release before wrote it. */
async function oldRow(organisation: OrganisationId, placed: Placed, address: string): Promise<void> {
  await stage.database.tenant([organisation], 'app', (tx) =>
    tx.execute({
      text: `insert into sealpost.portal_access (id, organisation, item, person, act, address)
             select $1, i.organisation, i.id, i.person, 'opened', $2 from sealpost.portal_item i where i.delivery = $3`,
      values: [newId(), address, placed.delivery],
    }),
  );
}

const clearRows = async (organisation: OrganisationId): Promise<number> =>
  stage.database.tenant([organisation], 'app', async (tx) => {
    const text = 'select count(*)::int as n from sealpost.portal_access where address is not null';
    return (await tx.one<{ n: number }>({ text })).n;
  });

describe('the network address of a recipient', () => {
  it('stands in no row in clear, after everything that a visit writes', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'ann@x.test', text: 'All is well.' });
    const reader = await visit(placed, true);
    await reader.get(reader.path);
    await reader.get('/sign-out');
    await reader.press('/sign-out', {});
    const { rows, actions } = await stage.database.tenant([clinic], 'app', async (tx) => {
      const tables = ['portal_person', 'portal_item', 'portal_code', 'portal_device', 'portal_session'];
      const texts: string[] = [];
      for (const table of [...tables, 'portal_access', 'portal_limit', 'audit_entry']) {
        const found = await tx.query<{ row: string }>({
          text: `select t::text as row from sealpost.${table} t`,
        });
        expect(found.length, table).toBeGreaterThan(0);
        texts.push(...found.map(({ row }) => row));
      }
      const leaves = await tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry' });
      return {
        rows: texts.join('\n'),
        actions: leaves.map(({ leaf }) => JSON.parse(leaf.toString()).action as string),
      };
    });
    for (const action of [
      'code-sent',
      'code-refused',
      'signed-in',
      'device-remembered',
      'opened',
      'signed-out',
    ])
      expect(actions).toContain(`portal.${action}`);
    for (const part of [ADDRESS, '203.0.113.'])
      for (const shape of [part, Buffer.from(part).toString('hex')]) expect(rows).not.toContain(shape);
  });

  it('is opened for those who may read it: in the access log and in the entry’s reference', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'bo@x.test' });
    await visit(placed, false);
    expect(await log(placed.delivery)).toMatchObject([{ act: 'opened', address: ADDRESS }]);
    const entries = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ leaf: Buffer; sealed_reference: Buffer }>({
        text: 'select leaf, sealed_reference from sealpost.audit_entry order by id desc limit 3',
      }),
    );
    for (const { leaf, sealed_reference } of entries) {
      const { subjects, origin } = JSON.parse(leaf.toString());
      expect(origin).toEqual({ address: null, channel: 'portal' });
      const opened = await stage.vault.openValue(auditReferenceBinding(clinic, subjects), sealed_reference);
      expect(JSON.parse(opened.toString())).toEqual({ networkAddress: ADDRESS });
    }
  });

  it('does not open in another row', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'cy@x.test' });
    const reader = await visit(placed, false);
    await reader.get(reader.path);
    const other = await stage.place({ organisation: clinic, to: 'di@x.test' });
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({
        text: `insert into sealpost.portal_access (id, organisation, item, person, act, sealed_address)
               select $1, i.organisation, i.id, i.person, 'opened',
                      (select a.sealed_address from sealpost.portal_access a join sealpost.portal_item j on j.id = a.item
                       where j.delivery = $2 limit 1)
               from sealpost.portal_item i where i.delivery = $3`,
        values: [newId(), placed.delivery, other.delivery],
      }),
    );
    await expect(log(other.delivery)).rejects.toThrow();
  });
});

describe('rows of the release before', () => {
  it('are readable at once, and sealed by a job that two workers may run and that ends', async () => {
    const hospital = await stage.organisation('Hospital');
    const here = await stage.place({ organisation: clinic, to: 'ed@x.test' });
    const there = await stage.place({ organisation: hospital, to: 'flo@x.test' });
    for (let n = 0; n < 300; n += 1) {
      await oldRow(clinic, here, `198.51.100.${n % 250}`);
      await oldRow(hospital, there, `192.0.2.${n % 250}`);
    }
    const before = await log(here.delivery);
    expect(before.map(({ address }) => address).slice(0, 3)).toEqual([
      '198.51.100.0',
      '198.51.100.1',
      '198.51.100.2',
    ]);

    const [one, two] = await Promise.all([stage.portal.sealOldAddresses(), stage.portal.sealOldAddresses()]);
    expect(one + two + (await stage.portal.sealOldAddresses())).toBe(600);
    expect(await clearRows(clinic)).toBe(0);
    expect(await clearRows(hospital)).toBe(0);
    expect(await log(here.delivery)).toEqual(before);
    expect(await stage.portal.sealOldAddresses()).toBe(0);
  });
});
