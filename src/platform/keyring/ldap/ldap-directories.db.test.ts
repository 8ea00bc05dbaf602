import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUuid, type OrganisationId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { createKeyFile, createVault, SealBroken, type Vault } from '#platform/vault';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts';
import { makeAuthority, makeCertificate } from '../certificates/certificate-fixture.ts';
import { createCertificateRecords } from '../certificates/certificate-records.ts';
import { createCertificates } from '../certificates/certificates.ts';
import type { DirectoryAnswer, DirectorySettings } from './ask-directory.ts';
import { loopback } from './directory-fixture.ts';
import {
  createDirectoryRecords,
  type DirectoryConfiguration,
  type DirectoryRecords,
} from './directory-records.ts';
import { createLdapDirectories } from './ldap-directories.ts';

let fresh: FreshDatabase;
let vault: Vault;
let home: string;
let records: DirectoryRecords;

beforeAll(async () => {
  fresh = await freshDatabase();
  home = mkdtempSync(join(tmpdir(), 'sealpost-directories-'));
  const keysDirectory = join(home, 'keys');
  const dataDirectory = join(home, 'data');
  const rootKey = createKeyFile({ path: join(keysDirectory, 'root.key'), dataDirectory, clock: systemClock });
  vault = await createVault({ keysDirectory, rootKey, clock: systemClock });
  records = createDirectoryRecords({ vault, clock: systemClock });
});
afterAll(async () => {
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const isOrganisation = (id: string): id is OrganisationId => isUuid(id);
function organisation(): OrganisationId {
  const id = newId();
  if (!isOrganisation(id)) throw new TypeError('not an id');
  return id;
}

const address = 'erika@example.test';
const root = makeAuthority('Root');
const erika = makeCertificate({ name: 'Erika', issuer: root, emails: [address] });
const configuration: DirectoryConfiguration = {
  host: 'ldap.clinic.test',
  port: 636,
  security: 'ldaps',
  authorities: [root.pem],
  baseDn: 'dc=clinic,dc=test',
  bindDn: 'cn=sealpost,dc=clinic,dc=test',
};
const within = <T>(id: OrganisationId, work: Parameters<typeof fresh.database.tenant<T>>[2]) =>
  fresh.database.tenant([id], 'app', work);

const HOUR = 3_600_000;
const listed = [{ certificate: erika.certificate, others: [], capabilities: [] }];
const answered = (found: typeof listed | []): DirectoryAnswer => ({
  kind: 'answered',
  found,
  entries: found.length,
  unreadable: 0,
  referrals: 0,
});

/** An organisation with one directory that answers as told, and a clock that a test moves. */
async function furnished(first: DirectoryAnswer) {
  const org = organisation();
  const id = await within(org, (tx) => records.add(tx, org, configuration, 'secret'));
  const state = { answer: first, now: 0, asked: [] as { settings: DirectorySettings; address: string }[] };
  const failures: string[] = [];
  const clock = { ...systemClock, monotonic: () => state.now };
  const directory = createLdapDirectories({
    database: fresh.database,
    vault,
    clock,
    network: loopback,
    failed: (which, code) => failures.push(`${which} ${code}`),
    ask: async (settings, wanted) => {
      state.asked.push({ settings, address: wanted });
      return state.answer;
    },
  });
  const certificates = createCertificates({
    database: fresh.database,
    vault,
    clock,
    revocation: { check: async () => 'good', known: () => 'good' },
    directories: () => [directory],
  });
  return { org, id: id ?? '', state, failures, directory, certificates };
}

describe('the LDAP directories of an organisation', () => {
  it('are asked with what was set, and what they give is weighed like any other', async () => {
    const { org, state, certificates } = await furnished(answered(listed));
    expect(await certificates.recipient(org, 'Erika@Example.test')).toMatchObject({ code: 'key-untrusted' });
    expect(state.asked).toEqual([
      {
        settings: {
          host: 'ldap.clinic.test',
          port: 636,
          security: 'ldaps',
          authorities: [root.pem],
          baseDn: 'dc=clinic,dc=test',
          credentials: { name: 'cn=sealpost,dc=clinic,dc=test', password: 'secret' },
        },
        address,
      },
    ]);
    const anchors = createCertificateRecords({ vault, clock: systemClock });
    await within(org, (tx) => anchors.addAnchor(tx, org, root.certificate));
    certificates.forget(org);
    const key = await certificates.recipient(org, address);
    expect(key.kind === 'usable' && [key.id, key.certificate.subject]).toEqual([undefined, 'Erika']);
    expect(await certificates.recipient(organisation(), address)).toMatchObject({
      code: 'no-key',
      reason: null,
    });
    // The organisation's own comes first, and nobody else is asked then.
    const stored = makeCertificate({ name: 'Stored', issuer: root, emails: [address] });
    const own = { certificate: stored.certificate, others: [], capabilities: [] };
    await within(org, (tx) => anchors.add(tx, org, address, own, 'upload'));
    certificates.forget(org);
    const before = state.asked.length;
    const chosen = await certificates.recipient(org, address);
    expect(chosen.kind === 'usable' && chosen.certificate.subject).toBe('Stored');
    expect(state.asked).toHaveLength(before);
  });

  it('are not asked again for hours: a day where they had something, six hours where not', async () => {
    for (const [answer, hours] of [
      [answered(listed), 24],
      [answered([]), 6],
    ] as const) {
      const { org, state, directory } = await furnished(answer);
      await Promise.all([directory.find(org, address), directory.find(org, address)]);
      state.now = hours * HOUR - 1;
      await directory.find(org, address);
      expect(state.asked).toHaveLength(1);
      await directory.find(org, 'otto@example.test');
      expect(state.asked).toHaveLength(2);
      state.now += 2;
      await directory.find(org, address);
      expect(state.asked).toHaveLength(3);
    }
  });

  it('are left alone for two minutes when they fail, and the failure is on record instead of in the way', async () => {
    const { org, id, state, failures, certificates, directory } = await furnished({
      kind: 'failed',
      code: 'timeout',
    });
    const key = await certificates.recipient(org, address);
    expect(key).toEqual({ kind: 'refused', code: 'no-key', reason: 'directory-failed' });
    expect(await directory.find(org, 'otto@example.test')).toEqual({ certificates: [], complete: false });
    expect(state.asked).toHaveLength(1);
    expect(failures).toEqual([`${id} timeout`]);
    state.answer = answered(listed);
    state.now = 2 * 60_000 + 1;
    expect(await directory.find(org, address)).toMatchObject({ complete: true, certificates: listed });
    // What was changed is asked at once.
    state.answer = { kind: 'failed', code: 'closed' };
    await within(org, (tx) =>
      records.replace(tx, org, id, { ...configuration, baseDn: 'dc=new' }, undefined),
    );
    certificates.forget(org);
    expect((await directory.find(org, address)).complete).toBe(false);
    expect(state.asked.at(-1)?.settings).toMatchObject({
      baseDn: 'dc=new',
      credentials: { password: 'secret' },
    });
  });

  it('keep their password where it is, and let it go nowhere else', async () => {
    const { org, id } = await furnished(answered([]));
    const replace = (more: Partial<DirectoryConfiguration>, password?: string) =>
      within(org, (tx) => records.replace(tx, org, id, { ...configuration, ...more }, password));
    for (const more of [
      { host: 'eve.test' },
      { port: 637 },
      { security: 'starttls' },
      { authorities: [] },
      { bindDn: 'cn=eve' },
    ] as const) {
      expect(await replace(more)).toBe('password-needed');
    }
    expect(await replace({ host: 'new.clinic.test' }, 'other')).toBe('replaced');
    expect((await within(org, (tx) => records.open(tx, org, id)))?.credentials?.password).toBe('other');
    expect(await replace({ host: 'eve.test', bindDn: null })).toBe('replaced');
    expect((await within(org, (tx) => records.open(tx, org, id)))?.credentials).toBeNull();
    const stranger = organisation();
    const foreign = await within(stranger, (tx) => records.replace(tx, stranger, id, configuration, 'x'));
    expect(foreign).toBe('not-found');
    expect(await within(stranger, (tx) => records.open(tx, stranger, id))).toBeNull();
    expect(await within(stranger, (tx) => records.remove(tx, stranger, id))).toBe(false);
  });

  it('are five at most, sealed, and do not open in another row', async () => {
    const org = organisation();
    const add = () => within(org, (tx) => records.add(tx, org, configuration, 'the secret'));
    for (let count = 0; count < 5; count += 1) expect(await add()).not.toBeNull();
    expect(await add()).toBeNull();
    const rows = await within(org, (tx) =>
      tx.query<{ row: string }>({
        text: 'select row_to_json(d)::text as row from sealpost.certificate_directory d',
      }),
    );
    for (const { row } of rows)
      for (const secret of ['ldap.clinic', 'the secret', 'dc=clinic'])
        expect(row).not.toContain(Buffer.from(secret).toString('hex'));
    await within(org, (tx) =>
      tx.execute({
        text: `update sealpost.certificate_directory set settings =
                 (select settings from sealpost.certificate_directory order by id limit 1)`,
      }),
    );
    await expect(within(org, (tx) => records.list(tx, org))).rejects.toThrow(SealBroken);
  });
});
