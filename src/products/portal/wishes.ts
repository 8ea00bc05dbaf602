import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { TextPort } from '#core/text';
import type { Transaction } from '#platform/database';

/** A key or certificate as its owner sees it. */
export interface MyKey {
  readonly id: string;
  readonly kind: 'pgp' | 'smime';
  readonly fingerprint: string;
  /** `used`: mail is sealed with it where the organisation's order says so. `held`: waits for the organisation's staff. */
  readonly state: 'used' | 'held' | 'unusable';
  /** Whether its owner put it there, and may take it away. */
  readonly mine: boolean;
  readonly addedAt: Date;
}

/** What became of a key that was handed in. */
export type KeyHandedIn =
  | 'taken'
  | 'known'
  | 'held'
  | 'unreadable'
  | 'secret'
  | 'other-address'
  | 'unusable'
  | 'not-trusted';

export interface MyWaiver {
  readonly id: string;
  readonly text: string;
  readonly language: string;
  readonly recordedAt: Date;
  readonly expiresAt: Date;
}

/** What other rooms keep of a recipient's wishes, and what the portal may do there in the recipient's name. */
export interface WishPorts {
  /** Texts, where this installation has a gateway: here only whether one can arrive. */
  readonly texts?: Pick<TextPort<Transaction>, 'reach'>;
  /** The recipient's own word on texts to the number on record; null where there is none. `masked` shows its last digits. */
  textConsent(
    organisation: OrganisationId,
    address: Address,
  ): Promise<{ readonly masked: string; readonly stopped: boolean } | null>;
  /** Stops texts to the number on record, or takes that back. False where no number is on record. */
  stopTexts(caller: Caller, address: Address, stopped: boolean): Promise<boolean>;
  /** Whether the organisation's policy heeds waivers now. */
  waiversOn(organisation: OrganisationId): Promise<boolean>;
  waiver(organisation: OrganisationId, address: Address): Promise<MyWaiver | null>;
  giveWaiver(
    caller: Caller,
    given: {
      readonly address: Address;
      readonly text: string;
      readonly language: string;
      readonly expiresAt: Date;
    },
  ): Promise<void>;
  withdrawWaiver(caller: Caller, id: string): Promise<void>;
  keys(organisation: OrganisationId, address: Address): Promise<readonly MyKey[]>;
  /** An armoured OpenPGP key, or a certificate in PEM. Judged by the keyring's own rules. */
  handInKey(caller: Caller, address: Address, text: string): Promise<KeyHandedIn>;
  /** Takes away one that its owner had handed in. False where it is not theirs to take. */
  withdrawKey(caller: Caller, address: Address, id: string): Promise<boolean>;
}
