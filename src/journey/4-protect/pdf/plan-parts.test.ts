import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_PARTS, mailOctets, planParts } from './plan-parts.ts';

const MB = 1024 * 1024;

describe('dividing a message over several mails', () => {
  it.each<[string, number[], number, number[][] | null]>([
    ['no attachment', [], MB, [[]]],
    ['all in one', [MB, MB], 20 * MB, [[0, 1]]],
    ['in their order', [6 * MB, 6 * MB, 6 * MB, MB], 10 * MB, [[0], [1], [2, 3]]],
    ['a first one that fills its mail', [7 * MB, MB], 10 * MB, [[0], [1]]],
    ['one too large for any mail', [MB, 8 * MB], 10 * MB, null],
    ['a mail too small for the text', [], 100_000, null],
    ['too many mails', Array.from({ length: MOST_PARTS + 1 }, () => 6 * MB), 10 * MB, null],
  ])('%s', (_, files, most, plan) => {
    expect(planParts(files, 100_000, most)).toEqual(plan);
  });

  it('loses no file, repeats none, keeps the order, and never goes over', () => {
    const sizes = fc.array(fc.nat(3 * MB), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 300_000, max: 8 * MB }), (files, most) => {
        const plan = planParts(files, 100_000, most);
        if (plan === null) return;
        expect(plan.flat()).toEqual(files.map((_, index) => index));
        for (const part of plan) {
          const octets = part.reduce((sum, index) => sum + (files[index] ?? 0), 100_000);
          expect(mailOctets(octets)).toBeLessThanOrEqual(most);
        }
        // As few as the order allows: no two neighbours would have gone into one.
        for (const [index, part] of plan.slice(1).entries()) {
          const both = [...(plan[index] ?? []), part[0] ?? 0];
          const octets = both.reduce((sum, file) => sum + (files[file] ?? 0) + 2_048, 100_000);
          expect(mailOctets(octets)).toBeGreaterThan(most);
        }
      }),
    );
  });
});
