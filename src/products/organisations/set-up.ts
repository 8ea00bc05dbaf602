import { Refusal } from '#core/errors';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import {
  auditEntry,
  type CeremonyTicket,
  type From,
  type ProvenEnrolment,
  type StartedSession,
} from '#platform/access';
import { newId } from '#platform/runtime';
import { foundOrganisation, slugOf } from './found-organisation.ts';
import type { OrganisationPorts } from './ports.ts';
import { addressOf } from './schemas.ts';

export interface SetUpRequest {
  readonly token: string;
  readonly organisationName: string;
  readonly displayName: string;
  readonly address: string;
  readonly passphrase: string;
  readonly consoleUrl: string | null;
  readonly portalUrl: string | null;
}

export interface Enrolled {
  readonly started: StartedSession;
  readonly recoveryCodes: string[];
}

/**
 * Begins the set-up of the installation with the one-time token. Nothing is stored for good before a second factor
 * works, and the token stays good until then. Refusals: `not-authenticated` (token), `wrong-state` (done), `invalid`.
 */
export async function startSetUp(
  needs: OrganisationPorts,
  request: SetUpRequest,
  from: From,
): Promise<CeremonyTicket> {
  const { access } = needs;
  if ((await access.installation.current()).setUpAt !== null)
    throw new Refusal('wrong-state', { state: 'done' });
  await access.throttle.take([{ kind: 'setup' }, { kind: 'network', address: from.origin.address }]);
  if (!(await access.installation.setupTokenMatches(request.token))) throw new Refusal('not-authenticated');
  const { organisationName, displayName, consoleUrl, portalUrl } = request;
  const address = addressOf(request.address);
  const context = [organisationName, displayName, request.address];
  const passphraseHash = await access.hashNewPassphrase(request.passphrase, context);
  return access.enrolment.begin({
    kind: 'setup',
    organisationName,
    displayName,
    address: { local: address.local, domain: address.domain },
    passphraseHash,
    consoleUrl,
    portalUrl,
  });
}

/** Begins the enrolment of an invited person, with what the organisation lets a new member begin with. Refusals: `gone`, `invalid`. */
export async function startInvited(
  needs: OrganisationPorts,
  request: { readonly token: string; readonly passphrase: string },
  from: From,
): Promise<EnrolmentTicket> {
  const { access } = needs;
  await access.throttle.take([{ kind: 'network', address: from.origin.address }]);
  const { id, ...whom } = await access.invitations.open(request.token);
  return startKnown(needs, whom, request.passphrase, { kind: 'invitation', invitation: id });
}

/** Goes on with a recovery whose link and code are good: like a new member. Refusals: `gone`, `invalid`, `not-authenticated`. */
export async function startRecovered(
  needs: OrganisationPorts,
  request: { readonly token: string; readonly code: string; readonly passphrase: string },
  from: From,
): Promise<EnrolmentTicket> {
  const { id, ...whom } = await needs.access.recovery.confirm(request, from);
  return startKnown(needs, whom, request.passphrase, { kind: 'recovery', recovery: id });
}

export interface EnrolmentTicket extends CeremonyTicket {
  readonly factors: readonly ('passkey' | 'totp')[];
}

async function startKnown(
  { access }: OrganisationPorts,
  whom: { readonly identity: IdentityId; readonly organisation: OrganisationId },
  passphrase: string,
  by:
    | { readonly kind: 'invitation'; readonly invitation: string }
    | { readonly kind: 'recovery'; readonly recovery: string },
): Promise<EnrolmentTicket> {
  const { identity, organisation } = whom;
  const person = await access.members.person(identity);
  if (person === undefined) throw new Refusal('gone');
  const { local, domain } = addressOf(person.address);
  const { displayName } = person;
  const [entered] = await access.organisations.load([organisation]);
  const passphraseHash = await access.hashNewPassphrase(
    passphrase,
    [displayName, person.address, entered?.name ?? ''],
    await access.signInRules.passphraseRule(organisation),
  );
  const factors = await access.signInRules.firstFactors(organisation, identity);
  const common = { identity, organisation, displayName, address: { local, domain }, passphraseHash };
  return { ...(await access.enrolment.begin({ ...by, ...common })), factors };
}

