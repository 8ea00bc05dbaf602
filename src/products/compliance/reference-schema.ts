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
