/** Which attachments travel in which mail: their places in the message, in its order. The text is in the first. */
export type PartsPlan = readonly (readonly number[])[];

/** More mails than this are no letter any more: the portal serves better. */
export const MOST_PARTS = 20;

/** Octets that a file costs in a document beside its own: its dictionaries, name, padding and initialisation vectors. */
const FILE_OCTETS = 2_048;
/** Header, text and MIME structure of the mail around a document. */
const MAIL_OCTETS = 16_384;
/** Base64 in lines of 76 with CRLF: 57 octets become 78 (RFC 2045 §6.8). */
const LINE = { octets: 57, written: 78 } as const;

/** Octets of a mail around a document, at most. */
export function mailOctets(documentOctets: number): number {
  return Math.ceil(documentOctets / LINE.octets) * LINE.written + MAIL_OCTETS;
}

/**
 * Divides attachments over as few mails as their order allows, each of at most `most` octets; null where one of them, or
 * the text alone, does not fit into a mail, or too many mails would come of it. `pages` is what a document takes without
 * attachments. All in octets.
 */
export function planParts(files: readonly number[], pages: number, most: number): PartsPlan | null {
  const fits = (octets: number): boolean => mailOctets(pages + octets) <= most;
  if (!fits(0)) return null;
  const parts: number[][] = [[]];
  let held = 0;
  for (const [index, octets] of files.entries()) {
    const cost = octets + FILE_OCTETS;
    if (!fits(cost)) return null;
    if (fits(held + cost)) {
      held += cost;
      parts.at(-1)?.push(index);
    } else {
      held = cost;
      parts.push([index]);
    }
  }
  return parts.length > MOST_PARTS ? null : parts;
}
