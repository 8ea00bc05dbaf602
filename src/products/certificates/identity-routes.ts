import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { defineRoute, empty, type Route } from '#platform/http';
import { importPem, importPkcs12, type OwnCertificate, type SigningIdentity } from '#platform/keyring';
import { change, onRecord } from './on-record.ts';
import type { CertificatePorts } from './ports.ts';
import { certificateText, certificateView, identitySchema, settingsSchema, standingView } from './schemas.ts';

const TAGS = ['certificates'];
const READ = { permission: 'certificates:read' } as const;
const WRITE = { permission: 'certificates:write' } as const;

/** A PKCS #12 file in base64, or certificate and key in PEM. */
const importSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pkcs12'),
    file: z.base64().max(200_000),
    passphrase: z.string().max(1_000),
  }),
  z.strictObject({
    kind: z.literal('pem'),
    certificate: certificateText,
    key: z.string().min(1).max(50_000),
    passphrase: z.string().max(1_000).optional(),
  }),
]);

async function view(
  ports: CertificatePorts,
  { organisation }: Caller,
  own: Omit<SigningIdentity, 'privateKey'>,
) {
  const standing = await ports.certificates.standing(organisation, own, null, 'sign', false);
  return {
    id: own.id,
    ...certificateView(own.certificate),
    addresses: [...own.certificate.emails],
    standing: standingView(standing),
    createdAt: own.createdAt.toISOString(),
  };
}

/** The organisation's own signing certificate, and its choices for S/MIME. */
export function identityRoutes(ports: CertificatePorts): Route[] {
  return [read(ports), replace(ports), retire(ports), readSettings(ports), replaceSettings(ports)];
}

function read(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/signing-certificate',
    summary: 'The certificate that S/MIME messages are signed with',
    tags: TAGS,
    access: READ,
    responses: { 200: z.strictObject({ certificate: identitySchema.nullable() }) },
  }).handle(async ({ caller }) => {
    const own = await ports.database.tenant([caller.organisation], 'app', (tx) =>
      ports.records.identity(tx, caller.organisation),
    );
    return { status: 200, body: { certificate: own === null ? null : await view(ports, caller, own) } };
  });
}

function replace(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/signing-certificate',
    summary: 'Import the certificate and key that S/MIME messages are signed with',
    description: 'The key is sealed at once and cannot be read out again. The one before is retired.',
    tags: TAGS,
    access: WRITE,
    stepUp: true,
    body: importSchema,
    responses: { 200: identitySchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const imported =
      body.kind === 'pkcs12'
        ? importPkcs12(Buffer.from(body.file, 'base64'), body.passphrase)
        : importPem(body.certificate, body.key, body.passphrase ?? null);
    if (imported.kind === 'problem')
      throw new Refusal('invalid', { path: body.kind, reason: imported.problem });
    const own = imported.value;
    await requireSigner(ports, caller, own);
    const id = await change(ports, caller, async (tx) => {
      const made = await ports.records.setIdentity(tx, caller.organisation, own);
      await onRecord(ports, tx, caller, 'signing-certificate.imported', [{ kind: 'certificate', id: made }]);
      return made;
    });
    return { status: 200, body: await view(ports, caller, { ...own, id, createdAt: ports.clock.now() }) };
  });
}

/** What we do not trust, others may; what is expired, too weak or not for signing, nobody should. */
async function requireSigner(
  ports: CertificatePorts,
  { organisation }: Caller,
  own: OwnCertificate,
): Promise<void> {
  const standing = await ports.certificates.standing(organisation, own, null, 'sign', false);
  if (standing.kind === 'refused' && standing.code !== 'key-untrusted') {
    throw new Refusal('invalid', { path: 'certificate', reason: standing.reason ?? standing.code });
  }
}

function retire(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/signing-certificate',
    summary: 'Sign S/MIME messages no longer',
    tags: TAGS,
    access: WRITE,
    stepUp: true,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    await change(ports, caller, async (tx) => {
      if (!(await ports.records.retireIdentity(tx, caller.organisation))) throw new Refusal('not-found');
      await onRecord(ports, tx, caller, 'signing-certificate.retired', []);
    });
    return { status: 204 };
  });
}

function readSettings(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/smime-settings',
    summary: 'How S/MIME messages are made, and how strictly revocation is taken',
    tags: TAGS,
    access: READ,
    responses: { 200: settingsSchema },
  }).handle(async ({ caller }) => ({
    status: 200,
    body: await ports.database.tenant([caller.organisation], 'app', (tx) =>
      ports.records.settings(tx, caller.organisation),
    ),
  }));
}

function replaceSettings(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/smime-settings',
    summary: 'Change how S/MIME messages are made',
    tags: TAGS,
    access: WRITE,
    stepUp: true,
    fourEyes: 'encryption',
    body: settingsSchema,
    responses: { 200: settingsSchema },
  }).handle(async ({ caller, body }) => {
    await change(ports, caller, async (tx) => {
      await ports.records.setSettings(tx, caller.organisation, body);
      await onRecord(ports, tx, caller, 'smime-settings.changed', [], { ...body });
    });
    return { status: 200, body };
  });
}
