import { generateSync } from 'otplib';
import { describe, expect, it } from 'vitest';
import { newRecoveryCodes, normaliseRecoveryCode } from './recovery-code.ts';
import { matchTotp, newTotpSecret, totpUri } from './totp.ts';

const at = new Date('2026-11-22T10:00:15Z');
const step = Math.floor(at.getTime() / 30_000);
const codeAt = (secret: string, seconds: number) =>
  generateSync({ secret, epoch: Math.floor(at.getTime() / 1000) + seconds });

describe('matchTotp', () => {
  it('takes the step before, now and after, and nothing further', () => {
    const secret = newTotpSecret();
    expect(matchTotp(secret, codeAt(secret, 0), at, null)).toBe(step);
    expect(matchTotp(secret, codeAt(secret, -30), at, null)).toBe(step - 1);
    expect(matchTotp(secret, codeAt(secret, 30), at, null)).toBe(step + 1);
    expect(matchTotp(secret, codeAt(secret, -90), at, null)).toBeNull();
    expect(matchTotp(secret, codeAt(secret, 90), at, null)).toBeNull();
  });

  it('refuses a step that was used, and every step before it', () => {
    const secret = newTotpSecret();
    expect(matchTotp(secret, codeAt(secret, 0), at, step)).toBeNull();
    expect(matchTotp(secret, codeAt(secret, -30), at, step)).toBeNull();
    expect(matchTotp(secret, codeAt(secret, 30), at, step)).toBe(step + 1);
  });

  it('refuses what is not six digits', () => {
    for (const code of ['', '12345', '1234567', '12345a', ' 123456']) {
      expect(matchTotp(newTotpSecret(), code, at, null)).toBeNull();
    }
  });

  it('makes an address that authenticator apps read', () => {
    expect(totpUri('JBSWY3DPEHPK3PXP', 'ann@clinic.test')).toMatch(
      /^otpauth:\/\/totp\/Sealpost:ann(?:%40|@)clinic\.test\?secret=JBSWY3DPEHPK3PXP&issuer=Sealpost/,
    );
  });
});

describe('recovery codes', () => {
  it('are ten different ones, read as people type them', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(normaliseRecoveryCode(' 0o1L-ABCD efgh ')).toBe('0011abcdefgh');
  });
});
