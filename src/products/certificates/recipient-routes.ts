import { z } from 'zod';
import type { Caller } from '#core/actor';
import { addressText } from '#core/address';
import { Refusal } from '#core/errors';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route, raw } from '#platform/http';
import { type FoundCertificate, importCertificates, type StoredCertificate } from '#platform/keyring';
import { addressIndexForm, parseAddress, readMessage } from '#platform/mail';
import { change, onRecord } from './on-record.ts';
import type { CertificatePorts } from './ports.ts';
import { certificateText, certificateView, recipientSchema, standingView } from './schemas.ts';

const TAGS = ['certificates'];
const READ = { permission: 'certificates:read' } as const;
const WRITE = { permission: 'certificates:write' } as const;
const LARGEST_MAIL = 10 * 1024 * 1024;

/** Certificates of recipients: what we encrypt with. */
export function recipientRoutes(ports: CertificatePorts): Route[] {
  return [list(ports), upload(ports), fromSignedMail(ports), remove(ports)];
}

async function view(ports: CertificatePorts, { organisation }: Caller, stored: StoredCertificate) {
  const standing = await ports.certificates.standing(organisation, stored, stored.address, 'encrypt', false);
  return {
    id: stored.id,
    address: stored.address,
    ...certificateView(stored.certificate),
    standing: standingView(standing),
    source: stored.source,
    createdAt: stored.createdAt.toISOString(),
  };
}

function list(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/certificates',
    summary: 'Certificates of recipients, newest first, and what each is worth now',
    tags: TAGS,
    access: READ,
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(recipientSchema) },
  }).handle(async ({ caller, query }) => {
    const read = (position: string | null, limit: number) =>
      ports.database.tenant([caller.organisation], 'app', async (tx) => {
        const found = await ports.records.list(tx, caller.organisation, position, limit);
        // Addresses of recipients are PHI: reading them is an access (AU-1).
        await onRecord(ports, tx, caller, 'certificate.viewed', [], { certificates: found.length });
        return found;
      });
    return { status: 200, body: await pageById(query, read, (row) => view(ports, caller, row)) };
  });
}

function upload(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/certificates',
    summary: 'Add a recipient’s certificate',
    description:
      'PEM (the certificate first, then what stands between it and its root) or base64 of DER. It must name the address; whether it is trusted may change later and is looked at again for each message.',
    tags: TAGS,
    access: WRITE,
    body: z.strictObject({ address: z.string().min(3).max(320), certificate: certificateText }),
    responses: { 201: recipientSchema },
    errors: ['invalid', 'invalid-address', 'already-exists'],
  }).handle(async ({ caller, body }) => {
    const address = parseAddress(body.address.trim());
    if (!address) throw new Refusal('invalid-address', { path: 'address' });
    const read = importCertificates(body.certificate);
    if (read.kind === 'problem') throw new Refusal('invalid', { path: 'certificate', reason: read.problem });
    const [certificate, ...others] = read.value;
    const named = addressIndexForm(address);
    if (!certificate.emails.some((email) => email.toLowerCase() === named)) {
      throw new Refusal('invalid', { path: 'certificate', reason: 'other-address' });
    }
    const text = addressText(address);
    const found = { certificate, others, capabilities: certificate.capabilities };
    const id = await change(ports, caller, (tx) => store(ports, tx, caller, text, found, 'upload'));
    if (id === null) throw new Refusal('already-exists');
    const createdAt = ports.clock.now();
    const stored = { ...found, id, address: text, source: 'upload', createdAt } as const;
    return { status: 201, body: await view(ports, caller, stored) };
  });
}

async function store(
  ports: CertificatePorts,
  tx: Parameters<CertificatePorts['records']['add']>[0],
  caller: Caller,
  address: string,
  found: FoundCertificate,
  source: 'upload' | 'signed-mail',
): Promise<string | null> {
  const id = await ports.records.add(tx, caller.organisation, address, found, source);
  if (id !== null)
    await onRecord(ports, tx, caller, 'certificate.added', [{ kind: 'certificate', id }], { source });
  return id;
}

function fromSignedMail(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/certificates/signed-mail',
    summary: 'Take the sender’s certificates from a signed message',
    description:
      'The signature must fit, and a certificate is taken only when it names the sender, may be encrypted to, and is trusted.',
    tags: TAGS,
    access: WRITE,
    body: raw('message/rfc822', { maxBytes: LARGEST_MAIL }),
    responses: { 200: z.strictObject({ added: z.number().int(), known: z.number().int() }) },
    errors: ['invalid', 'mime-unreadable'],
  }).handle(async ({ caller, body }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const mail = ports.readSigned(Buffer.concat(chunks));
    if (mail === null) throw new Refusal('invalid', { path: 'message', reason: 'not-signed' });
    const { from } = await readMessage(mail.message);
    if (from === null) throw new Refusal('invalid', { path: 'message', reason: 'no-sender' });
    const address = addressText(from);
    const fitting = await usableOf(ports, caller, address, mail.signer);
    if (fitting.length === 0)
      throw new Refusal('invalid', { path: 'message', reason: 'no-usable-certificate' });
    const added = await change(ports, caller, async (tx) => {
      let count = 0;
      for (const found of fitting) {
        if ((await store(ports, tx, caller, address, found, 'signed-mail')) !== null) count += 1;
      }
      return count;
    });
    return { status: 200, body: { added, known: fitting.length - added } };
  });
}

/** Of what came with a signature, the certificates of this sender that may be encrypted to; one often only signs. */
async function usableOf(
  ports: CertificatePorts,
  { organisation }: Caller,
  address: string,
  signer: FoundCertificate,
): Promise<FoundCertificate[]> {
  const all = [signer.certificate, ...signer.others];
  // The signer too must be who the message says, or anybody could hand in certificates for anybody.
  const signing = await ports.certificates.standing(organisation, signer, address, 'sign', true);
  if (signing.kind === 'refused') return [];
  const usable: FoundCertificate[] = [];
  for (const certificate of all) {
    const others = all.filter((one) => one !== certificate && one.authority !== null);
    const found = { certificate, others, capabilities: signer.capabilities };
    const standing = await ports.certificates.standing(organisation, found, address, 'encrypt', true);
    if (standing.kind === 'usable') usable.push(found);
  }
  return usable;
}

function remove(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/certificates/:id',
    summary: 'Remove a recipient’s certificate',
    tags: TAGS,
    access: WRITE,
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await change(ports, caller, async (tx) => {
      if (!(await ports.records.remove(tx, caller.organisation, params.id))) throw new Refusal('not-found');
      await onRecord(ports, tx, caller, 'certificate.removed', [{ kind: 'certificate', id: params.id }]);
    });
    return { status: 204 };
  });
}
