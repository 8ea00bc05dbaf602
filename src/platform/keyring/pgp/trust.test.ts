import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeySource, KeyState } from './recipient-key.store.ts';
import { judgeOffer, type KnownKey } from './trust.ts';

const one = (fingerprint: string, state: KeyState): KnownKey => ({ fingerprint, state });

describe('judgeOffer', () => {
  it.each<[string, KnownKey[], KeySource, ReturnType<typeof judgeOffer>]>([
    ['the first key is pinned', [], 'wkd', 'pin'],
    ['a person is believed', [], 'console', 'trust'],
    ['a person may replace the trusted key', [one('b', 'trusted')], 'console', 'trust'],
    ['a person may take back a rejection', [one('a', 'rejected')], 'console', 'trust'],
    ['the trusted key may come again', [one('a', 'trusted')], 'wkd', 'renew'],
    ['another key waits', [one('b', 'trusted')], 'autocrypt', 'hold'],
    ['a key from the portal is no exception', [one('b', 'trusted')], 'portal', 'hold'],
    ['it goes on waiting', [one('b', 'trusted'), one('a', 'pending')], 'hkps', 'waiting'],
    ['what was rejected stays so', [one('b', 'trusted'), one('a', 'rejected')], 'wkd', 'refused'],
    ['what was revoked stays so', [one('a', 'revoked')], 'wkd', 'refused'],
    ['after a revocation there is no first use', [one('b', 'revoked')], 'wkd', 'hold'],
    [
      'an earlier key does not come back by itself',
      [one('b', 'trusted'), one('a', 'replaced')],
      'wkd',
      'hold',
    ],
  ])('%s', (_what, known, source, wanted) => {
    expect(judgeOffer(known, 'a', source)).toBe(wanted);
  });

  it('never lets a program change which key is trusted', () => {
    const state = fc.constantFrom<KeyState>('trusted', 'pending', 'replaced', 'rejected', 'revoked');
    const known = fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))
      .chain((names) => fc.tuple(...names.map((name) => state.map((its) => one(name, its)))));
    const source = fc.constantFrom<KeySource>('portal', 'wkd', 'hkps', 'autocrypt');
    fc.assert(
      fc.property(known, source, (list, from) => {
        const offer = judgeOffer(list, 'a', from);
        expect(offer).not.toBe('trust');
        if (offer === 'pin') expect(list).toEqual([]);
        if (offer === 'renew') expect(list).toContainEqual(one('a', 'trusted'));
      }),
    );
  });
});
