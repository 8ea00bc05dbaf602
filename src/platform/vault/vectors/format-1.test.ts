import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { restoreFromRecoveryKit } from '../recovery-kit.ts';
import type { Vault } from '../vault.ts';
import { collect, inPieces, organisationId, type TestHome, testHome } from '../vault-fixture.ts';

// Frozen octets of format 1, opened twice: by the vault, and by a second reader below that was written from the
// format's description alone and shares no code with it.

const organisation = z.string().transform(organisationId);
const binding = z.strictObject({ organisation, field: z.string(), row: z.string() });
const failure = z.enum(['SealBroken', 'KeyShredded', 'KeyMissing']);
const opening = {
  name: z.string(),
  binding,
  sealed: z.string(),
  plain: z.string().optional(),
  failure: failure.optional(),
};
const keyed = { name: z.string(), organisation, text: z.string(), result: z.string() };
const cases = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('open'), wrapped: z.string(), ...opening }),
  z.strictObject({ act: z.literal('openStream'), wrapped: z.string(), ...opening }),
  z.strictObject({ act: z.literal('openValue'), ...opening }),
  z.strictObject({ act: z.literal('blindIndex'), use: z.string(), ...keyed }),
  z.strictObject({ act: z.literal('mac'), use: z.string(), ...keyed }),
  z.strictObject({ act: z.literal('blindTerm'), ...keyed }),
]);
const vectors = z
  .strictObject({
    about: z.string(),
    now: z.iso.datetime(),
    files: z.record(z.string(), z.string()),
    recoveryKit: z.strictObject({ text: z.string(), code: z.string() }),
    longStream: z.strictObject({
      about: z.string(),
      wrapped: z.string(),
      binding,
      plainSize: z.number(),
      salt: z.string(),
      sealedSize: z.number(),
      sealedSha256: z.string(),
    }),
    cases: z.array(cases),
  })
  .parse(JSON.parse(readFileSync(new URL('./format-1.json', import.meta.url), 'utf8')));

const octetsOf = (text: string) =>
  text.startsWith('hex:') ? Buffer.from(text.slice(4), 'hex') : Buffer.from(text);
const hex = (text: string) => Buffer.from(text, 'hex');

let home: TestHome;
let vault: Vault;
beforeAll(async () => {
  home = testHome();
  for (const [name, text] of Object.entries(vectors.files)) {
    const path = join(home.keys, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, octetsOf(text), { mode: 0o600 });
  }
  home.clock.set(new Date(vectors.now));
  vault = await home.open();
});
afterAll(() => home.remove());

async function run(one: z.infer<typeof cases>): Promise<string> {
  switch (one.act) {
    case 'open': {
      const key = await vault.openObjectKey(one.binding.organisation, hex(one.wrapped));
      return vault.open(key, one.binding, hex(one.sealed)).toString('hex');
    }
    case 'openStream': {
      const key = await vault.openObjectKey(one.binding.organisation, hex(one.wrapped));
      return (await collect(vault.openStream(key, one.binding, inPieces(hex(one.sealed), [7])))).toString(
        'hex',
      );
    }
    case 'openValue':
      return (await vault.openValue(one.binding, hex(one.sealed))).toString('hex');
    case 'blindIndex':
      return (await vault.blindIndex(one.organisation, one.use, one.text)).toString('hex');
    case 'mac':
      return (await vault.mac(one.organisation, one.use, one.text)).toString('hex');
    case 'blindTerm':
      return String((await vault.blindTerms(one.organisation, [one.text]))[0]);
  }
}

