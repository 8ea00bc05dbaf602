import { hash } from 'node:crypto';
import { startPdf } from '#platform/pdf';
import { proofWords } from '#platform/proof';
import type { ExportedProof } from './read-proof.ts';

/**
 * The proof as one page for a compliance officer: what was done, why, and how anybody can verify it. Holds the proof
 * file as an attachment, and nothing of the message's content.
 */
export async function buildProofReport(
  proof: ExportedProof,
  about: { readonly organisation: string; readonly now: Date },
): Promise<Buffer> {
  const { record, named } = proof;
  const { transport } = record;
  const words = proofWords(record);
  const sheet = await startPdf({ title: 'Proof of protection', date: about.now });
  sheet.title('Proof of protection');
  sheet.paragraph(
    `${about.organisation} sent a message to a recipient at ${record.recipientDomain}. This page says how this copy was protected on its way, and how that can be verified.`,
  );
  sheet.rule();
  sheet.facts([
    ['Result', words.outcome],
    ['At', inWords(record.at)],
    ['Method', words.method],
    ['Recipient’s domain', record.recipientDomain],
    ['Recipient', named?.address ?? 'Not named on this page; the record holds a salted hash of the address'],
    ['Subject (not signed)', named?.subject ?? null],
    ['Receiving server', transport.host],
    ['Encryption', encryption(transport.tlsVersion, transport.cipher)],
    ['Server verified by', transport.host === null ? null : words.authenticatedBy],
    ['Server certificate', grouped(transport.certificateFingerprint), 'mono'],
    ['Policy version', String(record.policyVersion)],
  ]);
  sheet.heading('Why this method');
  sheet.list(words.reasons);
  sheet.heading('Identity of the proof');
  sheet.facts([
    ['Message', record.message, 'mono'],
    ['Delivery', record.delivery, 'mono'],
    ['Proof and log entry', record.id, 'mono'],
    ['Content (SHA-256)', grouped(record.contentHash), 'mono'],
    ['Recipient (hash)', grouped(record.recipientHash), 'mono'],
    ['Proof file (SHA-256)', grouped(hash('sha256', proof.file, 'hex')), 'mono'],
    ['Place in the log', placeInWords(proof)],
    ['Proof key', proof.keys.proofKey, 'mono'],
    ['Log key', proof.keys.logKey, 'mono'],
  ]);
  sheet.heading('How to verify it');
  sheet.list([
    'Save the attached file sealpost-proof.json (in most readers under “Attachments”).',
    'Get the organisation’s public keys from a place of its own choosing, such as its web site, and compare them with the two keys above. A page or a file cannot vouch for itself.',
    'Run, without any connection: sealpost proof verify sealpost-proof.json --key KEYS. With a checkpoint from an independent witness: --checkpoint FILE.',
  ]);
  sheet.paragraph(
    'The record is signed with Ed25519 (RFC 8032) and its hash is a leaf of the organisation’s Merkle log (RFC 6962), whose checkpoints are signed notes. The format is published with Sealpost’s source (docs/reference/proof-format.md). What is printed here is a rendering; what counts is the attached file.',
    { size: 7.5, soft: true },
  );
  await sheet.attach({ name: 'sealpost-proof.json', content: proof.file });
  return sheet.finish({
    footer: `Proof ${record.id}, page made ${about.now.toISOString().slice(0, 19)}Z`,
    password: null,
  });
}

function encryption(version: string | null, cipher: string | null): string | null {
  if (version === null) return null;
  const name = version.replace(/^TLSv/, 'TLS ');
  return cipher === null ? name : `${name}, ${cipher}`;
}

/** Groups of eight can be compared by eye. */
function grouped(hex: string | null): string | null {
  return hex && (hex.replaceAll(':', '').match(/.{1,8}/g) ?? []).join(' ');
}

function inWords(time: string): string {
  const date = new Date(time);
  const day = date.toLocaleDateString('en-US', {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${date.toISOString().slice(11, 19)} UTC`;
}

function placeInWords({ position, checkpoint }: ExportedProof): string {
  const [, size, , , time] = checkpoint.split('\n');
  return `Entry ${position} of ${size} (checkpoint of ${(time ?? '').replace('time ', '').slice(0, 19)}Z)`;
}
