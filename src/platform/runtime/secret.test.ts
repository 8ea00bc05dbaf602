import { describe, expect, it } from 'vitest';
import { constantTimeEqual, randomDigits, randomToken } from './secret.ts';

describe('secrets', () => {
  it('tokens are base64url, differ, and are never short', () => {
    expect(randomToken()).toMatch(/^[\w-]{43}$/);
    expect(new Set(Array.from({ length: 100 }, () => randomToken(16))).size).toBe(100);
    expect(() => randomToken(15)).toThrow(RangeError);
  });

  it('digits keep leading zeros and use all of the range', () => {
    const firsts = new Set(Array.from({ length: 500 }, () => randomDigits(6)[0]));
    expect(firsts.size).toBe(10);
    expect(randomDigits(6)).toMatch(/^\d{6}$/);
    expect(() => randomDigits(0)).toThrow(RangeError);
  });

  it('compares strings and bytes of any length', () => {
    expect(constantTimeEqual('123456', '123456')).toBe(true);
    expect(constantTimeEqual('123456', '123457')).toBe(false);
    expect(constantTimeEqual('a', 'ab')).toBe(false);
    expect(constantTimeEqual('ä', Buffer.from('ä'))).toBe(true);
  });
});