describe('vectors of format 1', () => {
  test('are all there', () => {
    const count = (act: string) => vectors.cases.filter((one) => one.act === act).length;
    const acts = ['open', 'openStream', 'openValue', 'blindIndex', 'mac', 'blindTerm'];
    expect(acts.map(count)).toEqual([22, 10, 5, 2, 1, 1]);
  });

  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    if ('failure' in one && one.failure !== undefined) {
      await expect(run(one)).rejects.toMatchObject({ name: one.failure });
    } else {
      expect(await run(one)).toBe('result' in one ? one.result : one.plain);
    }
  });

  test('the recovery kit restores the root key file', async () => {
    const path = join(home.keys, 'restored.key');
    const { text, code } = vectors.recoveryKit;
    const restored = await restoreFromRecoveryKit(text, code, home.keys, { rootKeyFile: path });
    expect(restored).toEqual({ kind: 'restored', path, keys: 2 });
    expect(readFileSync(path, 'utf8')).toBe(vectors.files['root.key']);
  });
});

// ---- the second reader

const listed = (...parts: (string | Buffer)[]) =>
  Buffer.concat(
    parts.flatMap((part) => {
      const octets = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(octets.length);
      return [length, octets];
    }),
  );

function gcm(key: Buffer, nonce: Buffer, associated: Buffer, body: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(associated);
  decipher.setAuthTag(body.subarray(-16));
  return Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
}

const nonceFirst = (key: Buffer, associated: Buffer, body: Buffer) =>
  gcm(key, body.subarray(0, 12), associated, body.subarray(12));

function file(name: string): Buffer {
  const text = vectors.files[name];
  if (text === undefined) throw new Error(`no file ${name}`);
  return octetsOf(text);
}

const keySet = z.object({ keySet: z.string() }).parse(JSON.parse(file('keys.json').toString())).keySet;

/** Header and wrapped key of a key file, and what wrapped it. */
function keyFile(name: string) {
  const octets = file(name);
  expect(octets.toString('latin1', 0, 4)).toBe('SPK1');
  const end = 16 + (octets[15] ?? 0);
  return {
    header: octets.subarray(0, end),
    by: octets.toString('utf8', 16, end),
    wrapped: octets.subarray(end),
  };
}

function rootKey(id: string): Buffer {
  const line = file('root.key')
    .toString()
    .split('\n')
    .find((text) => text.startsWith(id));
  return Buffer.from(line?.split(' ')[2] ?? '', 'base64url');
}

function organisationKey(of: string, version: string): Buffer {
  const { header, by, wrapped } = keyFile(`organisations/${of}/organisation.${version}.key`);
  expect(wrapped.toString('hex', 0, 8)).toBe(by);
  const inner = listed('sealpost/key/1', keySet, of, `organisation.${version}`, header);
  return nonceFirst(rootKey(by), listed('sealpost/root/1', by, inner), wrapped.subarray(8));
}

function lowerKey(of: string, slot: string, path: string): Buffer {
  const { header, by, wrapped } = keyFile(`organisations/${of}/${path}`);
  return nonceFirst(organisationKey(of, by), listed('sealpost/key/1', keySet, of, slot, header), wrapped);
}

function objectKey(of: string, wrapped: Buffer): Buffer {
  const purpose = ['', 'message', 'portal', 'archive', 'record', 'identity', 'configuration'][
    wrapped[1] ?? 0
  ];
  const month = wrapped.readUInt16BE(2);
  const text = `${Math.floor(month / 12)}${String((month % 12) + 1).padStart(2, '0')}`;
  const group = `${purpose}-${text}-${wrapped.readUInt16BE(4)}`;
  const groupKey = lowerKey(of, group, `groups/${group}.key`);
  return nonceFirst(
    groupKey,
    listed('sealpost/object-key/1', of, wrapped.subarray(0, 6)),
    wrapped.subarray(6),
  );
}

