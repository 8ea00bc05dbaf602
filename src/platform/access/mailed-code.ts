import { randomInt } from 'node:crypto';
import { INSTALLATION } from '#core/ids';
import type { AccessPorts } from './ports.ts';
import { makeSecretMac, matchesSecretMac } from './secret-mac.ts';

/** Ten minutes: the most that SP 800-63B-4 and ASVS 5.0 V6.5.5 allow a code sent by another way. */
const CODE_MS = 10 * 60_000;

interface KeptCode {
  /** Hexadecimal. */
  readonly mac: string;
  readonly expiresAt: Date;
}

/** Six digits for a mail, and what is kept of them in the ceremony that they belong to. */
export async function makeMailedCode({
  vault,
  clock,
}: Pick<AccessPorts, 'vault' | 'clock'>): Promise<KeptCode & { readonly code: string }> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const mac = await makeSecretMac(vault, INSTALLATION, 'staff-code/1', code);
  return { code, mac: mac.toString('hex'), expiresAt: new Date(clock.now().getTime() + CODE_MS) };
}

/** Whether the code is the one that was mailed, and in time. */
export async function judgeMailedCode(
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  kept: KeptCode | undefined,
  code: string,
): Promise<boolean> {
  if (kept === undefined || kept.expiresAt <= clock.now()) return false;
  return matchesSecretMac(vault, INSTALLATION, 'staff-code/1', code, Buffer.from(kept.mac, 'hex'));
}
