import { MOST_EVIDENCE } from '../../data/evidence.ts';
import { evidenceText as words } from '../../text/evidence.ts';

/** Why this file cannot be filed, in words; null where it can. */
export function fileProblem(file: Pick<File, 'size'> | null): string | null {
  if (file === null) return null;
  if (file.size === 0) return words.emptyFile;
  return file.size > MOST_EVIDENCE ? words.tooLarge : null;
}

/** SHA-256 of what a file holds, in lower-case hexadecimal. */
export async function sha256Of(file: Pick<Blob, 'arrayBuffer'>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