describe('a second reader, from the description', () => {
  const good = vectors.cases.filter((one) => !('failure' in one) || one.failure === undefined);

  test.each(good.map((one) => [one.name, one] as const))('%s', (_, one) => {
    if (one.act === 'blindIndex' || one.act === 'mac' || one.act === 'blindTerm') {
      const key = lowerKey(one.organisation, 'index.1', 'index.1.key');
      const hmac = (...parts: string[]) =>
        createHmac('sha256', key)
          .update(listed(...parts))
          .digest();
      const results = {
        blindIndex: () =>
          hmac('sealpost/blind-index/1', 'use' in one ? one.use : '', one.text).toString('hex', 0, 16),
        mac: () => hmac('sealpost/mac/1', 'use' in one ? one.use : '', one.text).toString('hex'),
        blindTerm: () => String(hmac('sealpost/blind-term/1', one.text).readBigUInt64BE() >> 1n),
      };
      expect(results[one.act]()).toBe(one.result);
      return;
    }
    const { organisation: of, field, row } = one.binding;
    const sealed = hex(one.sealed);
    if (one.act === 'openStream') {
      const key = objectKey(of, hex(one.wrapped));
      const derived = Buffer.from(hkdfSync('sha256', key, sealed.subarray(1, 33), 'sealpost/stream/1', 39));
      const nonce = Buffer.concat([derived.subarray(32), Buffer.from('0000000001', 'hex')]);
      const plain = gcm(
        derived.subarray(0, 32),
        nonce,
        listed('sealpost/stream/1', of, field, row),
        sealed.subarray(33),
      );
      expect(plain.toString('hex')).toBe(one.plain);
      return;
    }
    const wrapped = one.act === 'open' ? hex(one.wrapped) : sealed.subarray(1, 67);
    const body = one.act === 'open' ? sealed : sealed.subarray(67);
    expect(body[0]).toBe(1);
    const plain = nonceFirst(
      objectKey(of, wrapped),
      listed('sealpost/seal/1', of, field, row),
      body.subarray(1),
    );
    expect(plain.toString('hex')).toBe(one.plain);
  });

  test('finds none of the wrapped keys in clear in any file', () => {
    const names = Object.keys(vectors.files).filter(
      (name) => name.startsWith('organisations/') && name.endsWith('.key'),
    );
    const keys = names.map((name) => {
      const [, of = '', ...rest] = name.split('/');
      const path = rest.join('/');
      const [, version] = /^organisation\.(\d+)\.key$/.exec(path) ?? [];
      if (version !== undefined) return organisationKey(of, version);
      return lowerKey(of, path.replace('groups/', '').replace('.key', ''), path);
    });
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(8);
    for (const key of keys) {
      expect(key.length).toBe(32);
      for (const name of Object.keys(vectors.files)) expect(file(name).includes(key)).toBe(false);
    }
  });

  test('a stream of two chunks, octet for octet', async () => {
    const { wrapped, binding: place, plainSize, salt, sealedSize, sealedSha256 } = vectors.longStream;
    const plain = Buffer.from(Array.from({ length: plainSize }, (_, index) => index % 251));
    const derived = Buffer.from(
      hkdfSync('sha256', objectKey(place.organisation, hex(wrapped)), hex(salt), 'sealpost/stream/1', 39),
    );
    const chunk = (number: number, last: number, octets: Buffer) => {
      const nonce = Buffer.concat([derived.subarray(32), Buffer.of(0, 0, 0, number, last)]);
      const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), nonce);
      cipher.setAAD(listed('sealpost/stream/1', place.organisation, place.field, place.row));
      return Buffer.concat([cipher.update(octets), cipher.final(), cipher.getAuthTag()]);
    };
    const chunks = [chunk(0, 0, plain.subarray(0, 65_536)), chunk(1, 1, plain.subarray(65_536))];
    const sealed = Buffer.concat([Buffer.of(3), hex(salt), ...chunks]);
    expect(sealed.length).toBe(sealedSize);
    expect(createHash('sha256').update(sealed).digest('hex')).toBe(sealedSha256);
    const key = await vault.openObjectKey(place.organisation, hex(wrapped));
    expect((await collect(vault.openStream(key, place, inPieces(sealed, [10_000])))).equals(plain)).toBe(
      true,
    );
  });
});
