import { z } from 'zod';
import {
  actorViewSchema,
  classSchema,
  decisionSchema,
  methodSchema,
  parametersSchema,
  streamSchema,
  tlsRequirementSchema,
} from '#platform/http';

const override = {
  methods: z.array(methodSchema).max(6).nullable(),
  tls: tlsRequirementSchema.nullable(),
  exclusive: z.boolean().nullable(),
};

const waivers = z.strictObject({ enabled: z.boolean(), highestClass: classSchema });
const streams = z.array(z.strictObject({ stream: streamSchema, ...override })).max(3);
const words = (word: z.ZodString) => {
  const list = z.array(word).max(20);
  return z.strictObject({ raise: list, lower: list, lowering: z.boolean() });
};

/** `least`: of a document in force the first lengths, of one that is being written none. */
function document(least: { readonly methods: number; readonly address: number }) {
  return {
    methods: z.array(methodSchema).min(least.methods).max(6),
    tls: tlsRequirementSchema,
    tlsHighestClass: classSchema,
    exclusive: z.boolean(),
    domains: z.array(z.strictObject({ domain: z.string().min(1).max(255), ...override })).max(1000),
    recipients: z
      .array(z.strictObject({ address: z.string().min(least.address).max(320), ...override }))
      .max(1000),
    portalExpiryDays: z.number().int(),
    giveUpDays: z.number().int(),
  };
}

const whole = document({ methods: 1, address: 3 });
const triggers = words(z.string().min(3).max(40));

/** What came after the first version of the document may be left out; then it is as for a new organisation. */
export const policyDocumentSchema = z
  .strictObject({
    ...whole,
    waivers: waivers.optional(),
    triggers: triggers.optional(),
    streams: streams.optional(),
  })
  .meta({ id: 'PolicyDocument' });

/** A document that is being written: it may be unfinished, and what is wrong with it is told, not refused. */
export const writtenPolicySchema = z
  .strictObject({
    ...document({ methods: 0, address: 1 }),
    waivers,
    triggers: words(z.string().max(200)),
    streams,
  })
  .meta({ id: 'WrittenPolicy' });

export const policyVersionSchema = z
  .strictObject({
    ...whole,
    waivers,
    triggers,
    streams,
    version: z.number().int(),
    createdAt: z.iso.datetime(),
    createdBy: actorViewSchema,
    offered: z.array(methodSchema),
  })
  .meta({ id: 'PolicyVersion' });

/** The answer where a second person has to decide before anything changes. */
export const policyProposedSchema = z
  .strictObject({ proposal: z.uuid().meta({ description: 'Id of the proposal that waits' }) })
  .meta({ id: 'PolicyProposed' });

const layer = z.enum(['always', 'organisation', 'stream', 'domain', 'recipient']);
const word = { layer, rule: z.string().nullable(), value: z.string() };

export const policyPreviewSchema = z
  .strictObject({
    ...decisionSchema.shape,
    values: z.array(
      z.strictObject({
        name: z.enum([
          'methods',
          'tls-minimum',
          'tls-authentication',
          'exclusive',
          'tls-highest-class',
          'waiver',
        ]),
        ...word,
        over: z.array(z.strictObject(word)),
      }),
    ),
  })
  .meta({ id: 'PolicyPreview' });

export const sentenceSchema = z
  .strictObject({ key: z.string(), code: z.string(), parameters: parametersSchema })
  .meta({ id: 'PolicySentence' });

export const differenceSchema = z
  .strictObject({ key: z.string(), before: sentenceSchema.nullable(), after: sentenceSchema.nullable() })
  .meta({ id: 'PolicyDifference' });

export const policyReviewSchema = z
  .strictObject({
    problems: z.array(z.strictObject({ path: z.string(), code: z.string() })),
    warnings: z.array(z.strictObject({ path: z.string(), code: z.string(), parameters: parametersSchema })),
    sentences: z.array(sentenceSchema),
  })
  .meta({ id: 'PolicyReview' });

const draft = { name: z.string().trim().min(1).max(100), policy: writtenPolicySchema };

export const newDraftSchema = z.strictObject({ ...draft, baseVersion: z.number().int().min(0) });
export const savedDraftSchema = z.strictObject(draft);
export const draftSchema = z
  .strictObject({
    ...{ id: z.uuid(), ...draft, name: z.string() },
    ...{ baseVersion: z.number().int(), revision: z.number().int() },
    ...{ createdAt: z.iso.datetime(), createdBy: actorViewSchema },
    ...{ changedAt: z.iso.datetime(), changedBy: actorViewSchema },
  })
  .meta({ id: 'PolicyDraft' });

export const proposalSchema = z
  .strictObject({
    id: z.uuid(),
    kind: z.enum(['document', 'four-eyes-off']),
    state: z.enum(['pending', 'stale', 'expired', 'approved', 'rejected', 'withdrawn']),
    baseVersion: z.number().int(),
    differences: z.array(differenceSchema),
    ...{ proposedAt: z.iso.datetime(), proposedBy: actorViewSchema, expiresAt: z.iso.datetime() },
    ...{ endedAt: z.iso.datetime().nullable(), endedBy: actorViewSchema.nullable() },
    comment: z.string().nullable(),
    mayDecide: z.boolean(),
    mayWithdraw: z.boolean(),
  })
  .meta({ id: 'PolicyProposal' });

const count = z.number().int();
const tallyShape = {
  ...{ decisions: count, changed: count, higher: count, lower: count, gained: count, lost: count },
};
const group = z.strictObject({ name: z.string(), ...tallyShape }).meta({ id: 'ReplayGroup' });
const choice = z.union([methodSchema, z.literal('none')]);
const sample = z
  .strictObject({
    ...{
      message: z.uuid(),
      delivery: z.uuid(),
      class: classSchema,
      stream: streamSchema,
      domain: z.string(),
    },
    ...{ from: choice, to: choice },
    effect: z.enum(['same', 'other', 'higher', 'lower', 'gained', 'lost']),
    assumed: z.boolean(),
  })
  .meta({ id: 'ReplaySample' });

const replayState = z.enum(['waiting', 'running', 'done', 'cancelled', 'failed']);
const replayShape = {
  ...{ id: z.uuid(), state: replayState, baseVersion: count, days: count, most: count },
  progress: z.number().min(0).max(1),
  startedBy: actorViewSchema,
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
};

export const replayLineSchema = z
  .strictObject({ ...replayShape, decisions: count, changed: count })
  .meta({ id: 'PolicyReplayLine' });

export const replaySchema = z
  .strictObject({
    ...replayShape,
    policy: writtenPolicySchema,
    differences: z.array(differenceSchema),
    ...tallyShape,
    ...{ reproduced: count, incomplete: count, assumed: count },
    moves: z.array(z.strictObject({ from: choice, to: choice, count, assumed: count })),
    classes: z.array(group),
    streams: z.array(group),
    domains: z.array(group),
    samples: z.array(sample),
    differing: z.array(sample),
  })
  .meta({ id: 'PolicyReplay' });

export const replayStartSchema = z.strictObject({
  policy: policyDocumentSchema,
  days: z.number().int().min(1).max(30),
  most: z.number().int().min(1).max(500_000).default(200_000),
});
