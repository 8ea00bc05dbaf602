import { z } from 'zod';
import { classSchema, decisionSchema } from '#platform/http';
import { RECEIVED_LIMITS } from '#platform/mail';

const confidence = z.enum(['high', 'medium', 'low']);

const tlsSchema = z
  .strictObject({
    version: z.string().nullable(),
    cipher: z.string().nullable(),
    bits: z.number().int().nullable(),
    clientCertificate: z.enum(['not-asked', 'not-presented', 'verified', 'not-verified']).nullable(),
  })
  .meta({ id: 'HopTls' });

const verdictSchema = z
  .strictObject({
    kind: z.enum(['encrypted', 'not-recorded', 'internal', 'clear', 'unreadable']),
    basis: z.enum([
      'tls-note',
      'protocol',
      'same-host',
      'private-address',
      'local-program',
      'local-protocol',
      'same-organisation',
      'receiver-records-tls',
      'null-cipher',
      'no-note',
      'probably-clear',
      'malformed',
    ]),
    confidence,
    weak: z.boolean().meta({ description: 'Encrypted, but by a version or cipher that no longer holds' }),
    receiver: z
      .string()
      .nullable()
      .meta({ description: 'The service whose habit of noting TLS the inference rests on' }),
  })
  .meta({ id: 'HopVerdict' });

const hopSchema = z
  .strictObject({
    position: z.number().int().meta({ description: 'From 1, the first to happen' }),
    from: z.strictObject({
      claimedName: z.string().nullable(),
      resolvedName: z.string().nullable(),
      address: z.string().nullable(),
    }),
    by: z.strictObject({ name: z.string().nullable(), address: z.string().nullable() }),
    protocol: z.string().nullable(),
    software: z.string().nullable(),
    id: z.string().nullable(),
    recipient: z.string().nullable().meta({ description: 'With a masked local part' }),
    time: z.iso.datetime().nullable(),
    delaySeconds: z.number().nullable(),
    clockSkew: z.boolean(),
    tls: tlsSchema.nullable(),
    internal: z.boolean(),
    trust: z.enum(['own', 'known-service', 'claimed']),
    verdict: verdictSchema,
    text: z.string().nullable().meta({ description: 'Of a line that could not be read' }),
  })
  .meta({ id: 'Hop' });

export const analysisSchema = z
  .strictObject({
    hops: z.array(hopSchema),
    overall: z.strictObject({
      kind: z.enum(['encrypted', 'not-proven', 'clear', 'nothing-to-judge']),
      confidence,
      reasons: z.array(
        z.strictObject({
          code: z.enum([
            'leg-clear',
            'leg-not-recorded',
            'leg-unreadable',
            'leg-weak',
            'legs-encrypted',
            'legs-internal',
            'lines-claimed',
            'clock-skew',
            'no-received-lines',
          ]),
          hops: z.array(z.number().int()),
        }),
      ),
    }),
    hiddenLegs: z.array(
      z.strictObject({
        leg: z.enum(['author-to-first-server', 'last-server-to-reader']),
        hop: z.number().int().nullable(),
      }),
    ),
    totalSeconds: z.number().nullable(),
    leftOut: z.number().int(),
    truncated: z.boolean(),
  })
  .meta({ id: 'HeaderAnalysis' });

export const headersBody = z.strictObject({
  headers: z.string().min(1).max(RECEIVED_LIMITS.characters),
});

export const domainBody = z.strictObject({ domain: z.string().min(1).max(255) });

const failed = z.strictObject({ kind: z.literal('failed'), code: z.string() });
const notChecked = z.strictObject({ kind: z.literal('not-checked') });
const none = z.strictObject({ kind: z.literal('none') });

const mtaStsSchema = z
  .union([
    notChecked,
    none,
    z.strictObject({
      kind: z.literal('policy'),
      mode: z.enum(['enforce', 'testing', 'none']),
      mx: z.array(z.string()),
      maxAgeSeconds: z.number().int(),
    }),
    failed,
  ])
  .meta({ id: 'MtaStsFinding' });

const daneSchema = z
  .union([
    notChecked,
    none,
    z.strictObject({
      kind: z.literal('records'),
      usable: z.number().int(),
      unusable: z.number().int(),
    }),
    failed,
  ])
  .meta({ id: 'DaneFinding' });

const checkedHostSchema = z
  .strictObject({
    host: z.string(),
    preference: z.number().int(),
    outcome: z.enum(['verified', 'unverified', 'no-tls', 'refused', 'unreachable']),
    startTls: z.boolean().nullable(),
    failure: z.string().nullable(),
    detail: z.string().nullable(),
    address: z.string().nullable(),
    tlsVersion: z.string().nullable().meta({ description: 'The one that was negotiated' }),
    tlsVersions: z
      .array(z.string())
      .meta({ description: 'All that the host takes, among those that delivery would use' }),
    cipher: z.string().nullable(),
    authenticatedBy: z.enum(['dane', 'mta-sts', 'pkix', 'none']),
    certificate: z
      .strictObject({
        subject: z.string(),
        issuer: z.string(),
        notAfter: z.iso.datetime().nullable(),
        fingerprint: z.string(),
      })
      .nullable(),
    dane: daneSchema,
  })
  .meta({ id: 'CheckedHost' });

export const domainReportSchema = z
  .strictObject({
    domain: z.string(),
    route: z.enum(['mx', 'address', 'none', 'unknown']),
    routeCode: z.enum(['null-mx', 'no-such-domain', 'dns-failed']).nullable(),
    dnssec: z.boolean(),
    hosts: z.array(checkedHostSchema),
    hostsLeftOut: z.number().int(),
    mtaSts: mtaStsSchema,
    smartHost: z.string().nullable(),
    outlook: z.array(
      z.strictObject({
        class: classSchema,
        kind: z.enum(['decided', 'waits']),
        decision: decisionSchema,
      }),
    ),
  })
  .meta({ id: 'DomainReport' });