/** Completes either with a proven second factor, in one transaction, and signs the person in. */
export function completeEnrolment(
  needs: OrganisationPorts,
  proven: ProvenEnrolment,
  agent: string | undefined,
  from: From,
): Promise<Enrolled> {
  const { purpose } = proven;
  switch (purpose.kind) {
    case 'setup':
      return completeSetUp(needs, proven, purpose, agent, from);
    case 'invitation':
      return completeInvited(needs, proven, purpose, agent, from);
    case 'recovery':
      return completeRecovered(needs, proven, purpose, agent, from);
  }
}

async function completeSetUp(
  needs: OrganisationPorts,
  proven: ProvenEnrolment,
  purpose: Extract<ProvenEnrolment['purpose'], { kind: 'setup' }>,
  agent: string | undefined,
  from: From,
): Promise<Enrolled> {
  const { access, database, audit } = needs;
  const id = newId() as OrganisationId;
  const actor = { kind: 'system', component: 'set-up' } as const;
  const enrolled = await database.tenant([id, INSTALLATION], 'app', async (tx) => {
    const { consoleUrl, portalUrl, organisationName, address, displayName } = purpose;
    await access.installation.finishSetup(tx, { consoleUrl, portalUrl });
    const founding = {
      id,
      name: organisationName,
      slug: slugOf(organisationName),
      domain: needs.sandboxDomain,
      administrator: { address, displayName },
      operator: true,
    };
    const { identity } = await foundOrganisation(needs, tx, founding, { ...from, actor });
    await access.members.setPassphrase(tx, identity, purpose.passphraseHash);
    const recoveryCodes = await access.enrolment.finish(tx, proven, identity);
    const subjects = [
      { kind: 'organisation', id },
      { kind: 'identity', id: identity },
    ];
    const entry = { organisation: INSTALLATION, action: 'installation.set-up', actor, subjects };
    await audit.append(tx, auditEntry(from, entry));
    const who = { identity, organisation: id, factors: shownBy(proven), agent };
    return { started: await access.sessions.start(tx, who, from), recoveryCodes };
  });
  const { mode, consoleUrl, portalUrl } = await access.installation.current();
  await needs.installationChanged({ mode, consoleUrl, portalUrl });
  return enrolled;
}

async function completeInvited(
  needs: OrganisationPorts,
  proven: ProvenEnrolment,
  purpose: Extract<ProvenEnrolment['purpose'], { kind: 'invitation' }>,
  agent: string | undefined,
  from: From,
): Promise<Enrolled> {
  const { access, database, audit } = needs;
  const { identity, organisation } = purpose;
  return database.tenant([organisation], 'app', async (tx) => {
    await access.invitations.use(tx, purpose.invitation);
    await access.members.setPassphrase(tx, identity, purpose.passphraseHash);
    const recoveryCodes = await access.enrolment.finish(tx, proven, identity);
    const subjects = [{ kind: 'identity', id: identity }];
    const actor = { kind: 'system', component: 'invitation' } as const;
    await audit.append(tx, auditEntry(from, { organisation, action: 'member.enrolled', actor, subjects }));
    const who = { identity, organisation, factors: shownBy(proven), agent };
    return { started: await access.sessions.start(tx, who, from), recoveryCodes };
  });
}

/** The old factors and sessions end in the transaction in which the new factor begins to count. */
async function completeRecovered(
  { access, database }: OrganisationPorts,
  proven: ProvenEnrolment,
  purpose: Extract<ProvenEnrolment['purpose'], { kind: 'recovery' }>,
  agent: string | undefined,
  from: From,
): Promise<Enrolled> {
  const { identity, organisation, recovery: id, passphraseHash } = purpose;
  return database.tenant([organisation], 'app', async (tx) => {
    await access.recovery.finish(tx, { id, identity, organisation }, passphraseHash, from);
    const recoveryCodes = await access.enrolment.finish(tx, proven, identity);
    const who = { identity, organisation, factors: shownBy(proven), agent };
    return { started: await access.sessions.start(tx, who, from), recoveryCodes };
  });
}

/** What the first session was begun with. */
function shownBy({ factor }: ProvenEnrolment): readonly string[] {
  if (factor.kind === 'totp') return ['passphrase', 'totp'];
  const marks = [
    ...(factor.userVerified ? ['user-verified'] : []),
    ...(factor.deviceBound ? ['device-bound'] : []),
  ];
  return ['passphrase', 'passkey', ...marks];
}
