import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeProofFile, type ProofFile } from './proof-file.ts';
import { ORGANISATION, type ProvenLog, provenLog } from './proof-fixture.ts';
import { proofWords } from './proof-words.ts';
import { type ProofOutside, verifyProof } from './verify-proof.ts';

const ADDRESS = 'anna@example.test';
const ALONE: ProofOutside = { keys: [], checkpoints: null, claim: null };

let log: ProvenLog;
let named: ProvenLog;

beforeAll(async () => {
  log = await provenLog(11, 6, null);
  named = await provenLog(7, 2, ADDRESS);
});

const failing = (octets: Uint8Array, outside: ProofOutside): string[] =>
  verifyProof(octets, outside)
    .checks.filter((one) => one.result === 'fails')
    .map((one) => one.check);
const altered = (change: Partial<ProofFile>): Buffer => encodeProofFile({ ...log.file, ...change });

describe('a proof file', () => {
  it('holds under the keys of its organisation, at every place of logs of every small size', async () => {
    for (let size = 1; size <= 9; size += 1) {
      for (let position = 0; position < size; position += 1) {
        const { octets, keys } = await provenLog(size, position, null);
        expect(verifyProof(octets, { ...ALONE, keys }).verdict).toBe('holds');
      }
    }
  });

  it('is not anchored without a key, nor with one of the two', () => {
    expect(verifyProof(log.octets, ALONE).verdict).toBe('unanchored');
    for (const key of log.keys) {
      expect(verifyProof(log.octets, { ...ALONE, keys: [key] }).verdict).toBe('unanchored');
    }
  });

  it('shows every changed octet, whatever it is changed to', () => {
    const FLIPS = [0x01, 0x20, 0x80, 0x04];
    const unseen: number[] = [];
    for (let at = 0; at < named.octets.length; at += 1) {
      const changed = Buffer.from(named.octets);
      changed[at] = (changed[at] ?? 0) ^ (FLIPS[at % FLIPS.length] ?? 1);
      if (verifyProof(changed, ALONE).verdict !== 'fails') unseen.push(at);
    }
    expect(unseen).toEqual([]);
  });

  it('shows any other octet at any place, and what is added or cut off', () => {
    const any = fc.nat({ max: named.octets.length - 1 });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(named.octets);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const added = Buffer.concat([
          named.octets.subarray(0, at),
          Buffer.of(flip),
          named.octets.subarray(at),
        ]);
        return [changed, added, named.octets.subarray(0, at)].every(
          (octets) => verifyProof(octets, ALONE).verdict === 'fails',
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['another key of the same organisation', async () => (await provenLog(1, 0, null)).keys],
    [
      'a key of another organisation',
      async () => log.keys.map((key) => key.replaceAll(ORGANISATION, 'other')),
    ],
  ])('does not hold under %s', async (_, keysOf) => {
    expect(failing(log.octets, { ...ALONE, keys: await keysOf() })).toEqual(['proof-key', 'log-key']);
  });

  it('does not hold when its record, entry or path belong to something else', async () => {
    const other = await provenLog(11, 5, null);
    const swapped = log.file.record.replace('"tls"', '"pgp"');
    expect(failing(altered({ record: swapped }), ALONE)).toEqual(['signature', 'entry']);
    expect(failing(altered({ entry: log.file.entry.replace('delivered', 'bounced') }), ALONE)).toEqual([
      'inclusion',
    ]);
    expect(failing(altered({ checkpoint: other.file.checkpoint }), ALONE)).toEqual(['checkpoint']);
    expect(failing(altered({ signature: other.file.signature }), ALONE)).toEqual(['signature']);
    expect(failing(altered({ proofKey: other.file.proofKey }), ALONE)).toEqual(['signature']);
    expect(failing(altered({ logKey: log.file.proofKey }), ALONE)).toEqual(['file']);
  });

  it('does not hold when the tree was cut: shorter path, smaller log, position behind its end', () => {
    const { path } = log.file;
    expect(failing(altered({ path: path.slice(0, -1) }), ALONE)).toEqual(['inclusion']);
    expect(failing(altered({ path: path.slice(1) }), ALONE)).toEqual(['inclusion']);
    expect(failing(altered({ path: [] }), ALONE)).toEqual(['inclusion']);
    expect(failing(altered({ checkpoint: log.checkpoint(log.leaves.slice(0, 8)) }), ALONE)).toEqual([
      'inclusion',
    ]);
    expect(failing(altered({ checkpoint: log.checkpoint(log.leaves.slice(0, 6)) }), ALONE)).toEqual([
      'inclusion',
    ]);
    expect(failing(altered({ position: 11 }), ALONE)).toEqual(['inclusion']);
    expect(failing(altered({ position: 7 }), ALONE)).toEqual(['inclusion']);
  });

  it('is compared with what a witness has seen', () => {
    const { keys } = log;
    const mine = log.checkpoint(log.leaves);
    const other = log.checkpoint(log.leaves.map((leaf, index) => (index === 0 ? 'rewritten' : leaf)));
    const smaller = log.checkpoint(log.leaves.slice(0, 8));
    const against = (checkpoints: string[]) => failing(log.octets, { keys, checkpoints, claim: null });
    expect(against([smaller, mine])).toEqual([]);
    expect(against([other])).toEqual(['witness']);
    expect(against([mine, other])).toEqual(['witness']);
    expect(against([smaller])).toEqual(['witness']);
    expect(against([mine.replace('time 2026', 'time 2025')])).toEqual(['witness']);
  });

  it('answers whether it was to an address, with the salt from the file or from aside', () => {
    const salt = '000102030405060708090a0b0c0d0e0f';
    const claims = (octets: Uint8Array, address: string, given: string | null) =>
      failing(octets, { ...ALONE, claim: { address, salt: given } });
    expect(claims(named.octets, ADDRESS, null)).toEqual([]);
    expect(claims(log.octets, ADDRESS, salt)).toEqual([]);
    expect(claims(named.octets, 'ben@example.test', null)).toEqual(['recipient']);
    expect(claims(log.octets, ADDRESS, salt.replace('0f', '1f'))).toEqual(['recipient']);
    expect(claims(log.octets, ADDRESS, null)).toEqual(['recipient']);
    expect(claims(log.octets, ADDRESS, salt.slice(1))).toEqual(['recipient']);
    expect(log.octets.includes('anna')).toBe(false);
  });

  it('is worded for readers, and a code of a later version stands for itself', () => {
    const { record } = verifyProof(log.octets, ALONE);
    if (record === null) throw new Error('the file is readable');
    expect(proofWords(record)).toMatchObject({
      authenticatedBy: 'a valid certificate for the server’s name',
      reasons: ['The order of methods is the organisation’s own.'],
    });
    const later = { ...record, method: 'quantum' as typeof record.method };
    expect(proofWords(later).method).toBe('quantum');
  });
});
