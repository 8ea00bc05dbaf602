import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTALLATION, isUuid, type OrganisationId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { createKeyFile, createVault, SealBroken, type Vault } from '#platform/vault';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { createKeyring, dnsRecord, type Keyring } from './index.ts';

let fresh: FreshDatabase;
let vault: Vault;
let home: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  home = mkdtempSync(join(tmpdir(), 'sealpost-keyring-'));
  const keysDirectory = join(home, 'keys');
  const rootKey = createKeyFile({
    path: join(keysDirectory, 'root.key'),
    dataDirectory: join(home, 'data'),
    clock: systemClock,
  });
  vault = await createVault({ keysDirectory, rootKey, clock: systemClock });
});
afterAll(async () => {
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const isOrganisation = (id: string): id is OrganisationId => isUuid(id);

async function organisation(): Promise<OrganisationId> {
  const id = newId();
  if (!isOrganisation(id)) throw new TypeError('not an id');
  await fresh.database.tenant([id], 'app', (tx) =>
    tx.execute({
      text: 'insert into sealpost.organisation (id, name, slug) values ($1, $2, $3)',
      values: [id, 'Clinic', id],
    }),
  );
  return id;
}
const newKeyring = (): Keyring => createKeyring({ vault, clock: systemClock });

describe('keyring', () => {
  it('makes one RSA and one Ed25519 key for a domain, once, also when two processes want them', async () => {
    const org = await organisation();
    const make = () =>
      fresh.database.tenant([org], 'app', (tx) => newKeyring().ensureDkim(tx, org, 'clinic.test'));
    const [first, second] = await Promise.all([make(), make()]);
    expect(first?.map(({ selector, algorithm }) => [selector, algorithm])).toEqual([
      ['sp1', 'rsa-sha256'],
      ['sp2', 'ed25519-sha256'],
    ]);
    expect(second?.map(({ keyId }) => keyId)).toEqual(first?.map(({ keyId }) => keyId));
    expect((await make()).map(({ keyId }) => keyId)).toEqual(first.map(({ keyId }) => keyId));
  });

  it('gives the worker the same keys, and none for another domain', async () => {
    const org = await organisation();
    await fresh.database.tenant([org], 'app', (tx) => newKeyring().ensureDkim(tx, org, 'clinic.test'));
    const keyring = newKeyring();
    const read = (domain: string) =>
      fresh.database.tenant([org], 'worker', (tx) => keyring.dkimKeys(tx, org, domain));
    expect(keyring.keptDkimKeys(org, 'clinic.test')).toBeNull();
    const keys = await read('clinic.test');
    expect(keyring.keptDkimKeys(org, 'clinic.test')?.map(({ keyId }) => keyId)).toEqual(
      keys.map(({ keyId }) => keyId),
    );
    expect(keys).toHaveLength(2);
    expect((await read('clinic.test'))[0]?.privateKey).toBe(keys[0]?.privateKey); // kept, not opened again
    expect(await read('elsewhere.test')).toEqual([]);
  });

  it('publishes what a verifier can read', async () => {
    const org = await organisation();
    const keys = await fresh.database.tenant([org], 'app', (tx) =>
      newKeyring().ensureDkim(tx, org, 'clinic.test'),
    );
    const [rsa, ed] = keys.map(dnsRecord);
    expect(rsa?.name).toBe('sp1._domainkey.clinic.test');
    expect(rsa?.strings.join('')).toBe(rsa?.text);
    expect(rsa?.strings.every((part) => part.length <= 255)).toBe(true);
    const der = Buffer.from(/p=(.*)$/.exec(rsa?.text ?? '')?.[1] ?? '', 'base64');
    expect(
      createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength,
    ).toBe(2048);
    expect(ed?.text).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  });

  it('signs for an organisation and for the installation, each with its own key', async () => {
    const org = await organisation();
    const keyring = newKeyring();
    const signer = (id: OrganisationId, use: 'proof' | 'audit') =>
      fresh.database.tenant([id], 'app', (tx) => keyring.ensureSigner(tx, id, use));
    const made = [
      await signer(org, 'proof'),
      await signer(org, 'audit'),
      await signer(INSTALLATION, 'audit'),
    ];
    expect(new Set(made.map(({ keyId }) => keyId)).size).toBe(3);
    for (const one of made)
      expect(verify(null, Buffer.from('x'), one.publicKey, one.sign(Buffer.from('x')))).toBe(true);
    const again = await fresh.database.tenant([org], 'worker', (tx) => newKeyring().signer(tx, org, 'proof'));
    expect(again.keyId).toBe(made[0]?.keyId);
  });

  it('says plainly that no key was made', async () => {
    const org = await organisation();
    const asked = fresh.database.tenant([org], 'worker', (tx) => newKeyring().signer(tx, org, 'proof'));
    await expect(asked).rejects.toThrow('no proof signing key');
  });

  it('keeps private keys sealed: not as PKCS #8 in the row, and not openable when moved', async () => {
    const org = await organisation();
    await fresh.database.tenant([org], 'app', (tx) => newKeyring().ensureDkim(tx, org, 'clinic.test'));
    const rows = await fresh.database.tenant([org], 'app', (tx) =>
      tx.query<{ id: string; private_key: Buffer }>({
        text: 'select id, private_key from sealpost.signing_key order by selector',
      }),
    );
    const oids = [Buffer.from('2a864886f70d010101', 'hex'), Buffer.from('2b6570', 'hex')];
    for (const row of rows)
      expect(oids.some((oid) => row.private_key.subarray(0, 64).includes(oid))).toBe(false);
    await fresh.database.tenant([org], 'app', (tx) =>
      tx.execute({
        text: 'update sealpost.signing_key set private_key = $1 where id = $2',
        values: [rows[0]?.private_key ?? null, rows[1]?.id ?? null],
      }),
    );
    const asked = fresh.database.tenant([org], 'worker', (tx) =>
      newKeyring().dkimKeys(tx, org, 'clinic.test'),
    );
    await expect(asked).rejects.toThrow(SealBroken);
  });
});
