import { z } from 'zod';

/** What may stand in an entry's sealed reference. */
export const referenceSchema = z
  .strictObject({
    sender: z.string().optional(),
    recipients: z.array(z.string()).optional(),
    domain: z.string().optional().meta({ description: 'Whose mail servers were looked at' }),
    reason: z.string().optional(),
    networkAddress: z.string().optional().meta({ description: 'Where a recipient acted from' }),
  })
  .meta({ id: 'AuditReference' });

/**
 * Reads what a sealed reference holds. Entries on recipients' keys of earlier releases hold an address and nothing around it: the
 * log may not change, so they are read as what they are.
 */
export function readReference(octets: Buffer): z.output<typeof referenceSchema> {
  const text = octets.toString('utf8');
  return text.startsWith('{') ? referenceSchema.parse(JSON.parse(text)) : { recipients: [text] };
}
