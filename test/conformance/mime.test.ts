// Third-party messages (see the README of the corpora): every file is scanned and read without a fault or a hang, and
// subject, From and attachments are compared with what another parser expects, where it says so.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addressText } from '#core/address';
import { Refusal } from '#core/errors';
import { decodeWords, findField, parseHeader, parseMailboxes, readMessage, scanBuffer } from '#platform/mail';

const corpora = process.env.SEALPOST_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora');
const folder = join(corpora, 'mime');
const present = existsSync(folder);
const ABSENT = 'third-party test data is absent (SEALPOST_CORPORA names its folder)';

const files = present ? globSync('**/*.{eml,raw,msg}', { cwd: folder }).sort() : [];

/** Files of the corpora come with any line ends; a message on the road has CRLF. */
function canonical(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

interface Expected {
  readonly subject: string | null;
  readonly from: string | null;
  readonly attachments: number;
}

interface StalwartFile {
  readonly attachments: readonly number[];
  readonly parts: readonly {
    readonly headers: readonly {
      readonly name: string;
      readonly value: {
        readonly Text?: string;
        readonly Address?: { readonly List?: readonly { readonly address?: string | null }[] };
      };
    }[];
  }[];
}

function expectedOf(file: string): Expected | null {
  const path = join(folder, file.replace(/\.eml$/, '.crlf.json'));
  if (!file.startsWith('stalwart') || !existsSync(path)) return null;
  const parsed: StalwartFile = JSON.parse(readFileSync(path, 'utf8'));
  const headers = parsed.parts[0]?.headers ?? [];
  const value = (name: string) => headers.findLast((header) => header.name === name)?.value;
  return {
    subject: value('subject')?.Text ?? null,
    from: value('from')?.Address?.List?.[0]?.address?.toLowerCase() ?? null,
    attachments: parsed.attachments.length,
  };
}

const headerOf = (message: Buffer): Buffer => {
  const end = message.indexOf('\r\n\r\n');
  return end === -1 ? message : message.subarray(0, end + 2);
};

describe('third-party messages', () => {
  beforeEach((context) => {
    // Skipped: the third-party data is not part of the project.
    if (!present) context.skip(ABSENT);
  });

  it('are there', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it('are scanned and read without a fault, each in less than two seconds', async () => {
    const faults: string[] = [];
    let refused = 0;
    for (const file of files) {
      const raw = readFileSync(join(folder, file));
      const started = performance.now();
      try {
        scanBuffer(raw);
        const scanned = scanBuffer(canonical(raw));
        if (!scanned.ok) refused += 1;
        await readMessage(canonical(raw));
      } catch (error) {
        if (!(error instanceof Refusal)) faults.push(`${relative('.', file)}: ${String(error)}`);
      }
      const took = performance.now() - started;
      if (took > 2000) faults.push(`${file}: ${Math.round(took)} ms`);
    }
    console.log(`mime conformance: ${files.length} messages read, ${refused} of them not taken by intake`);
    expect(faults).toEqual([]);
  });

  it('have the subject, From and attachments that Stalwart expects', async () => {
    const counts = { compared: 0, subject: 0, from: 0, attachments: 0 };
    const differ: string[] = [];
    for (const file of files) {
      const expected = expectedOf(file);
      if (expected === null) continue;
      const message = canonical(readFileSync(join(folder, file)));
      counts.compared += 1;
      const { fields } = parseHeader(headerOf(message));
      const subject = decodeWords(findField(fields, 'subject')?.value ?? '')
        .replace(/\s+/g, ' ')
        .trim();
      if (subject === (expected.subject ?? '').replace(/\s+/g, ' ').trim()) counts.subject += 1;
      else differ.push(`${file} subject`);
      const [author] = parseMailboxes(findField(fields, 'from')?.value ?? '').mailboxes;
      const from = author === undefined ? null : addressText(author).toLowerCase();
      if (from === expected.from) counts.from += 1;
      else differ.push(`${file} from ${from} ${expected.from}`);
      const read = await readMessage(message).catch(() => null);
      if (read?.attachments.length === expected.attachments) counts.attachments += 1;
      else differ.push(`${file} attachments ${read?.attachments.length} ${expected.attachments}`);
    }
    console.log(`mime conformance against Stalwart: ${JSON.stringify(counts)}`);
    for (const one of differ) console.log(`  differs: ${one}`);
    expect(counts.compared).toBeGreaterThan(50);
    expect(counts.from).toBe(counts.compared);
    // Known differences: UTF-7, which no browser decodes any more; raw Latin-1, which we read and they replace; and
    // which part of a few odd messages is text and which an attachment.
    expect(counts.subject).toBeGreaterThanOrEqual(57);
    expect(counts.attachments).toBeGreaterThanOrEqual(61);
  });
});
