// For this room's tests only: the room on a database of its own, and people who enrol by its own doors.
import { generateSync } from 'otplib';
import { expect } from 'vitest';
import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import type { Address } from '#core/address';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { newId } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { createAccess } from './access.ts';
import type { Owner } from './account.ts';
import { hashPassphrase } from './passphrase-hash.ts';
import type { From } from './ports.ts';

export const PASSPHRASE = 'mallard orbit thimble';

export const from: From = { origin: { address: '192.0.2.1', channel: 'console' }, request: 'r' };

export interface Enrolled {
  readonly organisation: OrganisationId;
  readonly identity: IdentityId;
  readonly address: Address;
  readonly secret: string;
  readonly recoveryCodes: string[];
}

export type AccessStage = Awaited<ReturnType<typeof openAccessStage>>;

export async function openAccessStage() {
  const world = await accessForTest();
  const access = createAccess(world.ports);
  await access.installation.ensure();
  let people = 0;

  function codeOf(secret: string): string {
    return generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });
  }

  /** A person with passphrase and authenticator app in an organisation of their own, by the room's own doors. */
  async function enrol(
    roles: readonly ['administrator'] | readonly ['sender'] = ['administrator'],
  ): Promise<Enrolled> {
    people += 1;
    const organisation = newId() as OrganisationId;
    const address = { local: `person${people}`, domain: 'clinic.test' };
    const passphraseHash = await hashPassphrase(PASSPHRASE);
    const common = { displayName: 'Person', address, passphraseHash };
    const setup = {
      kind: 'setup',
      organisationName: 'C',
      consoleUrl: null,
      portalUrl: null,
      ...common,
    } as const;
    const ticket = await access.enrolment.begin(setup);
    const { secret } = await access.enrolment.totpOptions(ticket.ceremony);
    const proven = await access.enrolment.proveTotp(ticket.ceremony, codeOf(secret), from);
    const { database } = world.ports;
    const slug = `c${people}`;
    return database.tenant([organisation], 'app', async (tx) => {
      await access.organisations.create(tx, { id: organisation, name: 'C', slug, domain: `c${people}.test` });
      const member = { address, displayName: 'Person', roles };
      const { identity } = await access.members.add(tx, organisation, member, null, from);
      await access.members.setPassphrase(tx, identity, passphraseHash);
      const recoveryCodes = await access.enrolment.finish(tx, proven, identity);
      return { organisation, identity, address, secret, recoveryCodes };
    });
  }

  async function signIn(person: Enrolled) {
    world.clock.advance(60);
    const { ceremony } = await access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
    const shown = { ceremony, code: codeOf(person.secret), agent: 'test' };
    const outcome = await access.signIn.withTotp(shown, from);
    if (outcome.kind !== 'session') throw new Error('a stronger factor is demanded of this person');
    return outcome.started;
  }

  /** Adds a passkey by the person's own account page. */
  async function addPasskey(person: Enrolled, synced = false): Promise<Authenticator> {
    const authenticator = new Authenticator();
    authenticator.synced = synced;
    const owner = ownerOf(person);
    const { ceremony, options } = await access.account.passkeyOptions(owner, PARTY);
    const response = authenticator.register(options.challenge, PARTY.origin, PARTY.id);
    await access.account.addPasskey(owner, { ceremony, response, label: 'Key' }, PARTY);
    return authenticator;
  }

  const begin = (person: Enrolled) =>
    access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);

  async function byTotp(person: Enrolled) {
    world.clock.advance(60);
    const { ceremony } = await begin(person);
    return access.signIn.withTotp({ ceremony, code: codeOf(person.secret), agent: undefined }, from);
  }

  async function byPasskey(person: Enrolled, authenticator: Authenticator) {
    const { ceremony } = await begin(person);
    const { challenge } = await access.signIn.passkeyOptions(ceremony, PARTY);
    const response = authenticator.answer(challenge, PARTY.origin, PARTY.id);
    return access.signIn.withPasskey({ ceremony, response, agent: undefined }, PARTY, from);
  }

  async function byPasskeyAlone(authenticator: Authenticator, at = PARTY) {
    const { ceremony, options } = await access.passkeySignIn.begin(PARTY, from);
    const response = authenticator.answer(options.challenge, at.origin, at.id);
    return access.passkeySignIn.finish({ ceremony, response, agent: undefined }, PARTY, from);
  }

  return { world, access, codeOf, enrol, signIn, addPasskey, begin, byTotp, byPasskey, byPasskeyAlone };
}

export const PARTY = { origin: 'https://console.clinic.test', id: 'console.clinic.test' };

export function ownerOf(person: Enrolled, session = newId()): Owner {
  return { caller: callerOf(person), identity: person.identity, session: session as SessionId };
}

export function callerOf(
  person: Pick<Enrolled, 'organisation' | 'identity'>,
  permissions: readonly Permission[] = PERMISSIONS,
): Caller {
  return {
    organisation: person.organisation,
    actor: { kind: 'person', identity: person.identity, session: 's' as SessionId },
    origin: from.origin,
    permissions: new Set(permissions),
    request: 'r',
  };
}

/** A Refusal with this code and reason. */
export const refused = (code: string, reason: string) =>
  expect.objectContaining({ code, parameters: expect.objectContaining({ reason }) });

export const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
