import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ProvenLog, provenLog } from '../platform/proof/proof-fixture.ts';
import { proofVerify } from './proof.ts';
import { WrongWords } from './wrong-words.ts';

const ADDRESS = 'anna@example.test';
const directory = mkdtempSync(join(tmpdir(), 'sealpost-proof-'));
const file = (name: string) => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));

describe('sealpost proof verify', () => {
  let log: ProvenLog;

  beforeAll(async () => {
    log = await provenLog(5, 3, ADDRESS);
    writeFileSync(file('proof.json'), log.octets);
    writeFileSync(file('forged.json'), log.octets.toString('utf8').replace('delivered', 'bounced'));
    writeFileSync(file('keys.txt'), `${log.keys.join('\n')}\n`);
    writeFileSync(file('other.txt'), (await provenLog(1, 0, null)).keys.join('\n'));
    writeFileSync(file('note'), log.checkpoint(log.leaves));
    const seen = [log.leaves.slice(0, 2), log.leaves].map((leaves) => JSON.stringify(log.checkpoint(leaves)));
    writeFileSync(file('witness.notes'), `${seen.join('\n')}\n`);
    writeFileSync(file('rewritten.notes'), `${JSON.stringify(log.checkpoint(['a', 'b', 'c', 'd', 'e']))}\n`);
  });

  const run = (...words: string[]): { code: number; said: string } => {
    let said = '';
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    try {
      return { code: proofVerify(words), said };
    } finally {
      out.mockRestore();
    }
  };

  it.each([
    ['with both keys', ['--key', file('keys.txt')], 0, 'The proof holds.'],
    ['with a checkpoint', ['--key', file('keys.txt'), '--checkpoint', file('note')], 0, 'same state'],
    ['with a witness', ['--key', file('keys.txt'), '--checkpoint', file('witness.notes')], 0, 'same state'],
    ['for an address', ['--key', file('keys.txt'), '--recipient', ADDRESS], 0, `It was to ${ADDRESS}.`],
    ['with nothing', [], 3, 'NOBODY VOUCHES FOR THIS FILE'],
    ['with others’ keys', ['--key', file('other.txt')], 1, 'THE PROOF DOES NOT HOLD'],
    ['against another history', ['--checkpoint', file('rewritten.notes')], 1, 'ANOTHER state of the log'],
    ['for another address', ['--key', file('keys.txt'), '--recipient', 'ben@example.test'], 1, 'NOT to'],
  ])('%s', (_, words, code, said) => {
    expect(run(file('proof.json'), ...words)).toEqual({ code, said: expect.stringContaining(said) });
  });

  it('takes a key as a word too, one option each', () => {
    const [proofKey = '', logKey = ''] = log.keys;
    expect(run(file('proof.json'), '--key', proofKey, '--key', logKey).code).toBe(0);
    expect(run(file('proof.json'), '--key', proofKey).code).toBe(3);
  });

  it('fails for a changed file', () => {
    expect(run(file('forged.json'), '--key', file('keys.txt')).code).toBe(1);
  });

  it.each([
    [[]],
    [[file('not-there.json')]],
    [[file('proof.json'), '--key', file('proof.json')]],
    [[file('proof.json'), '--checkpoint', file('keys.txt')]],
  ])('refuses words that it does not understand', (words) => {
    expect(() => proofVerify(words)).toThrow(WrongWords);
  });
});
