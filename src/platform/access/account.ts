import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Caller } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import type { IdentityId, SessionId } from '#core/ids';
import { changeOwnFactors } from './change-own-factors.ts';
import { createChangePassphrase } from './change-passphrase.ts';
import type { FactorKind } from './factor.store.ts';
import { type CertificateFault, ownCertificates } from './own-certificates.ts';
import { ownTelephone } from './own-telephone.ts';
import type { passkeyCreation, RelyingParty } from './passkey.ts';
import { readOwnAccount } from './read-own-account.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import type { Level } from './sign-in-policy.ts';

/** A signed-in person who looks after their own account. */
export interface Owner {
  readonly caller: Caller;
  readonly identity: IdentityId;
  readonly session: SessionId;
}

export interface OwnFactor {
  readonly id: string;
  readonly kind: Exclude<FactorKind, 'recovery-code'>;
  readonly label: string;
  /** Of telephones: the last two digits. */
  readonly number: string | null;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
  /** Whether it withstands a page that pretends to be ours. */
  readonly phishingResistant: boolean;
  /** Of passkeys; null where it is not known yet. */
  readonly deviceBound: boolean | null;
  /** Of certificates: until when the one last seen is good; null for what does not end. */
  readonly expiresAt: Date | null;
  /** Whether it meets what the person's organisations demand. */
  readonly enough: boolean;
}

/** A certificate that the browser shows, before it is made a factor. */
export interface ShownCertificate {
  /** Null where the browser shows none. */
  readonly shown: {
    readonly subject: string;
    readonly issuer: string;
    readonly names: readonly string[];
    readonly expiresAt: Date;
  } | null;
  /** Why it cannot be added now; null: it can. */
  readonly fault: CertificateFault | null;
}

export interface OwnAccount {
  readonly factors: readonly OwnFactor[];
  /** What can be added in the organisation of the session. */
  readonly mayAdd: readonly OwnFactor['kind'][];
  readonly recoveryCodesLeft: number;
  /** Null where the person has none. */
  readonly passphraseChangedAt: Date | null;
  /** The strictest of what their organisations demand. */
  readonly demanded: Level;
  /** Until when the person may sign in without a factor that is demanded; null when they have one. */
  readonly dueBy: Date | null;
}

/**
 * What a person signs in with, changed by themselves. Every change is audited in the organisation of the session, and told to the
 * person by mail. Refusals as each says.
 */
export interface Account {
  read(owner: Owner): Promise<OwnAccount>;
  /** A secret for an authenticator app; nothing is kept before a code of it is shown. */
  totpOptions(
    owner: Owner,
  ): Promise<{ readonly ceremony: string; readonly secret: string; readonly uri: string }>;
  /** `gone`, `invalid` (path `code`). */
  addTotp(owner: Owner, proof: { ceremony: string; code: string; label: string }): Promise<void>;
  passkeyOptions(
    owner: Owner,
    party: RelyingParty,
  ): Promise<{ readonly ceremony: string; readonly options: Awaited<ReturnType<typeof passkeyCreation>> }>;
  /** `gone`, `invalid` (path `response`), `already-exists`. */
  addPasskey(
    owner: Owner,
    made: { ceremony: string; response: RegistrationResponseJSON; label: string },
    party: RelyingParty,
  ): Promise<void>;
  /** The certificate of this connection, and what stands in the way of adding it. */
  certificate(owner: Owner, shown: ClientCertificate | null): Promise<ShownCertificate>;
  /** Adds it. `wrong-state` with a reason of `ShownCertificate`; `already-exists`: it is a factor of somebody already. */
  addCertificate(owner: Owner, shown: ClientCertificate | null, label: string): Promise<void>;
  /**
   * Texts a code to a number in E.164. `wrong-state`: `texted-codes-not-allowed`, or `no-texts` where none can go now;
   * `too-many-requests`.
   */
  textOptions(owner: Owner, number: string): Promise<{ readonly ceremony: string; readonly masked: string }>;
  /** `gone`, `invalid` (path `code`), `already-exists`: one telephone a person. */
  addTelephone(owner: Owner, proof: { ceremony: string; code: string; label: string }): Promise<void>;
  /** `not-found`. */
  rename(owner: Owner, factor: string, label: string): Promise<void>;
  /** `not-found`; `wrong-state` for the last that can be proved anew at will (`last-factor`: a passkey or app) and for the last that meets a demand (`factor-demanded`). */
  remove(owner: Owner, factor: string): Promise<void>;
  /** Ten new ones, shown once; those before are no longer good. */
  renewRecoveryCodes(owner: Owner): Promise<string[]>;
  /** Ends the person's other sessions. `invalid` (path `old` or `passphrase`); `wrong-state` where they have none. */
  changePassphrase(owner: Owner, change: { old: string; passphrase: string }): Promise<void>;
}

export function createAccount(ports: SignInPorts, sessions: Sessions): Account {
  return {
    read: (owner) => readOwnAccount(ports, owner),
    ...changeOwnFactors(ports, sessions),
    ...ownCertificates(ports),
    ...ownTelephone(ports),
    changePassphrase: createChangePassphrase(ports, sessions),
  };
}
