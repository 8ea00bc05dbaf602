import { generateSecret, generateURI, verifySync } from 'otplib';

const PERIOD = 30;

/** A fresh secret of 160 bit in base32 (RFC 4226 §4). */
export function newTotpSecret(): string {
  return generateSecret({ length: 20 });
}

/** The `otpauth:` address for authenticator apps. */
export function totpUri(secret: string, label: string): string {
  return generateURI({ issuer: 'Sealpost', label, secret });
}

/**
 * The time step a code belongs to, null when it is wrong. One step before and after is taken for slow typing and
 * skewed clocks (RFC 6238 §5.2); steps up to `lastStep` were used already and are refused.
 */
export function matchTotp(secret: string, code: string, at: Date, lastStep: number | null): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const epoch = Math.floor(at.getTime() / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: PERIOD });
  if (!result.valid) return null;
  const step = Math.floor(epoch / PERIOD) + result.delta;
  return lastStep !== null && step <= lastStep ? null : step;
}
