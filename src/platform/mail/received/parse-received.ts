import { maskAddresses } from './mask.ts';
import { findAddress } from './read-address.ts';
import { readDate } from './read-date.ts';
import { hostName, readPeer } from './read-peer.ts';
import { readProtocol } from './read-protocol.ts';
import { readTls } from './read-tls.ts';
import { type Clause, scanReceived } from './scan-received.ts';
import type { ParsedReceived } from './types.ts';

const NO_CLAUSE: Clause = { words: [], comments: [] };

/** Marks by which programs can be told from their lines. The first that fits counts. */
const SOFTWARE: readonly (readonly [RegExp, string])[] = [
  [/\bPostfix\b/i, 'Postfix'],
  [/\bExim\b|^v[34]\.\d/i, 'Exim'],
  [/\bMicrosoft (?:SMTP Server|SMTPSVC|Exchange)|^Microsoft$/i, 'Microsoft'],
  [/\bmxl_mta\b/i, 'MX Logic'],
  [/\bOpenSMTPD\b/i, 'OpenSMTPD'],
  [/\bCommuniGate\b/i, 'CommuniGate'],
  [/\bHaraka\b/i, 'Haraka'],
  [/\bHalon\b/i, 'Halon'],
  [/\becelerity\b|\bMomentum\b/i, 'Momentum'],
  [/\bMDaemon\b/i, 'MDaemon'],
  [/\bhMailServer\b/i, 'hMailServer'],
  [/\bStalwart\b/i, 'Stalwart'],
  [/\bNemesis\b/i, 'Nemesis'],
  [/\bqmail\b/i, 'qmail'],
  [/\bCourier\b/i, 'Courier'],
  [/^\d{1,2}\.\d{1,2}\.\d{1,2}[^\s/]{0,30}\/\d{1,2}\.\d{1,2}/, 'Sendmail'],
];

/** Words for a hand-over by a program on the same machine. */
const LOCAL_HEAD = /\binvoked (?:by|for)\b|\bfrom (?:network|userid|stdin)\b|^ofmipd\b/i;

/**
 * Reads one unfolded Received value (RFC 5321 §4.4, and what is written instead). Null where neither end of the hop can
 * be told. Local parts of addresses are masked; nothing throws.
 */
export function parseReceived(value: string): ParsedReceived | null {
  const scanned = scanReceived(value);
  const { clauses, head, comments } = scanned;
  if (scanned.doubled) return null;
  const by = clauses.get('by') ?? NO_CLAUSE;
  const within = clauses.get('with');
  const idClause = clauses.get('id');
  const software = softwareOf([...comments, within?.words.slice(0, 3).join(' ') ?? '', ...head.words]);
  const from = clauses.get('from') ?? fromInComment(head.comments) ?? null;
  const qmail = comments.some((text) => LOCAL_HEAD.test(text));
  const byName = hostName(by.words[0]);
  const byAddress = findAddress(by.words[0] ?? '') ?? findAddress(by.comments[0] ?? '');
  if (from === null && by.words.length === 0 && !qmail) return null;
  const protocol = readProtocol([within, clauses.get('via')], comments);
  const words = [by, within, idClause].flatMap(
    (clause) => clause?.words.slice(clause === within ? 0 : 1) ?? [],
  );
  const note = readTls(
    believable(comments, from),
    words.filter((word) => !/[@<"]/.test(word)),
  );
  const read = readPeer(from ?? NO_CLAUSE, software);
  const local = from === null || isLocalProgram(from, protocol) || qmail;
  return {
    // A local program is named by the person who ran it.
    from: local && !hasDot(read.peer.claimedName) ? { ...read.peer, claimedName: null } : read.peer,
    by: { name: findAddress(by.words[0] ?? '') === null ? byName : null, address: byAddress },
    protocol,
    software,
    id: idOf(idClause),
    recipient: recipientOf(clauses.get('for')),
    time: readDate(value),
    tls: note?.tls ?? null,
    nullCipher: note?.nullCipher === true,
    local,
    nameDoubted: read.nameDoubted,
  };
}

/** What the peer chose the words of: its HELO, its envelope sender, its user name. */
const PEERS_WORDS =
  /^(?:envelope|authenticated|account|helo|ehlo|lhlo)\b|\b(?:helo|ehlo|lhlo|envelope-from)[= ]/i;

/**
 * Comments that the receiver wrote. In the `from` clause those before the peer's address may be part of a HELO that was
 * worded to look like a note about TLS; an address may hold anything in its quotes.
 */
function believable(comments: readonly string[], from: Clause | null): readonly string[] {
  const own = comments.filter(
    (text) => !PEERS_WORDS.test(text) && (!text.includes('@') || /^AUTH: /i.test(text)),
  );
  if (from === null) return own;
  const last = from.comments.findLastIndex(
    (text) => findAddress(text) !== null && !/^(?:using|version|TLS)/i.test(text),
  );
  const suspect = new Set(from.comments.slice(0, last + 1));
  return own.filter((text) => !suspect.has(text));
}

const hasDot = (name: string | null): boolean => name?.includes('.') === true;

function softwareOf(texts: readonly string[]): string | null {
  for (const [mark, name] of SOFTWARE) if (texts.some((text) => mark.test(text.slice(0, 300)))) return name;
  return null;
}

/** Some gateways put the whole clause into a comment: `(from relay [203.0.113.7]) by …`. */
function fromInComment(comments: readonly string[]): Clause | null {
  const text = comments.find((one) => /^from\s/i.test(one));
  return text === undefined ? null : (scanReceived(text).clauses.get('from') ?? null);
}

/** Submitted on the machine itself: by a program, a pick-up folder, or over MAPI inside of one server. */
function isLocalProgram(from: Clause, protocol: string | null): boolean {
  if (protocol === 'LOCAL' || protocol === 'BSMTP' || protocol === 'MAPI') return true;
  const words = from.words.slice(0, 3).join(' ').toLowerCase();
  return words === 'mail pickup service' || /^[^\s@]+@localhost$/.test(words);
}

function idOf(clause: Clause | undefined): string | null {
  const text = clause?.words[0]?.replace(/^<|>$/g, '');
  return text === undefined || text === '' ? null : maskAddresses(text).slice(0, 200);
}

function recipientOf(clause: Clause | undefined): string | null {
  const text = clause?.words[0]?.replace(/^<+|>+$/g, '');
  return text === undefined || !text.includes('@') ? null : maskAddresses(text).slice(0, 300);
}
