import { maskAddresses } from './mask.ts';
import { findAddress } from './read-address.ts';
import type { Clause } from './scan-received.ts';
import type { HopPeer } from './types.ts';

export interface ReadPeer {
  readonly peer: HopPeer;
  readonly nameDoubted: boolean;
}

const HELO = /\b(?:helo|ehlo|lhlo)[= ]\s{0,3}([^\s)]{1,255})/i;
/** Comments that speak of something else than who the peer is. */
const NOT_ABOUT_PEER =
  /^(?:using |version|authenticated|auth:|envelope-from|no client|client |cipher|tls|x=|may be forged|uid )/i;
const NO_NAME =
  /^(?:unknown|unavailable|unverified|unresolved|softdnserr|misconfigured|no-reverse-dns|.*\?.*)$/i;

/** A host's name as a line may hold one; null for anything else. */
export function hostName(text: string | undefined): string | null {
  const name = (text ?? '').replace(/^\[|\]$/g, '').replace(/[.,:]$/, '');
  return /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]{0,252}[\p{L}\p{N}_])?$/u.test(name) ? name : null;
}

/**
 * Who handed the message over, from the `from` clause. Each program puts claimed name, resolved name and address in
 * another order; what is told apart here:
 *
 *     Postfix, Sendmail, Gmail   claimed (resolved [address])
 *     qmail                      resolved (HELO claimed) (ident@address)
 *     Exim                       resolved ([address] helo=claimed) or [address] (helo=claimed)
 *     Exchange                   claimed (address)
 *     CommuniGate                claimed ([address] verified), [address] (HELO claimed)
 *     MX Logic                   resolved [address] (EHLO claimed)
 */
export function readPeer(clause: Clause, software: string | null): ReadPeer {
  const [first, second] = clause.words;
  const said = helo(clause);
  const about = clause.comments.filter((text) => !NOT_ABOUT_PEER.test(text));
  const withAddress = about
    .map((text) => ({ text: text.replace(HELO, ''), address: findAddress(text.replace(HELO, '')) }))
    .find(({ address }) => address !== null);
  const address = withAddress?.address ?? findAddress(first ?? '') ?? findAddress(second ?? '');
  const firstName = first === undefined || findAddress(first) !== null ? null : hostName(first);
  const leading = firstName === null || NO_NAME.test(firstName) ? null : firstName;
  const inComment =
    withAddress === undefined ? undefined : /^\s*([^\s[\]]{1,255})\s+\[/.exec(withAddress.text)?.[1];
  // An address as the claimed name ("from [10.0.0.5] (line.example [198.51.100.7])").
  const literal = withAddress === undefined ? null : findAddress(first ?? '');
  const claimed = said ?? leading ?? (literal === null ? null : `[${literal}]`);
  const forged = clause.comments.some((text) => /may be forged/i.test(text));
  if (inComment !== undefined) {
    const named = NO_NAME.test(inComment) || inComment.includes('@') ? null : hostName(inComment);
    const resolvedName = findAddress(inComment) === null ? named : null;
    return peer(claimed, resolvedName, address, forged || resolvedName === null);
  }
  const resolved = said !== null || resolvesFirst(withAddress?.text, software) ? leading : null;
  const doubted = forged || (resolved === null && address !== null && software !== 'Microsoft');
  return peer(claimed, address === null && said === null ? null : resolved, address, doubted);
}

/** Formats in which the first word is what the receiver looked up, not what it was told. */
function resolvesFirst(comment: string | undefined, software: string | null): boolean {
  if (comment === undefined) return software === 'MX Logic';
  if (comment.startsWith('['))
    return software === 'Exim' || /\bverified\b/.test(comment.replace(/unverified/g, ''));
  return software !== 'Microsoft';
}

function peer(
  claimed: string | null,
  resolved: string | null,
  address: string | null,
  doubted: boolean,
): ReadPeer {
  const plain = (text: string | null): string | null => (text === null ? null : maskAddresses(text));
  return {
    peer: { claimedName: plain(claimed), resolvedName: plain(resolved), address },
    nameDoubted: doubted,
  };
}

function helo(clause: Clause): string | null {
  for (const text of clause.comments) {
    const said = HELO.exec(text)?.[1];
    if (said !== undefined) return hostName(said) ?? findAddress(said);
  }
  const at = clause.words.findIndex((word, index) => word === 'be' && clause.words[index - 2] === 'claiming');
  return at < 0 ? null : hostName((clause.words[at + 1] ?? '').replaceAll('"', ''));
}
