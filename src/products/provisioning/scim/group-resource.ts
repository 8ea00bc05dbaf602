import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import type { GroupRecord, ProvisionedGroup } from '#platform/access';
import type { JsonObject } from './match.ts';
import { GROUP, GROUPS } from './schemas.ts';
import { scimRefusal } from './scim-refusal.ts';
import { canonical, metaView, without } from './user-resource.ts';

const MOST_MEMBERS = 50_000;

const groupSchema = z.object({
  displayName: z.string().trim().min(1).max(200),
  externalId: z.string().trim().max(200).nullish(),
  members: z
    .array(
      z.object({
        value: z.string().max(100),
        // Groups inside groups are the directory's to resolve: it sends the people.
        type: z
          .string()
          .regex(/^user$/i)
          .nullish(),
      }),
    )
    .max(MOST_MEMBERS)
    .nullish(),
});

/** A group as a client describes it. Refusal `invalidValue` with the attribute. */
export function readGroup(body: unknown): GroupRecord {
  const parsed = groupSchema.safeParse(canonical(body, GROUPS));
  if (!parsed.success) throw scimRefusal('invalidValue', String(parsed.error.issues[0]?.path[0] ?? ''));
  const { displayName, externalId, members } = parsed.data;
  const people = (members ?? []).map(({ value }) => value.toLowerCase() as IdentityId);
  return {
    name: displayName,
    externalId: externalId === undefined || externalId === '' ? null : externalId,
    members: [...new Set(people)],
  };
}

/** A group as SCIM shows it (RFC 7643 §4.2). */
export function groupView(group: ProvisionedGroup, base: string): JsonObject {
  const view = without({
    id: group.id,
    externalId: group.externalId,
    displayName: group.name,
    members: group.members.map((id) => ({ value: id, $ref: `${base}/Users/${id}`, type: 'User' })),
  });
  // The version does not hang on whether the members were read: that they changed is in the time.
  const { members: _members, ...rest } = view;
  return { schemas: [GROUP], ...view, meta: metaView(GROUPS, group, rest, base) };
}
