import { z } from 'zod';
import { actorViewSchema } from '#platform/http';
import type { GivenRecord, ShownRecord } from './recipients.ts';

const addressText = z.string().min(3).max(320);
const kind = z.enum(['date-of-birth', 'shared-secret']);
const prompt = z.string().trim().min(1).max(120);

const fallbackSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('address'),
      address: addressText,
      samePerson: z.boolean().meta({
        description: 'The mailbox is the recipient’s own: sign-in codes for the copy may go there too',
      }),
    }),
    z.strictObject({ kind: z.literal('text') }),
    z.strictObject({ kind: z.literal('letter') }),
  ])
  .meta({ id: 'PickupFallback' });

const answer = z.string().min(1).max(200).optional().meta({
  description:
    'A date of birth as YYYY-MM-DD, or the secret. Left out: the one on record stays. It cannot be read again.',
});

/** Everything but the address, which names the record. */
const given = {
  mobile: z.string().max(40).nullable().meta({ description: 'In E.164, such as +34600000000' }),
  stopped: z.boolean().meta({ description: 'The owner of the number said STOP: no text goes there' }),
  challenge: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('date-of-birth'), answer }),
      z.strictObject({ kind: z.literal('shared-secret'), prompt, answer }),
    ])
    .nullable(),
  fallback: fallbackSchema.nullable(),
};

export const changeSchema = z.strictObject(given);
export const newSchema = z.strictObject({ address: addressText, ...given });
export const searchSchema = z.strictObject({ address: addressText });

export const recipientSchema = z
  .strictObject({
    id: z.uuid(),
    address: z.string(),
    mobile: z.string().nullable(),
    stopped: z.boolean(),
    challenge: z.strictObject({ kind, prompt: z.string().nullable() }).nullable(),
    fallback: fallbackSchema.nullable(),
    version: z.number().int(),
    changedAt: z.iso.datetime(),
    changedBy: actorViewSchema,
  })
  .meta({ id: 'Recipient' });

export function givenRecord(body: z.output<typeof changeSchema>): GivenRecord {
  const { mobile, stopped, challenge, fallback } = body;
  return {
    mobile: mobile === null || mobile.trim() === '' ? null : mobile,
    stopped,
    challenge:
      challenge === null
        ? null
        : {
            kind: challenge.kind,
            prompt: challenge.kind === 'shared-secret' ? challenge.prompt : null,
            answer: challenge.answer ?? null,
          },
    fallback,
  };
}

export function recipientView(
  record: ShownRecord,
  changedBy: z.output<typeof actorViewSchema>,
): z.output<typeof recipientSchema> {
  const { id, address, mobile, stopped, challenge, fallback, version } = record;
  return {
    ...{ id, address, mobile, stopped, version, changedBy },
    challenge: challenge === null ? null : { kind: challenge.kind, prompt: challenge.prompt },
    fallback: fallback === null ? null : { ...fallback },
    changedAt: record.changedAt.toISOString(),
  };
}

export const paperLetterSchema = z
  .strictObject({
    id: z.uuid(),
    address: z.string(),
    message: z.uuid(),
    delivery: z.uuid(),
    since: z.iso.datetime(),
    reason: z.enum(['wanted', 'no-text']).meta({
      description: '`no-text`: a text was wanted, and none can be sent to this recipient',
    }),
    openedAt: z.iso.datetime().nullable().meta({ description: 'The recipient has opened it since' }),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'PaperLetter' });
