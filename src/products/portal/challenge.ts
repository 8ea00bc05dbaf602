import { INSTALLATION, isUuid, type OrganisationId, type PortalItemId } from '#core/ids';
import { KeyMissing, KeyShredded, SealBroken, type Vault } from '#platform/vault';
import type { CodeChannel } from './code.store.ts';

/**
 * What stands between asking for a code and giving it: kept sealed in the browser's own cookie, so that a code is good
 * only where it was asked for. An entry that nobody is behind gets one of the same shape and length, with a code id
 * that does not exist.
 */
export interface Challenge {
  /** INSTALLATION where nobody is behind the entry. */
  readonly organisation: OrganisationId;
  readonly code: string;
  /** The item that the link was for; null for the address form. */
  readonly item: PortalItemId | null;
  /** Hash of the link, form address or message, for limits. */
  readonly entry: string;
  /** How the code was asked for; whether one went out, nobody says. */
  readonly channel: CodeChannel;
}

const NONE = '00000000-0000-0000-0000-000000000000';
const BINDING = { organisation: INSTALLATION, field: 'portal.challenge', row: 'cookie/1' } as const;
const ENTRY = /^(link|form|step):[0-9a-f]{32}$/;

export async function sealChallenge(vault: Vault, challenge: Challenge): Promise<string> {
  const text = [
    challenge.organisation,
    challenge.code,
    challenge.item ?? NONE,
    challenge.entry,
    challenge.channel,
  ].join(' ');
  return (await vault.sealValue('identity', BINDING, text)).toString('base64url');
}

/** Null for anything that this installation did not seal. */
export async function openChallenge(vault: Vault, cookie: string | undefined): Promise<Challenge | null> {
  if (cookie === undefined || cookie.length > 600) return null;
  let text: string;
  try {
    text = (await vault.openValue(BINDING, Buffer.from(cookie, 'base64url'))).toString('utf8');
  } catch (error) {
    // Forged, cut, or sealed under a key that is gone: all mean "ask for a new code".
    if (error instanceof SealBroken || error instanceof KeyShredded || error instanceof KeyMissing)
      return null;
    throw error;
  }
  const [organisation = '', code = '', item = '', entry = '', channel = 'mail'] = text.split(' ');
  if (![organisation, code, item].every(isUuid) || !ENTRY.test(entry)) return null;
  return {
    organisation: organisation as OrganisationId,
    code,
    item: item === NONE ? null : (item as PortalItemId),
    entry,
    channel: channel === 'text' ? 'text' : 'mail',
  };
}
