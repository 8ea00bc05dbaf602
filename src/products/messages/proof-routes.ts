import { z } from 'zod';
import type { DeliveryId } from '#core/ids';
import { bytes, defineRoute, idParams, type Route, text } from '#platform/http';
import type { MessagePorts } from './ports.ts';
import { exportProof, publishedKeys, readProof } from './read-proof.ts';
import { proofSchema } from './schemas.ts';

const TAGS = ['messages'];
const READ = { permission: 'messages:read' } as const;
/** Also for those who may read the messages of single mailboxes. */
const SCOPED = { ...READ, scoped: true } as const;

/** Proofs of protection: to look at, to take away, and the keys that verify them. */
export function proofRoutes(ports: MessagePorts): Route[] {
  return [proof(ports), file(ports), report(ports), keys(ports)];
}

function proof(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/deliveries/:id/proof',
    summary: 'The signed proof of protection of a delivery',
    tags: TAGS,
    access: SCOPED,
    params: idParams,
    responses: { 200: proofSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const found = await readProof(ports, caller, params.id as DeliveryId);
    return {
      status: 200,
      body: {
        record: proofSchema.shape.record.parse(JSON.parse(found.record)),
        signed: found.record,
        signature: found.signature.toString('base64'),
        keyId: found.keyId,
        publicKey: found.publicKey,
      },
    };
  });
}

const namingQuery = z.strictObject({
  recipient: z.enum(['hashed', 'named']).default('hashed').meta({
    description: '`named` adds the address and the salt of its hash; that it was asked for is on record',
  }),
});

function file(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/deliveries/:id/proof-file',
    summary: 'The proof of a delivery as a self-contained file',
    description:
      'Verified offline by `sealpost proof verify FILE --key KEYS`. Until a checkpoint covers the proof (about a second) the answer is 503.',
    tags: TAGS,
    access: SCOPED,
    params: idParams,
    query: namingQuery,
    responses: { 200: bytes('application/json') },
    errors: ['not-found', 'unavailable'],
  }).handle(async ({ caller, params, query }) => {
    const made = await exportProof(ports, caller, params.id as DeliveryId, {
      naming: query.recipient,
      as: 'file',
    });
    return { status: 200, body: made.file, headers: attachment(params.id, 'json') };
  });
}

function report(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/deliveries/:id/proof-report',
    summary: 'The proof of a delivery as a page to print (PDF)',
    description: 'Holds the proof file as an attachment. `named` adds the address and the subject.',
    tags: TAGS,
    access: SCOPED,
    params: idParams,
    query: namingQuery,
    responses: { 200: bytes('application/pdf') },
    errors: ['not-found', 'unavailable'],
  }).handle(async ({ caller, params, query }) => {
    const made = await exportProof(ports, caller, params.id as DeliveryId, {
      naming: query.recipient,
      as: 'report',
    });
    const name = await ports.organisationName(caller.organisation);
    // The PDF library takes a third of a second to load: only those wait for it who use it.
    const { buildProofReport } = await import('./proof-report.ts');
    const body = await buildProofReport(made, { organisation: name, now: ports.clock.now() });
    return { status: 200, body, headers: attachment(params.id, 'pdf') };
  });
}

function keys(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/proof-keys',
    summary: 'The public keys that verify proofs and the log',
    description:
      'One verifier key a line (C2SP signed-note). Publish them where others find them without us.',
    tags: TAGS,
    access: READ,
    responses: { 200: text() },
  }).handle(async ({ caller }) => ({ status: 200, body: await publishedKeys(ports, caller) }));
}

/** The name holds an id of ours and nothing of the message. */
function attachment(id: string, ending: string): Record<string, string> {
  return { 'content-disposition': `attachment; filename="sealpost-proof-${id}.${ending}"` };
}
