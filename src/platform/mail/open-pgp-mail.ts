import { addressText } from '#core/address';
import { findField, type HeaderField, parseHeader } from './header-field.ts';
import { parseMailboxes } from './mailbox.ts';
import { parseParameters } from './parameters.ts';
import { readPgpMime } from './pgp-mime.ts';
import { splitMessage } from './protect-headers.ts';

/** What decrypting gives back; keyring's decryptAndVerify answers so. */
type Decrypted =
  | {
      readonly kind: 'opened';
      readonly octets: Buffer;
      readonly signature: 'good' | 'bad' | 'unknown' | 'none';
    }
  | { readonly kind: 'unreadable' };

export type OpenedPgpMail =
  | { readonly kind: 'not-pgp' }
  /** Encrypted, and it cannot be read whole: nothing of it is shown. */
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'opened';
      /** The message to show: the protected fields where there are such, and the body as it was before encryption. */
      readonly message: Buffer;
      readonly signature: 'good' | 'bad' | 'unknown' | 'none';
      /** Lower-case names of fields that were not, or not truly, readable outside (RFC 9788 §4.3.1). */
      readonly hidden: readonly string[];
      /** All fields shown come from inside. */
      readonly protectedHeaders: boolean;
      /** The outer From names somebody else than the protected one: a sign of tampering (RFC 9788 §4.4). */
      readonly fromDiffers: boolean;
    };

/**
 * Opens a PGP/MIME mail. The fields shown come from inside the encryption where the payload says that they are
 * protected (RFC 9788); else the outer ones, which anybody on the way can have changed.
 */
export async function openPgpMail(
  mail: Buffer,
  decrypt: (armoured: string) => Promise<Decrypted>,
): Promise<OpenedPgpMail> {
  const armoured = readPgpMime(mail);
  if (armoured === null) return { kind: 'not-pgp' };
  const decrypted = await decrypt(armoured);
  if (decrypted.kind === 'unreadable') return { kind: 'unreadable' };
  const { header: outerHeader } = splitMessage(mail);
  const outer = parseHeader(outerHeader).fields;
  const { header, body } = splitMessage(withCrlf(decrypted.octets));
  const inner = parseHeader(header).fields;
  const type = parseParameters(findField(inner, 'content-type')?.value ?? '');
  // Before RFC 9788 there was a draft that mutt, Thunderbird and others write: what stands inside counts, the rest outside.
  const isEarlier = type.parameters.get('protected-headers')?.toLowerCase() === 'v1';
  const isProtected = type.parameters.has('hp');
  const within = new Set(isEarlier ? inner.map((field) => field.key) : []);
  const shown = isProtected
    ? inner.filter((field) => field.key !== 'hp-outer').map((field) => pick(header, field))
    : [
        ...outer
          .filter((field) => !isStructural(field.key) && !within.has(field.key))
          .map((field) => pick(outerHeader, field)),
        ...inner.filter((field) => isStructural(field.key) || isEarlier).map((field) => pick(header, field)),
      ];
  // A decrypted entity need not say it (RFC 2045 §4 asks the message to): without it, some programs show the source.
  const version = shown.some((octets) => /^mime-version:/i.test(octets.toString('latin1', 0, 13)));
  if (!version) shown.push(Buffer.from('MIME-Version: 1.0\r\n'));
  return {
    kind: 'opened',
    message: Buffer.concat([...shown, Buffer.from('\r\n'), body]),
    signature: decrypted.signature,
    protectedHeaders: isProtected,
    hidden: hiddenOf(inner, outer, type.parameters.get('hp') === 'cipher', isEarlier && !isProtected),
    fromDiffers: (isProtected || within.has('from')) && mailboxOf(inner) !== mailboxOf(outer),
  };
}

/** Some programs (mutt) encrypt lines as their system ends them; mail has CRLF (RFC 3156 §3). */
function withCrlf(octets: Buffer): Buffer {
  const end = octets.indexOf(0x0a);
  if (end === -1 || octets[end - 1] === 0x0d) return octets;
  return Buffer.from(octets.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}

function hiddenOf(
  inner: readonly HeaderField[],
  outer: readonly HeaderField[],
  isHidden: boolean,
  isEarlier: boolean,
): string[] {
  if (isHidden) return hiddenFields(inner);
  if (!isEarlier) return [];
  // The draft says nothing of what stood outside: what stands there is looked at.
  const written = new Set(outer.map((field) => normal(`${field.key}: ${field.value}`)));
  return inner
    .filter((field) => !isStructural(field.key) && !written.has(normal(`${field.key}: ${field.value}`)))
    .map((field) => field.key);
}

function isStructural(key: string): boolean {
  return key === 'mime-version' || key.startsWith('content-');
}

function pick(header: Buffer, field: HeaderField): Buffer {
  return header.subarray(field.start, field.end);
}

/** Protected fields of which no HP-Outer field says that the same was written outside. */
function hiddenFields(inner: readonly HeaderField[]): string[] {
  const written = new Set(
    inner.filter((field) => field.key === 'hp-outer').map((field) => normal(field.value)),
  );
  return inner
    .filter((field) => field.key !== 'hp-outer' && !isStructural(field.key))
    .filter((field) => !written.has(normal(`${field.name}: ${field.value}`)))
    .map((field) => field.key);
}

/** Folding may differ between the two copies. */
function normal(field: string): string {
  return field.replace(/\s+/g, ' ').trim();
}

function mailboxOf(fields: readonly HeaderField[]): string {
  return parseMailboxes(findField(fields, 'from')?.value ?? '')
    .mailboxes.map(addressText)
    .join(', ')
    .toLowerCase();
}
