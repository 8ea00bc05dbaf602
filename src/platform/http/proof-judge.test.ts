import type { KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProof, readProofKey } from '#platform/access';
import { handClock } from '../../../test/support/access.ts';
import { makeProver } from '../../../test/support/prover.ts';
import { createProofJudge, createProofMemory } from './proof-judge.ts';

const subject = { method: 'GET', path: '/v1/session', binding: 'csrf' };

function setUp(most?: number) {
  const clock = handClock(new Date('2026-05-01T12:00:00Z'));
  const prover = makeProver(() => clock.now().getTime());
  const key = readProofKey(prover.key);
  if (key === null) throw new Error('the key cannot be read');
  const judge = createProofJudge(clock, { proofMemory: createProofMemory(most) });
  const make = (path = subject.path) => prover.headers('GET', `${path}?q=1`, 'csrf')['sealpost-proof'];
  return {
    clock,
    judge: (header: string | undefined, by: KeyObject = key) => judge.judge(header, by, subject),
    make,
  };
}

describe('proofs of requests', () => {
  it('are good once, within a minute, and never come back', () => {
    const { clock, judge, make } = setUp();
    const proof = make();
    expect(judge(proof)).toBeNull();
    expect(judge(proof)).toBe('replayed');
    for (let second = 0; second < 59; second += 1) {
      clock.advance(1);
      expect(judge(proof)).toBe('replayed');
    }
    clock.advance(2);
    for (let second = 0; second < 200; second += 1) {
      clock.advance(1);
      expect(judge(proof)).toBe('time');
      // Others come and go, so that the memory is turned over.
      expect(judge(make())).toBeNull();
    }
  });

  it('of a browser whose clock runs ahead are remembered for as long as they would be taken', () => {
    const { clock, judge } = setUp();
    const fast = handClock(new Date('2026-05-01T12:00:14Z'));
    const prover = makeProver(() => fast.now().getTime());
    const key = readProofKey(prover.key);
    if (key === null) throw new Error('the key cannot be read');
    const proof = prover.headers('GET', subject.path, 'csrf')['sealpost-proof'];
    expect(judge(proof, key)).toBeNull();
    for (let second = 0; second < 74; second += 1) {
      clock.advance(1);
      expect(judge(proof, key)).toBe('replayed');
    }
    clock.advance(1);
    expect(judge(proof, key)).toBe('time');
  });

  it('are refused without, malformed, by another key, for another path, and when there are too many', () => {
    const { judge, make } = setUp(2);
    expect(judge(undefined)).toBe('missing');
    expect(judge('nonsense')).toBe('malformed');
    const other = readProofKey(makeProver().key);
    if (other === null) throw new Error('the key cannot be read');
    expect(judge(make(), other)).toBe('signature');
    expect(judge(make('/v1/other'))).toBe('signature');
    expect([judge(make()), judge(make()), judge(make())]).toEqual([null, null, 'too-many']);
  });

  it('are nothing but what has their form', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseProof(text)).toBeNull();
        expect(readProofKey(text)).toBeNull();
      }),
    );
    expect(readProofKey(Buffer.alloc(65, 4).toString('base64url'))).toBeNull();
  });
});
