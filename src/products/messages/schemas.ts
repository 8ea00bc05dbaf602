import { z } from 'zod';
import {
  actorViewSchema,
  classSchema,
  decisionSchema,
  deliveryStateSchema,
  methodSchema,
  parametersSchema,
  streamSchema,
} from '#platform/http';

const time = z.iso.datetime();
const id = z.uuid();
export const methodOrNoneSchema = z.union([methodSchema, z.literal('none')]);

/** A delivery state, or a group of them that people look for. */
export const messageFilterSchema = z
  .union([z.enum(['on-the-way', 'failing', 'unread']), deliveryStateSchema])
  .meta({ id: 'MessageFilter' });

const summary = {
  id,
  acceptedAt: time,
  subject: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  recipients: z.number().int(),
  size: z.number().int(),
  source: z.enum(['smtp', 'api', 'portal', 'inbound']),
  class: classSchema,
  stream: streamSchema,
  state: z.enum(['accepted', 'cancelled', 'retracted']),
  states: z.array(z.strictObject({ state: deliveryStateSchema, count: z.number().int() })),
  methods: z.array(methodOrNoneSchema),
};

export const messageSummarySchema = z.strictObject(summary).meta({ id: 'MessageSummary' });

export const attemptSchema = z
  .strictObject({
    id,
    number: z.number().int(),
    method: methodSchema,
    startedAt: time,
    endedAt: time,
    result: z.enum(['delivered', 'deferred', 'bounced', 'protection-unavailable', 'in-portal']),
    code: z.string().nullable(),
    host: z.string().nullable(),
    address: z.string().nullable(),
    tlsVersion: z.string().nullable(),
    cipher: z.string().nullable(),
    certificate: z
      .strictObject({
        fingerprint: z.string(),
        subject: z.string().nullable(),
        issuer: z.string().nullable(),
        notAfter: time.nullable(),
      })
      .nullable(),
    authenticatedBy: z.enum(['dane', 'mta-sts', 'pkix', 'none']),
    reply: z
      .strictObject({ code: z.number().int(), enhanced: z.string().nullable(), text: z.string() })
      .nullable(),
  })
  .meta({ id: 'Attempt' });

export const deliveryDetailSchema = z
  .strictObject({
    id,
    to: z.string(),
    state: deliveryStateSchema,
    method: methodOrNoneSchema.nullable(),
    decision: decisionSchema.nullable(),
    attempts: z.array(attemptSchema),
    lastCode: z.string().nullable(),
    lastStatus: z.string().nullable(),
    nextAttemptAt: time.nullable(),
    finishedAt: time.nullable(),
    portal: z
      .strictObject({
        expiresAt: time,
        firstReadAt: time.nullable(),
        lockedAt: time.nullable().describe('When too many wrong answers ended access'),
        unprovableAt: time
          .nullable()
          .describe('When somebody first came without a possible second proof; the sender was told'),
        acts: z.array(
          z.strictObject({
            act: z.enum(['opened', 'downloaded', 'replied', 'printed']),
            at: time,
            by: z.enum(['recipient', 'caregiver']),
          }),
        ),
      })
      .nullable(),
    followUps: z
      .array(
        z.strictObject({
          kind: z.enum([
            'text-queued',
            'text-sent',
            'text-failed',
            'text-expired',
            'other-address',
            'letter-due',
            'letter-written',
          ]),
          code: z.string().nullable(),
          at: time,
        }),
      )
      .meta({
        description: 'Texts, notices to another address and letters about this delivery, oldest first',
      }),
    hasProof: z.boolean(),
  })
  .meta({ id: 'DeliveryDetail' });

export const messageDetailSchema = z
  .strictObject({
    ...summary,
    messageId: z.string(),
    priority: z.number().int(),
    dueAt: time,
    giveUpAt: time,
    portalExpiresAt: time,
    policyVersion: z.number().int(),
    actor: actorViewSchema,
    inReplyTo: id.nullable(),
    deliveries: z.array(deliveryDetailSchema),
    replies: z.array(z.strictObject({ id, from: z.string(), subject: z.string(), acceptedAt: time })),
    canCancel: z.boolean(),
    canRetract: z.boolean(),
  })
  .meta({ id: 'MessageDetail' });

