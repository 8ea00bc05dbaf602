import { z } from 'zod';
import { PERMISSIONS, SCOPE_KINDS, type Scope } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { STREAMS } from '#core/method';
import type { AssignmentSubject, Stop } from '#platform/access';
import { permissionSchema, roleSchema } from '#platform/http';
import { addressIndexForm, parseAddress } from '#platform/mail';

// Shapes that several routes of this product share.

export const time = z.iso.datetime();
export const permission = permissionSchema;
export const permissions = z.array(permission).max(PERMISSIONS.length);

/** A ready role's name, or the id of one of the organisation's own. */
export const roleKey = z
  .union([roleSchema, z.uuid()])
  .describe("A ready role's name, or the id of one of your own");

export const scopeSchema = z
  .strictObject({
    kind: z.enum(SCOPE_KINDS),
    id: z.string().min(1).max(320).describe("A stream's name, a mailbox's address, else an id"),
  })
  .meta({ id: 'AccessScope' });

export const subjectSchema = z
  .strictObject({ kind: z.enum(['identity', 'group']), id: z.uuid() })
  .meta({ id: 'AccessSubject' });

export const stopSchema = z
  .strictObject({
    code: z.enum(['boundary', 'guardrail', 'role-cap']),
    organisation: z.string().nullable().describe('Whose guardrail it is'),
  })
  .meta({ id: 'AccessStop' });

export function stopView(stop: Stop | null): z.output<typeof stopSchema> | null {
  if (stop === null) return null;
  return { code: stop.code, organisation: 'organisation' in stop ? stop.organisation : null };
}

type WrittenScope = Scope & { readonly kind: (typeof SCOPE_KINDS)[number] };

/** A scope as it is compared. Refusals `invalid-address` for a mailbox that is none, `invalid` for an unknown stream or id. */
export function scopeOf(scope: z.output<typeof scopeSchema> | null | undefined): WrittenScope | null {
  if (scope === null || scope === undefined) return null;
  const { kind, id } = scope;
  if (kind === 'mailbox') return { kind, id: indexedAddress(id, 'scope.id') };
  const known = kind === 'stream' ? STREAMS.some((one) => one === id) : z.uuid().safeParse(id).success;
  if (!known) throw new Refusal('invalid', { path: 'scope.id' });
  return { kind, id };
}

export function subjectOf({ kind, id }: z.output<typeof subjectSchema>): AssignmentSubject {
  return kind === 'identity' ? { kind, id: id as IdentityId } : { kind, id };
}

/** An address in the form that mailboxes and recipients are compared by. Refusal `invalid-address`. */
export function indexedAddress(text: string, path: string): string {
  const address = parseAddress(text.trim());
  if (address === null) throw new Refusal('invalid-address', { path });
  return addressIndexForm(address);
}
