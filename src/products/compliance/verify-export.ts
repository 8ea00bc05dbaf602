import type { OrganisationId } from '#core/ids';
import {
  auditOrigin,
  leafHash,
  type NoteVerifier,
  openCheckpoint,
  parseVerifier,
  RangeRoot,
} from '#platform/audit';
import { cefLeaf } from './formats/cef.ts';
import { lastField } from './formats/csv.ts';
import { leafBytes } from './formats/shown-entry.ts';
import { type Manifest, manifestSchema } from './manifest.ts';

export type ExportVerdict =
  | { readonly kind: 'holds'; readonly entries: number; readonly anchored: boolean }
  | {
      readonly kind: 'fails';
      readonly reason: 'manifest' | 'checkpoint' | 'line' | 'count' | 'root';
      readonly line: number | null;
    };

/**
 * Whether the lines of an exported file are exactly the log's entries of the manifest's range, in their order. `keys`
 * from elsewhere anchor the verdict; without them those of the manifest are taken, which then only agrees with itself.
 * Reads line by line: memory does not grow with the file.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  manifestText: string,
  keys: readonly string[],
): Promise<ExportVerdict> {
  const manifest = readManifest(manifestText);
  if (manifest === null) return { kind: 'fails', reason: 'manifest', line: null };
  const verifiers = (keys.length > 0 ? keys : manifest.keys)
    .map(parseVerifier)
    .filter((key): key is NoteVerifier => key !== null);
  const origin = auditOrigin(manifest.organisation as OrganisationId);
  const checkpoint = openCheckpoint(manifest.checkpoint, origin, verifiers);
  if (checkpoint === null || checkpoint.size !== manifest.size) {
    return { kind: 'fails', reason: 'checkpoint', line: null };
  }
  const hashes = (list: readonly string[]) => list.map((each) => Buffer.from(each, 'base64'));
  try {
    const { from, to, size } = manifest;
    const range = new RangeRoot({
      ...{ from, to, size },
      ...{ before: hashes(manifest.before), behind: hashes(manifest.behind) },
    });
    const bad = await appendAll(range, lines);
    if (bad !== null) return { kind: 'fails', reason: 'line', line: bad };
    if (!range.root().equals(checkpoint.root)) return { kind: 'fails', reason: 'root', line: null };
    return { kind: 'holds', entries: to - from, anchored: keys.length > 0 };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'fails', reason: 'count', line: null };
    throw error;
  }
}

/** The number of the first line that is none of ours; null when all were taken. */
async function appendAll(range: RangeRoot, lines: AsyncIterable<string>): Promise<number | null> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === '' || (number === 1 && line.startsWith('"position",'))) continue;
    const leaf = leafOf(line);
    if (leaf === null) return number;
    range.append(leafHash(leafBytes(leaf)));
  }
  return null;
}

function leafOf(line: string): string | null {
  if (line.startsWith('CEF:')) return cefLeaf(line);
  if (!line.startsWith('{')) return lastField(line);
  const event = parsed(line);
  const raw: unknown =
    typeof event === 'object' && event !== null ? Reflect.get(event, 'raw_data') : undefined;
  return typeof raw === 'string' ? raw : null;
}

function readManifest(text: string): Manifest | null {
  return manifestSchema.safeParse(parsed(text)).data ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
