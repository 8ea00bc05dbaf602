import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, type CeremonyTicket, changeCeremony, openCeremony } from './ceremony.ts';
import { insertFactor } from './factor.store.ts';
import { checkPasskeyCreation, type MadePasskey, passkeyCreation, type RelyingParty } from './passkey.ts';
import type { From, GuardedPorts } from './ports.ts';
import { storeRecoveryCodes } from './recovery-codes.ts';
import { matchTotp, newTotpSecret, totpUri } from './totp.ts';
import { sealTotpSecret } from './totp-secret.ts';

const addressSchema = z.strictObject({ local: z.string(), domain: z.string() });

const purposeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('setup'),
    organisationName: z.string(),
    displayName: z.string(),
    address: addressSchema,
    passphraseHash: z.string(),
    consoleUrl: z.string().nullable(),
    portalUrl: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('invitation'),
    invitation: z.string(),
    identity: z.string().transform((id) => id as IdentityId),
    organisation: z.string().transform((id) => id as OrganisationId),
    displayName: z.string(),
    address: addressSchema,
    passphraseHash: z.string(),
  }),
  z.strictObject({
    kind: z.literal('recovery'),
    recovery: z.string(),
    identity: z.string().transform((id) => id as IdentityId),
    organisation: z.string().transform((id) => id as OrganisationId),
    displayName: z.string(),
    address: addressSchema,
    passphraseHash: z.string(),
  }),
]);

/** What a new person is being enrolled for. Nothing of it is stored for good before a second factor is proven. */
export type EnrolmentPurpose = z.output<typeof purposeSchema>;

const stateSchema = z.strictObject({
  purpose: purposeSchema,
  totpSecret: z.string().optional(),
  challenge: z.string().optional(),
});

type NewFactor =
  | { readonly kind: 'totp'; readonly secret: string; readonly step: number }
  | ({ readonly kind: 'passkey'; readonly label: string } & MadePasskey);

/** A second factor that works, ready to be stored with what it was proven for. */
export interface ProvenEnrolment {
  readonly ceremony: string;
  readonly purpose: EnrolmentPurpose;
  readonly factor: NewFactor;
}

/** Enrolment of a person's first second factor. `gone`: the ceremony is over; `not-authenticated`: the code is wrong. */
export interface Enrolment {
  begin(purpose: EnrolmentPurpose): Promise<CeremonyTicket>;
  /** A secret for an authenticator app; asking again gives the same one. */
  totpOptions(ceremony: string): Promise<{ readonly secret: string; readonly uri: string }>;
  proveTotp(ceremony: string, code: string, from: From): Promise<ProvenEnrolment>;
  passkeyOptions(ceremony: string, party: RelyingParty): ReturnType<typeof passkeyCreation>;
  provePasskey(
    request: { ceremony: string; response: RegistrationResponseJSON; label: string },
    party: RelyingParty,
    from: From,
  ): Promise<ProvenEnrolment>;
  /** Uses the ceremony up and stores the factor; returns ten recovery codes, to be shown once. */
  finish(tx: Transaction, proven: ProvenEnrolment, identity: IdentityId): Promise<string[]>;
}

export function createEnrolment(ports: GuardedPorts): Enrolment {
  const { database, vault, clock, throttle } = ports;

  async function opened(token: string) {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'enrolment', token, stateSchema),
    );
    if (found === undefined) throw new Refusal('gone');
    return found;
  }

  return {
    begin: (purpose) =>
      database.system('app', (tx) => beginCeremony(ports, tx, 'enrolment', null, { purpose })),

    async totpOptions(ceremony) {
      const { id, state } = await opened(ceremony);
      const secret = state.totpSecret ?? newTotpSecret();
      await database.system('app', (tx) => changeCeremony(ports, tx, id, { ...state, totpSecret: secret }));
      const { address } = state.purpose;
      return { secret, uri: totpUri(secret, `${address.local}@${address.domain}`) };
    },

    async proveTotp(ceremony, code, from) {
      await throttle.take([{ kind: 'network', address: from.origin.address }]);
      const { id, state } = await opened(ceremony);
      const secret = state.totpSecret;
      const step = secret === undefined ? null : matchTotp(secret, code, clock.now(), null);
      if (secret === undefined || step === null) throw new Refusal('not-authenticated');
      return { ceremony: id, purpose: state.purpose, factor: { kind: 'totp', secret, step } };
    },

    async passkeyOptions(ceremony, party) {
      const { id, state } = await opened(ceremony);
      const { address, displayName } = state.purpose;
      const person = { address: `${address.local}@${address.domain}`, displayName };
      const options = await passkeyCreation(party, person);
      const { challenge } = options;
      await database.system('app', (tx) => changeCeremony(ports, tx, id, { ...state, challenge }));
      return options;
    },

    async provePasskey({ ceremony, response, label }, party, from) {
      await throttle.take([{ kind: 'network', address: from.origin.address }]);
      const { id, state } = await opened(ceremony);
      const passkey =
        state.challenge === undefined ? null : await checkPasskeyCreation(party, state.challenge, response);
      if (passkey === null) throw new Refusal('not-authenticated');
      return { ceremony: id, purpose: state.purpose, factor: { kind: 'passkey', label, ...passkey } };
    },

    async finish(tx, proven, identity) {
      if (!(await useCeremony(tx, proven.ceremony, clock.now()))) throw new Refusal('gone');
      const id = newId(clock);
      const { factor } = proven;
      if (factor.kind === 'totp') {
        const secret = await sealTotpSecret(vault, id, factor.secret);
        await insertFactor(tx, { id, identity, kind: 'totp', secret, lastStep: factor.step });
      } else {
        await insertFactor(tx, { id, identity, ...factor });
      }
      return storeRecoveryCodes(ports, tx, identity);
    },
  };
}
