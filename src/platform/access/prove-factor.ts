import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { ClientCertificate } from '#core/client-certificate';
import { INSTALLATION } from '#core/ids';
import type { Transaction } from '#platform/database';
import {
  type FactorKind,
  type FactorRow,
  useCertificate,
  usePasskey,
  useRecoveryCode,
  useTotpStep,
} from './factor.store.ts';
import { checkPasskeyAnswer, type RelyingParty } from './passkey.ts';
import type { AccessPorts } from './ports.ts';
import { normaliseRecoveryCode } from './recovery-code.ts';
import { matchesSecretMac } from './secret-mac.ts';
import { matchTotp } from './totp.ts';
import { openTotpSecret } from './totp-secret.ts';

/** A factor that has been judged good; `use` marks it as used in the transaction, false when that was done meanwhile. */
export interface Proven {
  readonly kind: FactorKind;
  /** What else a session may say of it: `user-verified`, `device-bound`. */
  readonly marks: readonly string[];
  use(tx: Transaction): Promise<boolean>;
}

type JudgePorts = Pick<AccessPorts, 'vault' | 'clock'>;

/** Judges a code of an authenticator app against a person's factors; null when it fits none (RFC 6238). */
export async function judgeTotp(
  { vault, clock }: JudgePorts,
  factors: readonly FactorRow[],
  code: string,
): Promise<Proven | null> {
  for (const factor of factors) {
    if (factor.kind !== 'totp' || factor.secret === null) continue;
    const secret = await openTotpSecret(vault, factor.id, factor.secret);
    const step = matchTotp(secret, code, clock.now(), factor.last_step);
    if (step !== null)
      return { kind: 'totp', marks: [], use: (tx) => useTotpStep(tx, factor.id, step, clock.now()) };
  }
  return null;
}

/** Judges a recovery code; null when it is none of this person's. */
export async function judgeRecoveryCode(
  { vault, clock }: JudgePorts,
  factors: readonly FactorRow[],
  text: string,
): Promise<Proven | null> {
  const code = normaliseRecoveryCode(text);
  for (const factor of factors) {
    if (factor.kind !== 'recovery-code' || factor.secret === null) continue;
    if (await matchesSecretMac(vault, INSTALLATION, 'recovery-code/1', code, factor.secret)) {
      return { kind: 'recovery-code', marks: [], use: (tx) => useRecoveryCode(tx, factor.id, clock.now()) };
    }
  }
  return null;
}

/**
 * Judges a passkey's answer to the ceremony's challenge; null when there was none, or it is not of these factors. With
 * `verified` the authenticator must have verified its holder: then the passkey is two factors (WebAuthn Level 3, flag UV).
 */
export async function judgePasskey(
  { clock }: JudgePorts,
  factors: readonly FactorRow[],
  party: RelyingParty,
  challenge: string | undefined,
  response: AuthenticationResponseJSON,
  verified = false,
): Promise<Proven | null> {
  if (challenge === undefined) return null;
  const passkeys = factors.filter((factor) => factor.kind === 'passkey');
  const answer = await checkPasskeyAnswer(party, challenge, response, passkeys, verified);
  if (answer === null) return null;
  return {
    kind: 'passkey',
    marks: [
      ...(answer.userVerified ? ['user-verified'] : []),
      ...(answer.deviceBound ? ['device-bound'] : []),
    ],
    use: (tx) => usePasskey(tx, answer.factor.id, answer, clock.now()),
  };
}

/**
 * Judges the certificate of the connection; null when there is none, it does not stand under an authority that the operator named,
 * is out of its time, or is none of this person's. Its key was proved in the handshake, whose transcript it signed: a page that
 * pretends to be ours gets a signature over its own (SP 800-63B-4, phishing resistance by channel binding).
 */
export function judgeCertificate(
  { clock }: Pick<JudgePorts, 'clock'>,
  factors: readonly FactorRow[],
  certificate: ClientCertificate | null,
): Proven | null {
  if (certificate?.trusted !== true) return null;
  const key = Buffer.from(certificate.spki, 'base64url');
  const factor = factors.find(({ kind, certificate_key: own }) => kind === 'certificate' && own?.equals(key));
  if (factor === undefined) return null;
  const { notAfter } = certificate;
  const use = (tx: Transaction) => useCertificate(tx, factor.id, notAfter, clock.now());
  return { kind: 'certificate', marks: [], use };
}
