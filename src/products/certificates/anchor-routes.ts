import { z } from 'zod';
import { Refusal } from '#core/errors';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { importCertificates, type StoredAnchor } from '#platform/keyring';
import { change, onRecord } from './on-record.ts';
import type { CertificatePorts } from './ports.ts';
import { anchorSchema, certificateText, certificateView } from './schemas.ts';

const TAGS = ['certificates'];

const view = ({ id, certificate, createdAt }: StoredAnchor) => ({
  id,
  ...certificateView(certificate),
  createdAt: createdAt.toISOString(),
});

/** Whom the organisation trusts to vouch for certificates. */
export function anchorRoutes(ports: CertificatePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/trust-anchors',
      summary: 'Certificates that the organisation trusts to vouch for others',
      tags: TAGS,
      access: { permission: 'certificates:read' },
      responses: { 200: z.strictObject({ items: z.array(anchorSchema) }) },
    }).handle(async ({ caller }) => {
      // One of them may be a person's own, with their name and address.
      const anchors = await ports.database.tenant([caller.organisation], 'app', async (tx) => {
        await onRecord(ports, tx, caller, 'trust-anchors.listed', []);
        return ports.records.anchors(tx, caller.organisation);
      });
      return { status: 200, body: { items: anchors.map(view) } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/trust-anchors',
      summary: 'Trust an authority, or one certificate by itself',
      tags: TAGS,
      access: { permission: 'certificates:write' },
      stepUp: true,
      fourEyes: 'encryption',
      body: z.strictObject({ certificate: certificateText }),
      responses: { 201: anchorSchema },
      errors: ['invalid', 'already-exists', 'limit-reached'],
    }).handle(async ({ caller, body }) => {
      const read = importCertificates(body.certificate);
      if (read.kind === 'problem')
        throw new Refusal('invalid', { path: 'certificate', reason: read.problem });
      const [certificate] = read.value;
      const id = await change(ports, caller, async (tx) => {
        const added = await ports.records.addAnchor(tx, caller.organisation, certificate);
        if (added.kind !== 'added')
          throw new Refusal(added.kind === 'full' ? 'limit-reached' : 'already-exists');
        await onRecord(ports, tx, caller, 'trust-anchor.added', [{ kind: 'trust-anchor', id: added.id }]);
        return added.id;
      });
      return { status: 201, body: view({ id, certificate, createdAt: ports.clock.now() }) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/trust-anchors/:id',
      summary: 'Trust it no longer',
      tags: TAGS,
      access: { permission: 'certificates:write' },
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      await change(ports, caller, async (tx) => {
        if (!(await ports.records.removeAnchor(tx, caller.organisation, params.id)))
          throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'trust-anchor.removed', [{ kind: 'trust-anchor', id: params.id }]);
      });
      return { status: 204 };
    }),
  ];
}
