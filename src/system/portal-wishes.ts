import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Certificate, importCertificates } from '#platform/keyring';
import { addressIndexForm } from '#platform/mail';
import { maskNumber } from '#platform/text';
import type { Policies } from '#products/policies';
import type { PortalNeeds } from '#products/portal';
import type { Waivers } from '#products/waivers';
import type { Foundation } from './foundation.ts';
import type { Pgp } from './pgp.ts';
import type { Smime } from './smime.ts';
import type { TextChannel } from './text-channel.ts';

type Wishes = NonNullable<PortalNeeds['wishes']>;
type HandedIn = Awaited<ReturnType<Wishes['handInKey']>>;

export interface WishWiring {
  readonly foundation: Foundation;
  readonly policies: Policies;
  readonly waivers: Waivers;
  readonly pgp: Pgp;
  readonly smime: Smime;
  readonly texts: Wishes['texts'];
  /** Numbers on record and their STOP; absent where a test has none. */
  readonly channel?: Pick<TextChannel, 'recipients' | 'texts'>;
}

/** Keys, certificates and waivers as the portal reaches them in a recipient's name. */
export function portalWishes(wiring: WishWiring): Wishes {
  const { policies, waivers, pgp, texts } = wiring;
  return {
    ...(texts === undefined ? {} : { texts }),
    async textConsent(organisation, address) {
      return inTenant(wiring, organisation, async (tx) => {
        const number = (await wiring.channel?.recipients.number(tx, organisation, address)) ?? null;
        if (number === null || wiring.channel === undefined) return null;
        const stopped = await wiring.channel.texts.stopped(tx, organisation, number);
        return { masked: maskNumber(number), stopped };
      });
    },
    stopTexts: (caller, address, stopped) => stopTexts(wiring, caller, address, stopped),
    waiversOn: async (organisation) => (await policies.current(organisation)).waivers.enabled,
    async waiver(organisation, address) {
      const shown = await waivers.of(organisation, address);
      if (shown === null) return null;
      const { id, language, recorded_at, expires_at } = shown.row;
      return { id, language, text: shown.text, recordedAt: recorded_at, expiresAt: expires_at };
    },
    async giveWaiver(caller, { address, text, language, expiresAt }) {
      await waivers.record(caller, { address: addressText(address), text, language, expiresAt });
    },
    async withdrawWaiver(caller, id) {
      await waivers.withdraw(caller, id);
    },
    async keys(organisation, address) {
      const [keys, certificates] = await Promise.all([
        pgp.keys.of(organisation, address),
        certificatesOf(wiring, organisation, address),
      ]);
      return [
        ...keys.map((one) => ({
          id: one.id,
          kind: 'pgp' as const,
          fingerprint: one.key.fingerprint.toUpperCase(),
          // Where the organisation believes nobody's word but a person's, a key waits as a changed one does.
          state:
            one.state === 'pending' || !one.accepted
              ? ('held' as const)
              : usedIf(one.verdict.kind === 'usable'),
          mine: one.source === 'portal',
          addedAt: one.created_at,
        })),
        ...certificates.map(({ stored, usable }) => ({
          id: stored.id,
          kind: 'smime' as const,
          fingerprint: fingerprintOf(stored.certificate),
          state: usedIf(usable),
          mine: stored.source === 'portal',
          addedAt: stored.createdAt,
        })),
      ];
    },
    handInKey: (caller, address, text) =>
      /BEGIN PGP/.test(text)
        ? handInPgp(wiring, caller, address, text)
        : handInCertificate(wiring, caller, address, text),
    withdrawKey: (caller, address, id) => withdrawKey(wiring, caller, address, id),
  };
}

function inTenant<T>(
  { foundation }: WishWiring,
  organisation: OrganisationId,
  act: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return foundation.database.tenant([organisation], 'app', act);
}

/** The same STOP that staff and gateways put on record, with the recipient as the one who said it. */
function stopTexts(wiring: WishWiring, caller: Caller, address: Address, stopped: boolean): Promise<boolean> {
  const { organisation } = caller;
  const { channel, foundation } = wiring;
  return inTenant(wiring, organisation, async (tx) => {
    const number = (await channel?.recipients.number(tx, organisation, address)) ?? null;
    if (number === null || channel === undefined) return false;
    if (!(await channel.texts.setStopped(tx, organisation, number, stopped, caller.actor))) return true;
    const subjects =
      caller.actor.kind === 'recipient' ? [{ kind: 'portal-person', id: caller.actor.person }] : [];
    await foundation.audit.append(
      tx,
      doneBy(caller, stopped ? 'text.stopped' : 'text.started', { subjects }),
    );
    return true;
  });
}

