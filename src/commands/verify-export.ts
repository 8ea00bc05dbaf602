import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseVerifier } from '#platform/audit';
import { verifyExport } from '#products/compliance';
import { optionOf, WrongWords } from './wrong-words.ts';

const REASONS = {
  manifest: 'The manifest cannot be read.',
  checkpoint: 'No key vouches for the checkpoint in the manifest.',
  line: 'A line carries no entry.',
  count: 'There are more or fewer entries than the manifest’s range has.',
  root: 'An entry was changed, exchanged or put elsewhere: the entries do not lead to the signed root.',
} as const;

/**
 * `sealpost audit verify-export FILE MANIFEST [--key KEY]`: offline, without configuration or database. 0: the file is what
 * the log holds; 1: it is not; 3: nothing speaks against it, but its keys were taken from the manifest.
 */
export async function auditVerifyExport(args: readonly string[]): Promise<number> {
  const [file, manifest] = args;
  if (file === undefined || manifest === undefined || file.startsWith('--') || manifest.startsWith('--')) {
    throw new WrongWords('audit verify-export needs the exported file and its manifest.');
  }
  const key = optionOf(args, '--key');
  if (key !== undefined && parseVerifier(key) === null) {
    throw new WrongWords('--key takes a public key (NAME+ID+KEY).');
  }
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const verdict = await verifyExport(lines, readFileSync(manifest, 'utf8'), key === undefined ? [] : [key]);
  if (verdict.kind === 'fails') {
    const where = verdict.line === null ? '' : ` (line ${verdict.line})`;
    process.stdout.write(`THE FILE IS NOT WHAT THE LOG HOLDS. ${REASONS[verdict.reason]}${where}\n`);
    return 1;
  }
  process.stdout.write(`${verdict.entries} entries: exactly what the log holds in this range.\n`);
  if (verdict.anchored) return 0;
  process.stdout.write(
    'The keys were taken from the manifest itself. Get the organisation’s public key from elsewhere and verify again with --key.\n',
  );
  return 3;
}
