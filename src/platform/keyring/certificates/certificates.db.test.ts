import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUuid, type OrganisationId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { createKeyFile, createVault, SealBroken, type Vault } from '#platform/vault';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts';
import { makeAuthority, makeCertificate } from './certificate-fixture.ts';
import { type CertificateRecords, createCertificateRecords } from './certificate-records.ts';
import { type CertificateDirectory, type Certificates, createCertificates } from './certificates.ts';
import type { RevocationState } from './revocation.ts';

let fresh: FreshDatabase;
let vault: Vault;
let home: string;
let records: CertificateRecords;

beforeAll(async () => {
  fresh = await freshDatabase();
  home = mkdtempSync(join(tmpdir(), 'sealpost-certificates-'));
  const keysDirectory = join(home, 'keys');
  const rootKey = createKeyFile({
    path: join(keysDirectory, 'root.key'),
    dataDirectory: join(home, 'data'),
    clock: systemClock,
  });
  vault = await createVault({ keysDirectory, rootKey, clock: systemClock });
  records = createCertificateRecords({ vault, clock: systemClock });
});
afterAll(async () => {
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const isOrganisation = (id: string): id is OrganisationId => isUuid(id);
const root = makeAuthority();
const address = 'erika@example.test';
const day = (count: number) => new Date(Date.now() + count * 86_400_000);
const erika = makeCertificate({ name: 'Erika', issuer: root, emails: [address] });
const found = (one = erika) => ({ certificate: one.certificate, others: [], capabilities: [] });

function organisation(): OrganisationId {
  const id = newId();
  if (!isOrganisation(id)) throw new TypeError('not an id');
  return id;
}

function certificates(
  more: { readonly state?: RevocationState; readonly directories?: readonly CertificateDirectory[] } = {},
): Certificates {
  const state = more.state ?? 'unknown';
  return createCertificates({
    database: fresh.database,
    vault,
    clock: systemClock,
    revocation: { check: async () => state, known: () => state },
    directories: () => more.directories ?? [],
  });
}

const within = <T>(id: OrganisationId, work: Parameters<typeof fresh.database.tenant<T>>[2]) =>
  fresh.database.tenant([id], 'app', work);

async function furnished(): Promise<OrganisationId> {
  const org = organisation();
  await within(org, (tx) => records.addAnchor(tx, org, root.certificate));
  await within(org, (tx) => records.add(tx, org, address, found(), 'upload'));
  return org;
}

describe('the certificates of an organisation', () => {
  it('are found by address without regard to case, and only in their own organisation', async () => {
    const org = await furnished();
    const key = await certificates().recipient(org, 'Erika@example.test');
    expect(key.kind === 'usable' && key.certificate.fingerprint).toBe(erika.certificate.fingerprint);
    expect(await certificates().recipient(organisation(), address)).toMatchObject({ code: 'no-key' });
    expect(await certificates().recipient(org, 'otto@example.test')).toMatchObject({ code: 'no-key' });
  });

  it('are kept once each, and with what the owner’s software reads', async () => {
    const org = await furnished();
    const again = { ...found(), capabilities: ['1.2.3'] };
    expect(await within(org, (tx) => records.add(tx, org, address, again, 'signed-mail'))).toBeNull();
    const key = await certificates().recipient(org, address);
    expect(key).toMatchObject({ kind: 'usable', capabilities: ['1.2.3'] });
  });

  it('lets a newer one win, and an older one stand in while it must not be used', async () => {
    const org = await furnished();
    const newer = makeCertificate({ name: 'Erika', issuer: root, emails: [address], from: new Date() });
    await within(org, (tx) => records.add(tx, org, address, found(newer), 'upload'));
    const key = await certificates().recipient(org, address);
    expect(key.kind === 'usable' && key.certificate.fingerprint).toBe(newer.certificate.fingerprint);
    const signsOnly = makeCertificate({
      name: 'E',
      issuer: root,
      emails: [address],
      from: new Date(),
      usage: ['digitalSignature'],
    });
    const other = await furnished();
    await within(other, (tx) => records.add(tx, other, address, found(signsOnly), 'upload'));
    const stands = await certificates().recipient(other, address);
    expect(stands.kind === 'usable' && stands.certificate.fingerprint).toBe(erika.certificate.fingerprint);
  });

  it.each<readonly [RevocationState, 'soft' | 'hard', string]>([
    ['good', 'hard', 'usable'],
    ['unknown', 'soft', 'usable'],
    ['unknown', 'hard', 'revocation-unknown'],
    ['revoked', 'soft', 'key-revoked'],
    ['revoked', 'hard', 'key-revoked'],
  ])('revocation %s with the %s rule: %s', async (state, revocation, expected) => {
    const org = await furnished();
    await within(org, (tx) =>
      records.setSettings(tx, org, { revocation, cipher: 'auto', keyTransport: 'auto', signature: 'clear' }),
    );
    const key = await certificates({ state }).recipient(org, address);
    expect(key.kind === 'usable' ? key.kind : key.code).toBe(expected);
  });

  it('come from a directory too, whose roots hold beside our own, and are checked like any other', async () => {
    const own = makeAuthority('Directory');
    const listed = makeCertificate({ name: 'Otto', issuer: own, emails: ['otto@example.test'] });
    const old = makeCertificate({ name: 'Old', issuer: own, emails: ['old@example.test'], to: day(-1) });
    const directory: CertificateDirectory = {
      anchors: () => [own.certificate],
      find: async (_, wanted) => ({
        certificates: wanted === 'otto@example.test' ? [found(listed)] : [found(old)],
        complete: true,
      }),
    };
    const here = certificates({ directories: [directory] });
    const org = organisation();
    expect(await here.recipient(org, 'otto@example.test')).toMatchObject({ kind: 'usable' });
    expect(await here.recipient(org, 'old@example.test')).toMatchObject({ code: 'key-expired' });
    expect(await here.recipient(org, 'eve@example.test')).toMatchObject({ code: 'key-expired' });
  });

  it('change at once where they are changed', async () => {
    const org = await furnished();
    const here = certificates();
    expect(await here.recipient(org, address)).toMatchObject({ kind: 'usable' });
    const [anchor] = await within(org, (tx) => records.anchors(tx, org));
    await within(org, (tx) => records.removeAnchor(tx, org, anchor?.id ?? ''));
    expect(await here.recipient(org, address)).toMatchObject({ kind: 'usable' });
    here.forget(org);
    expect(await here.recipient(org, address)).toMatchObject({ code: 'key-untrusted' });
  });

  it('are sealed: neither address nor certificate nor key stands in a row, and a moved row does not open', async () => {
    const org = await furnished();
    const clinic = makeCertificate({ name: 'Clinic', issuer: root, emails: ['office@clinic.test'] });
    await within(org, (tx) => records.setIdentity(tx, org, { ...clinic, others: [] }));
    const rows = await within(org, (tx) =>
      tx.query<{ row: string }>({
        text: `select row_to_json(r)::text as row from sealpost.recipient_certificate r
               union all select row_to_json(a)::text from sealpost.trust_anchor a
               union all select row_to_json(i)::text from sealpost.smime_identity i`,
      }),
    );
    expect(rows).toHaveLength(3);
    const secrets = [address, 'Erika', 'office@clinic.test', 'Root'].map((text) =>
      Buffer.from(text).toString('hex'),
    );
    const fingerprint = erika.certificate.fingerprint;
    for (const { row } of rows)
      for (const secret of [...secrets, fingerprint, address]) expect(row).not.toContain(secret);
    const other = makeCertificate({ name: 'Eve', issuer: root, emails: [address] });
    await within(org, (tx) => records.add(tx, org, address, found(other), 'upload'));
    await within(org, (tx) =>
      tx.execute({
        text: `update sealpost.recipient_certificate set certificate =
                 (select certificate from sealpost.recipient_certificate order by id limit 1)`,
      }),
    );
    await expect(certificates().recipient(org, address)).rejects.toThrow(SealBroken);
  });
});

describe('the signing certificate', () => {
  it('signs until it is retired or over, and the next takes its place', async () => {
    const org = organisation();
    expect(await certificates().signing(org)).toBeNull();
    const own = (to?: Date) =>
      makeCertificate({ name: randomBytes(4).toString('hex'), issuer: root, ...(to ? { to } : {}) });
    const [first, second, old] = [own(), own(), own(day(-1))];
    for (const one of [first, second])
      await within(org, (tx) => records.setIdentity(tx, org, { ...one, others: [] }));
    expect((await certificates().signing(org))?.certificate.fingerprint).toBe(second.certificate.fingerprint);
    await within(org, (tx) => records.setIdentity(tx, org, { ...old, others: [root.certificate] }));
    expect(await certificates().signing(org)).toBeNull();
    expect((await within(org, (tx) => records.identity(tx, org)))?.others).toHaveLength(1);
    expect(await within(org, (tx) => records.retireIdentity(tx, org))).toBe(true);
    expect(await within(org, (tx) => records.retireIdentity(tx, org))).toBe(false);
  });
});
