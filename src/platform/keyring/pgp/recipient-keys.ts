import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { createKeyFinder, type FindPorts, type FoundKey } from './find-recipient-key.ts';
import { keepKey } from './keep-keys.ts';
import { type AutocryptMail, type LearnedAutocrypt, learnAutocrypt } from './learn-autocrypt.ts';
import { selectTrust, upsertTrust } from './pgp-setting.store.ts';
import { judgeKey, type KeyVerdict, keyNamesAddress, readPublicKey } from './public-key.ts';
import {
  changeState,
  deleteKey,
  type KeyState,
  keyById,
  keysOfAddress,
  listKeys,
  lockAddress,
  type RecipientKeyRow,
  replaceOthers,
} from './recipient-key.store.ts';
import { openKey, type RecipientKey } from './recipient-key.ts';
import { isAccepted, type KeyOffer, type TrustSettings } from './trust.ts';

/** A key with what can be said of it now. */
export interface JudgedKey extends RecipientKey {
  readonly verdict: KeyVerdict;
  /** Whether it may carry mail as far as the organisation's rules of trust go. */
  readonly accepted: boolean;
}

/** Keys of the people that an organisation writes to. All acts are recorded, looking too: a key names a person. */
export interface RecipientKeys {
  /** For delivery: the key to use now, or why there is none. Asks the network where it must. */
  find(organisation: OrganisationId, address: Address): Promise<FoundKey>;
  /** For verifying what came in: the key on record, without asking the network, which would tell the sender that it was looked at. */
  known(organisation: OrganisationId, address: Address): Promise<FoundKey>;
  list(caller: Caller, before: string | null, limit: number): Promise<JudgedKey[]>;
  /** A person of the organisation vouches for this key. Refusals: `invalid` with a rule, and what is wrong with the key. */
  put(caller: Caller, address: Address, text: string): Promise<JudgedKey>;
  /**
   * The recipient, signed in to the portal, hands in their own key: taken on first use like any that a program found, and
   * otherwise held for a person (`judgeOffer`). Refusals as with `put`.
   */
  offer(
    caller: Caller,
    address: Address,
    text: string,
  ): Promise<{ readonly kept: JudgedKey; readonly offer: KeyOffer }>;
  /** Keys of one address that are used or wait. Recorded by the asker. */
  of(organisation: OrganisationId, address: Address): Promise<JudgedKey[]>;
  /** For inbound mail: keeps what its Autocrypt header brings, as the rules of trust say. */
  learnAutocrypt(organisation: OrganisationId, mail: AutocryptMail): Promise<LearnedAutocrypt>;
  /** Which sources are believed by themselves. */
  settings(organisation: OrganisationId): Promise<TrustSettings>;
  setSettings(caller: Caller, settings: TrustSettings): Promise<void>;
  /** Vouches for a key that was taken at its first use, or takes a waiting one in place of the trusted one. Refusals: `not-found`, `wrong-state`. */
  confirm(caller: Caller, id: string): Promise<JudgedKey>;
  reject(caller: Caller, id: string): Promise<JudgedKey>;
  /** The trusted key is not to be used any more, nor taken again from anywhere. */
  revoke(caller: Caller, id: string): Promise<JudgedKey>;
  /** Forgets a key as if it had never been known. */
  remove(caller: Caller, id: string): Promise<void>;
}

type Movable = (row: RecipientKeyRow) => boolean;

const awaitsVoucher: Movable = ({ state, vouched_by }) =>
  state === 'pending' || (state === 'trusted' && vouched_by === null);

