import { z } from 'zod';
import { actorViewSchema } from '#platform/http';

/** Scheme, host and path: nothing that could carry a secret or change what is appended. */
const baseUrl = z
  .url({ protocol: /^https$/ })
  .max(300)
  .refine((text) => {
    const url = new URL(text);
    return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'an https address without user, query and fragment')
  .transform((text) => text.replace(/\/+$/, ''));

export const gatewayInput = z.strictObject({
  baseUrl: baseUrl.meta({ description: '`https://api.twilio.com`, or that of a compatible service' }),
  account: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  token: z
    .string()
    .regex(/^[!-~]{1,500}$/)
    .optional()
    .meta({
      description:
        'The account’s secret. Left out: the one on record stays, for the same address and account',
    }),
  // A name in place of a number would say whose patient somebody is.
  sender: z
    .string()
    .regex(/^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-fA-F]{32})$/)
    .meta({ description: 'A number in E.164, a short code, or the SID of a messaging service (MG…)' }),
  perDay: z.int().min(1).max(1_000_000).meta({ description: 'Most texts of an organisation in 24 hours' }),
});

const gatewaySchema = z
  .strictObject({
    baseUrl: z.string(),
    account: z.string(),
    sender: z.string(),
    perDay: z.number().int(),
    changedAt: z.iso.datetime(),
    changedBy: actorViewSchema,
  })
  .meta({ id: 'TextGateway', description: 'A text gateway as it was set up; its secret is never shown' });

export const oneGateway = z.strictObject({ gateway: gatewaySchema.nullable() });

export const channelSchema = z
  .strictObject({
    gateway: gatewaySchema.nullable().meta({ description: 'The organisation’s own' }),
    inForce: z.enum(['sandbox', 'own', 'installation', 'none']),
    textNotices: z.boolean().meta({ description: 'Notices go as a text too, where a number is on record' }),
  })
  .meta({ id: 'TextChannel' });

export const testedSchema = z
  .strictObject({
    outcome: z.enum(['taken', 'refused', 'later', 'unknown']),
    code: z.string().nullable(),
  })
  .meta({ id: 'TextTested' });
