import { z } from 'zod';

/** What goes with an exported range, so that the file can be checked without the system. */
export const manifestSchema = z
  .strictObject({
    format: z.literal('sealpost-audit-export/1'),
    organisation: z.string(),
    from: z.int().min(0),
    to: z.int().min(0),
    size: z.int().min(0).meta({ description: 'Entries of the log under the checkpoint' }),
    checkpoint: z.string().meta({ description: 'The signed checkpoint' }),
    before: z.array(z.base64()).meta({ description: 'Roots of the full subtrees before the range' }),
    behind: z.array(z.base64()).meta({ description: 'The same behind it' }),
    keys: z
      .array(z.string())
      .meta({ description: 'Public keys of checkpoints; for proof take them from elsewhere' }),
  })
  .meta({ id: 'AuditManifest' });

export type Manifest = z.output<typeof manifestSchema>;