export function createRecipientKeys(ports: FindPorts): RecipientKeys {
  const finder = createKeyFinder(ports);
  const tenant = <T>(caller: Caller, work: (tx: Transaction) => Promise<T>) =>
    ports.database.tenant([caller.organisation], 'app', work);
  const judged = async (
    organisation: OrganisationId,
    row: RecipientKeyRow,
    trust: TrustSettings,
  ): Promise<JudgedKey> => {
    const opened = await openKey(ports.vault, organisation, row);
    const accepted = isAccepted(row, trust);
    return { ...opened, accepted, verdict: await judgeKey(opened.key, ports.clock.now()) };
  };
  const settings = (organisation: OrganisationId) =>
    ports.database.tenant([organisation], 'app', (tx) => selectTrust(tx, organisation));
  const record = async (tx: Transaction, caller: Caller, row: RecipientKeyRow, act: string) => {
    const { address } = await openKey(ports.vault, caller.organisation, row);
    await ports.record(tx, { acting: caller, act, key: { id: row.id, address }, details: { method: 'pgp' } });
  };

  /** Moves a key from one state to another, in one transaction with the record of it. */
  const move = async (caller: Caller, id: string, from: Movable, to: KeyState, act: string) => {
    const { organisation } = caller;
    const row = await tenant(caller, async (tx) => {
      const before = await keyById(tx, organisation, id);
      if (before === undefined) throw new Refusal('not-found');
      await lockAddress(tx, before.address_index);
      const now = await keyById(tx, organisation, id);
      if (now === undefined || !from(now)) throw new Refusal('wrong-state');
      if (to === 'trusted') await replaceOthers(tx, organisation, now.address_index);
      const voucher = to === 'trusted' ? { by: caller.actor, at: ports.clock.now() } : null;
      await changeState(tx, organisation, { id, state: to, voucher });
      await record(tx, caller, now, act);
      return keyById(tx, organisation, id);
    });
    if (row === undefined) throw new Refusal('not-found');
    finder.forget(organisation, row.address_index);
    return judged(organisation, row, await settings(organisation));
  };

  const take = async (caller: Caller, address: Address, text: string, source: 'console' | 'portal') => {
    const key = await readPublicKey(text);
    if (typeof key === 'string') throw new Refusal('invalid', { path: 'key', reason: key });
    const now = ports.clock.now();
    if (!(await keyNamesAddress(key, addressText(address), now)))
      throw new Refusal('invalid', { path: 'key', reason: 'other-address' });
    const verdict = await judgeKey(key, now);
    if (verdict.kind === 'unusable') throw new Refusal('invalid', { path: 'key', reason: verdict.reason });
    const { organisation } = caller;
    const addressIndex = await ports.addressIndex(organisation, address);
    const coming = { address, addressIndex, text: addressText(address), key, source };
    const { row, offer } = await tenant(caller, async (tx) => {
      const { id, offer } = await keepKey(ports, tx, caller, coming);
      return { row: await keyById(tx, organisation, id), offer };
    });
    finder.forget(organisation, addressIndex);
    if (row === undefined) throw new Refusal('not-found');
    return { kept: await judged(organisation, row, await settings(organisation)), offer };
  };

  return {
    find: finder.find,
    known: finder.known,
    async list(caller, before, limit) {
      const { organisation } = caller;
      const rows = await tenant(caller, async (tx) => {
        const found = await listKeys(tx, organisation, before, limit);
        await ports.record(tx, {
          acting: caller,
          act: 'viewed',
          key: null,
          details: { method: 'pgp', keys: found.length },
        });
        return found;
      });
      const trust = await settings(organisation);
      return Promise.all(rows.map((row) => judged(organisation, row, trust)));
    },
    async put(caller, address, text) {
      return (await take(caller, address, text, 'console')).kept;
    },
    offer: (caller, address, text) => take(caller, address, text, 'portal'),
    async of(organisation, address) {
      const index = await ports.addressIndex(organisation, address);
      const rows = await ports.database.tenant([organisation], 'app', (tx) =>
        keysOfAddress(tx, organisation, index),
      );
      const known = rows.filter(({ state }) => state === 'trusted' || state === 'pending');
      const trust = await settings(organisation);
      return Promise.all(known.map((row) => judged(organisation, row, trust)));
    },
    async learnAutocrypt(organisation, mail) {
      const learned = await learnAutocrypt(ports, organisation, mail);
      if (learned.kind === 'kept')
        finder.forget(organisation, await ports.addressIndex(organisation, mail.from));
      return learned;
    },
    settings,
    async setSettings(caller, wanted) {
      await tenant(caller, async (tx) => {
        await upsertTrust(tx, caller.organisation, wanted);
        const details = { method: 'pgp', ...wanted };
        await ports.record(tx, { acting: caller, act: 'settings-changed', key: null, details });
      });
      finder.forgetAll(caller.organisation);
    },
    confirm: (caller, id) => move(caller, id, awaitsVoucher, 'trusted', 'confirmed'),
    reject: (caller, id) => move(caller, id, ({ state }) => state === 'pending', 'rejected', 'rejected'),
    revoke: (caller, id) => move(caller, id, ({ state }) => state === 'trusted', 'revoked', 'revoked'),
    async remove(caller, id) {
      const { organisation } = caller;
      const index = await tenant(caller, async (tx) => {
        const row = await keyById(tx, organisation, id);
        if (row === undefined) throw new Refusal('not-found');
        await record(tx, caller, row, 'removed');
        await deleteKey(tx, organisation, id);
        return row.address_index;
      });
      finder.forget(organisation, index);
    },
  };
}