export const messageContentSchema = z
  .strictObject({
    subject: z.string(),
    from: z.string(),
    to: z.array(z.string()),
    text: z.string(),
    attachments: z.array(
      z.strictObject({ index: z.number().int(), name: z.string(), type: z.string(), size: z.number().int() }),
    ),
  })
  .meta({ id: 'MessageContent' });

export const newMessageSchema = z
  .strictObject({
    from: z.string().min(3).max(320).optional(),
    to: z.array(z.string().min(3).max(320)).min(1).max(1000),
    subject: z.string().max(900),
    text: z.string().max(5_000_000),
    html: z.string().max(5_000_000).optional(),
    class: classSchema.optional(),
    stream: streamSchema.optional(),
    priority: z.number().int().min(0).max(99).optional(),
    dueAt: z.iso.datetime().optional(),
    attachments: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(255),
          type: z.string().regex(/^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}$/),
          content: z.base64().meta({ description: 'Base64 (RFC 4648 §4)' }),
        }),
      )
      .max(100)
      .optional(),
  })
  .meta({ id: 'NewMessage' });

export const acceptedSchema = z
  .strictObject({ id, deliveries: z.array(z.strictObject({ id, to: z.string() })) })
  .meta({ id: 'Accepted' });

export const cancelResultSchema = z
  .strictObject({
    deliveries: z.array(z.strictObject({ id, to: z.string(), result: z.enum(['cancelled', 'too-late']) })),
  })
  .meta({ id: 'CancelResult' });

export const retractResultSchema = z
  .strictObject({
    deliveries: z.array(
      z.strictObject({
        id,
        to: z.string(),
        result: z.enum(['retracted', 'retracted-after-read', 'cancelled', 'cannot-recall']),
      }),
    ),
  })
  .meta({ id: 'RetractResult' });

export const proofSchema = z
  .strictObject({
    record: z
      .strictObject({
        format: z.literal('sealpost-proof/1'),
        id,
        organisation: id,
        message: id,
        delivery: id,
        recipientHash: z.string(),
        recipientDomain: z.string(),
        method: methodOrNoneSchema,
        outcome: z.string(),
        transport: z.strictObject({
          host: z.string().nullable(),
          tlsVersion: z.string().nullable(),
          cipher: z.string().nullable(),
          certificateFingerprint: z.string().nullable(),
          authenticatedBy: z.string(),
        }),
        contentHash: z.string(),
        policyVersion: z.number().int(),
        reasons: z.array(z.strictObject({ code: z.string(), parameters: parametersSchema })),
        at: time,
      })
      .meta({ id: 'ProofRecord' }),
    signed: z.string().meta({ description: 'The exact text that the signature covers, UTF-8' }),
    signature: z.string().meta({ description: 'Ed25519 (RFC 8032), base64' }),
    keyId: z.string(),
    publicKey: z.string().meta({ description: 'SPKI, base64 DER' }),
  })
  .meta({ id: 'Proof' });

export const overviewSchema = z
  .strictObject({
    attention: z.strictObject({
      held: z.number().int(),
      failing: z.number().int(),
      bounced: z.number().int(),
      unreadInPortal: z.number().int(),
    }),
    today: z.strictObject({
      since: time,
      total: z.number().int(),
      methods: z.array(
        z.strictObject({
          method: z.union([methodOrNoneSchema, z.literal('undecided')]),
          count: z.number().int(),
        }),
      ),
    }),
    recent: z.array(messageSummarySchema),
  })
  .meta({ id: 'Overview' });

export const eventSchema = z
  .strictObject({
    sequence: z.number().int(),
    id,
    type: z.string(),
    version: z.number().int(),
    subjects: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
    occurredAt: time,
    recordedAt: time,
  })
  .meta({ id: 'Event' });
