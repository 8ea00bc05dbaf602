import { expect, it } from 'vitest';
import { fingerprintGroups } from './fingerprint.ts';

it('groups fingerprints of versions 4 and 6', () => {
  expect(fingerprintGroups('d1a66e1a23b182c9980f788cfbfcc82a015e7330')).toBe(
    'D1A6 6E1A 23B1 82C9 980F 788C FBFC C82A 015E 7330',
  );
  expect(fingerprintGroups('ab'.repeat(32)).split(' ')).toHaveLength(16);
});
