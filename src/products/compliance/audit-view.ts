import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import type { AuditLine } from '#platform/audit';
import type { Transaction } from '#platform/database';
import { actorViewSchema } from '#platform/http';
import { idTime } from '#platform/runtime';
import type { AuditRoutePorts } from './ports.ts';

export const entrySchema = z
  .strictObject({
    id: z.uuid(),
    position: z.number().int().nullable(),
    recordedAt: z.iso.datetime(),
    action: z.string(),
    actor: actorViewSchema,
    origin: z.strictObject({ address: z.string().nullable(), channel: z.string() }),
    result: z.enum(['done', 'refused', 'failed']),
    subjects: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    hasReference: z.boolean().meta({
      description:
        'Whether people or a recipient’s network address stand in its sealed reference (`/v1/audit/{id}/reference`)',
    }),
  })
  .meta({ id: 'AuditEntry' });

/** A line of the log as the API shows it. */
export async function lineView(ports: Pick<AuditRoutePorts, 'labelActor'>, caller: Caller, line: AuditLine) {
  // An id that is no UUIDv7 was not written by us: the line is shown all the same.
  const recordedAt = (idTime(line.id) ?? new Date(0)).toISOString();
  const { entry } = line;
  if (!entry) {
    // The row's bytes are gone or are no entry: shown as such, never left out.
    return {
      id: line.id,
      position: line.position,
      recordedAt,
      action: 'audit.entry-unreadable',
      actor: { kind: 'system' as const, id: 'audit', label: 'audit' },
      origin: { address: null, channel: 'worker' },
      result: 'failed' as const,
      subjects: [],
      details: {},
      hasReference: false,
    };
  }
  return {
    id: line.id,
    position: line.position,
    recordedAt,
    action: entry.action,
    // The leaf was written from an Actor; its ids lost only their brand on the way through JSON.
    actor: await ports.labelActor(caller, entry.actor as Actor),
    origin: entry.origin,
    result: entry.result,
    subjects: entry.subjects,
    details: entry.details,
    hasReference: entry.reference !== null,
  };
}

/** Puts a look at the log on record. */
export function looked(
  ports: Pick<AuditRoutePorts, 'audit'>,
  tx: Transaction,
  caller: Caller,
  action: string,
  details: Readonly<Record<string, string | number | boolean | null>> = {},
  subjects: readonly { readonly kind: string; readonly id: string }[] = [],
): Promise<unknown> {
  return ports.audit.append(tx, doneBy(caller, action, { subjects, details }));
}
