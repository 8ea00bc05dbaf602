import { readFileSync } from 'node:fs';
import { parseVerifier, readCheckpoint } from '#platform/audit';
import { type CheckResult, type ProofVerdict, proofWords, verifyProof } from '#platform/proof';
import { optionOf, WrongWords } from './wrong-words.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

const MARK: Readonly<Record<CheckResult, string>> = {
  holds: 'holds    ',
  fails: 'FAILS    ',
  open: 'not given',
};

/**
 * `sealpost proof verify FILE`: offline, without configuration or database. 0: all holds under the keys given; 1: something
 * does not hold; 3: nothing speaks against it, but no key vouches for it.
 */
export function proofVerify(args: readonly string[]): number {
  const [file] = args;
  if (file === undefined || file.startsWith('--')) throw new WrongWords('proof verify needs a proof file.');
  const address = optionOf(args, '--recipient');
  const verdict = verifyProof(readOctets(file), {
    keys: valuesOf(args, '--key').flatMap(keysIn),
    checkpoints: checkpointsIn(optionOf(args, '--checkpoint')),
    claim: address === undefined ? null : { address, salt: optionOf(args, '--salt') ?? null },
  });
  tell(verdict);
  switch (verdict.verdict) {
    case 'holds':
      return 0;
    case 'fails':
      return 1;
    case 'unanchored':
      return 3;
  }
}

function readOctets(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new WrongWords(`${path} cannot be read.`);
  }
}

function valuesOf(args: readonly string[], name: string): string[] {
  return args.flatMap((word, index) => (word === name ? [args[index + 1] ?? ''] : []));
}

/** A key as it stands, or a file with one a line. */
function keysIn(value: string): string[] {
  if (parseVerifier(value)) return [value];
  const lines = readOctets(value).toString('utf8').split('\n');
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (keys.length === 0 || !keys.every((key) => parseVerifier(key))) {
    throw new WrongWords('--key takes a public key (NAME+ID+KEY) or a file with one a line.');
  }
  return keys;
}

/** A checkpoint note, or a witness's file: one note a line as a JSON string. */
function checkpointsIn(path: string | undefined): string[] | null {
  if (path === undefined) return null;
  const text = readOctets(path).toString('utf8');
  if (readCheckpoint(text)) return [text];
  const notes = text.split('\n').flatMap((line) => (line === '' ? [] : [noteIn(line)]));
  if (notes.length === 0)
    throw new WrongWords('--checkpoint takes a checkpoint or a witness’s file of them.');
  return notes;
}

function noteIn(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'string') return value;
  } catch {
    // Not JSON: said below, without quoting the line.
  }
  throw new WrongWords('--checkpoint takes a checkpoint or a witness’s file of them.');
}

function tell({ record, checks, verdict }: ProofVerdict): void {
  if (record !== null) {
    const words = proofWords(record);
    const { transport } = record;
    const server =
      transport.host === null
        ? ''
        : `\n  server        ${transport.host}, ${transport.tlsVersion ?? 'no TLS'}, ${transport.cipher ?? ''}, verified: ${words.authenticatedBy}`;
    say(`The file says:
  proof         ${record.id}
  organisation  ${record.organisation}
  at            ${record.at}
  domain        ${record.recipientDomain}
  method        ${words.method}
  result        ${words.outcome}${server}
  policy        version ${record.policyVersion}`);
    for (const reason of words.reasons) say(`                ${reason}`);
  }
  say('What of it holds:');
  for (const one of checks) say(`  ${MARK[one.result]}  ${one.check.padEnd(11)}  ${one.words}`);
  say(VERDICT[verdict]);
}

const VERDICT: Readonly<Record<ProofVerdict['verdict'], string>> = {
  holds: 'The proof holds.',
  fails: 'THE PROOF DOES NOT HOLD. Do not rely on anything that this file says.',
  unanchored: `
  ********************************************************************************
  NOBODY VOUCHES FOR THIS FILE YET. It agrees with itself, but so would a forged
  one: its keys were taken from the file. Get the organisation's public keys from
  elsewhere (its web site, a contract) and verify again with --key KEYS.
  ********************************************************************************`,
};
