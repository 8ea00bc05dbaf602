import { z } from 'zod';
import { actorViewSchema, classSchema, methodSchema, tlsRequirementSchema } from '#platform/http';

const override = {
  methods: z.array(methodSchema).max(6).nullable(),
  tls: tlsRequirementSchema.nullable(),
  exclusive: z.boolean().nullable(),
};

const waivers = z.strictObject({ enabled: z.boolean(), highestClass: classSchema });
const words = z.array(z.string().min(3).max(40)).max(20);
const triggers = z.strictObject({ raise: words, lower: words, lowering: z.boolean() });

const document = {
  methods: z.array(methodSchema).min(1).max(6),
  tls: tlsRequirementSchema,
  tlsHighestClass: classSchema,
  exclusive: z.boolean(),
  domains: z.array(z.strictObject({ domain: z.string().min(1).max(255), ...override })).max(1000),
  recipients: z.array(z.strictObject({ address: z.string().min(3).max(320), ...override })).max(1000),
  portalExpiryDays: z.number().int(),
  giveUpDays: z.number().int(),
};

/** What came after the first version of the document may be left out; then it is as for a new organisation. */
export const policyDocumentSchema = z
  .strictObject({ ...document, waivers: waivers.optional(), triggers: triggers.optional() })
  .meta({ id: 'PolicyDocument' });

export const policyVersionSchema = z
  .strictObject({
    ...document,
    waivers,
    triggers,
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    createdBy: actorViewSchema,
    offered: z.array(methodSchema),
  })
  .meta({ id: 'PolicyVersion' });