const usedIf = (usable: boolean): 'used' | 'unusable' => (usable ? 'used' : 'unusable');

function fingerprintOf({ fingerprint }: Certificate): string {
  return fingerprint.toUpperCase();
}

async function certificatesOf(
  { foundation, smime }: WishWiring,
  organisation: OrganisationId,
  address: Address,
) {
  const text = addressText(address);
  const rows = await foundation.database.tenant([organisation], 'app', (tx) =>
    smime.records.of(tx, organisation, text),
  );
  return Promise.all(
    rows.map(async (stored) => {
      const standing = await smime.certificates.standing(organisation, stored, text, 'encrypt', false);
      return { stored, usable: standing.kind === 'usable' };
    }),
  );
}

async function handInPgp(
  { pgp }: WishWiring,
  caller: Caller,
  address: Address,
  text: string,
): Promise<HandedIn> {
  try {
    const { offer } = await pgp.keys.offer(caller, address, text);
    switch (offer) {
      case 'pin':
      case 'trust':
        return 'taken';
      case 'renew':
        return 'known';
      case 'hold':
      case 'waiting':
      case 'refused':
        return 'held';
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason } = error.parameters;
    if (reason === 'other-address') return 'other-address';
    if (reason === 'private-key') return 'secret';
    return reason === 'unreadable' || reason === 'several-keys' || reason === 'too-large'
      ? 'unreadable'
      : 'unusable';
  }
}

/**
 * A certificate is taken where a chain that the organisation trusts vouches for it and no other usable one stands for the
 * address: the recipient has proved the mailbox, and whoever holds the mailbox could get a certificate issued for it. A change
 * is for staff, who hear of it by the audit log (docs/decisions/0019).
 */
async function handInCertificate(
  wiring: WishWiring,
  caller: Caller,
  address: Address,
  text: string,
): Promise<HandedIn> {
  if (/PRIVATE KEY/.test(text)) return 'secret';
  const { foundation, smime } = wiring;
  const { organisation } = caller;
  const read = importCertificates(text);
  if (read.kind === 'problem') return 'unreadable';
  const [certificate, ...others] = read.value;
  const named = addressIndexForm(address);
  if (!certificate.emails.some((email) => email.toLowerCase() === named)) return 'other-address';
  const plain = addressText(address);
  const found = { certificate, others, capabilities: certificate.capabilities };
  const standing = await smime.certificates.standing(organisation, found, plain, 'encrypt', true);
  if (standing.kind === 'refused') return 'not-trusted';
  const known = await certificatesOf(wiring, organisation, address);
  if (known.some(({ stored }) => stored.certificate.raw.equals(certificate.raw))) return 'known';
  const held = known.some(({ usable }) => usable);
  await foundation.database.tenant([organisation], 'app', async (tx) => {
    const id = held ? null : await smime.records.add(tx, organisation, plain, found, 'portal');
    const done = doneBy(caller, held ? 'certificate.change-held' : 'certificate.added', {
      subjects: id === null ? [] : [{ kind: 'certificate', id }],
      details: { source: 'portal' },
    });
    await foundation.audit.append(tx, { ...done, result: held ? 'refused' : 'done' });
  });
  smime.certificates.forget(organisation);
  return held ? 'held' : 'taken';
}

/** Only what its owner handed in: what staff vouched for is theirs to take away. */
async function withdrawKey(
  wiring: WishWiring,
  caller: Caller,
  address: Address,
  id: string,
): Promise<boolean> {
  const { foundation, pgp, smime } = wiring;
  const { organisation } = caller;
  const key = (await pgp.keys.of(organisation, address)).find((one) => one.id === id);
  if (key !== undefined) {
    if (key.source !== 'portal') return false;
    // It stays known as withdrawn: no key comes in its place by itself.
    await (key.state === 'pending' ? pgp.keys.reject(caller, id) : pgp.keys.revoke(caller, id));
    return true;
  }
  const certificate = (await certificatesOf(wiring, organisation, address)).find(
    ({ stored }) => stored.id === id,
  );
  if (certificate?.stored.source !== 'portal') return false;
  await foundation.database.tenant([organisation], 'app', async (tx) => {
    await smime.records.remove(tx, organisation, id);
    const about = { subjects: [{ kind: 'certificate', id }], details: { source: 'portal' } };
    await foundation.audit.append(tx, doneBy(caller, 'certificate.removed', about));
  });
  smime.certificates.forget(organisation);
  return true;
}
