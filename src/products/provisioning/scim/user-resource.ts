import { createHash } from 'node:crypto';
import { z } from 'zod';
import { addressText } from '#core/address';
import { NOTHING_KEPT, type PersonRecord, type ProvisionedPerson } from '#platform/access';
import { parseAddress } from '#platform/mail';
import { attributeOf, isObject, type Json, type JsonObject } from './match.ts';
import { type AttributeDefinition, type ResourceDefinition, USER, USERS, writable } from './schemas.ts';
import { scimRefusal } from './scim-refusal.ts';

const MOST_VALUES = 50;

const text = z.string().trim().max(500);
const flag = z.union([
  z.boolean(),
  // Entra ID writes booleans as strings unless told otherwise.
  z
    .string()
    .regex(/^(?:true|false)$/i)
    .transform((said) => said.toLowerCase() === 'true'),
]);
const labelled = z
  .array(z.object({ value: text.nullish(), type: text.nullish(), primary: flag.nullish() }))
  .max(MOST_VALUES)
  .transform((list) =>
    list.flatMap(({ value, type, primary }) =>
      value === undefined || value === null || value === ''
        ? []
        : [{ value, type: type ?? null, primary: primary ?? false }],
    ),
  );

// Unknown attributes are passed over, as the protocol wants it (RFC 7644 §3.3); nothing that is not named here is kept.
const userSchema = z.object({
  userName: text.min(3),
  active: flag.nullish(),
  externalId: text.nullish(),
  displayName: text.nullish(),
  locale: text.max(35).nullish(),
  name: z
    .object({ formatted: text.nullish(), givenName: text.nullish(), familyName: text.nullish() })
    .nullish(),
  emails: labelled.nullish(),
  phoneNumbers: labelled.nullish(),
});

/**
 * Attribute names in any case become ours, and what cannot be written or is not kept goes (RFC 7643 §2.1). Of an
 * attribute said twice in different cases the last one counts.
 */
export function canonical(body: unknown, definition: ResourceDefinition): JsonObject {
  if (!isObject(body)) throw scimRefusal('invalidSyntax');
  const attributes = writable(definition);
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    const attribute = attributes.get(name.toLowerCase());
    if (attribute !== undefined) result[attribute.name] = parts(value, attribute);
  }
  return result;
}

function parts(value: Json, { subAttributes }: AttributeDefinition): Json {
  if (subAttributes === undefined) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => subsOf(one, subAttributes));
  return subsOf(value, subAttributes);
}

function subsOf(value: Json, subs: readonly AttributeDefinition[]): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    subs.flatMap(({ name }) => {
      const found = attributeOf(value, name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

/** A person as a client describes them. `before`: what an unsaid `active` means. Refusal `invalidValue` with the attribute. */
export function readUser(body: unknown, before: { readonly active: boolean }): PersonRecord {
  const parsed = userSchema.safeParse(canonical(body, USERS));
  if (!parsed.success) throw scimRefusal('invalidValue', String(parsed.error.issues[0]?.path[0] ?? ''));
  const { userName, active, name, phoneNumbers, ...said } = parsed.data;
  const address = parseAddress(userName);
  if (address === null) throw scimRefusal('invalidValue', 'userName');
  const filled = (value: string | null | undefined) => (value === undefined || value === '' ? null : value);
  return {
    ...NOTHING_KEPT,
    userName: address,
    active: active ?? before.active,
    externalId: filled(said.externalId),
    displayName: filled(said.displayName),
    locale: filled(said.locale),
    formatted: filled(name?.formatted),
    givenName: filled(name?.givenName),
    familyName: filled(name?.familyName),
    emails: said.emails ?? [],
    phones: phoneNumbers ?? [],
  };
}

export interface GroupOfUser {
  readonly id: string;
  readonly name: string;
}

/** A person as SCIM shows them (RFC 7643 §4.1). */
export function userView(
  person: ProvisionedPerson,
  groups: readonly GroupOfUser[],
  base: string,
): JsonObject {
  const { record } = person;
  const name = without({
    formatted: record.formatted,
    familyName: record.familyName,
    givenName: record.givenName,
  });
  const view = without({
    id: person.id,
    externalId: record.externalId,
    userName: addressText(record.userName),
    name: Object.keys(name).length === 0 ? null : name,
    displayName: record.displayName,
    locale: record.locale,
    active: record.active,
    emails: record.emails.map(labelView),
    phoneNumbers: record.phones.map(labelView),
    groups: groups.map((one) => ({
      value: one.id,
      $ref: `${base}/Groups/${one.id}`,
      display: one.name,
      type: 'direct',
    })),
  });
  return { schemas: [USER], ...view, meta: metaView(USERS, person, view, base) };
}

function labelView({ value, type, primary }: PersonRecord['emails'][number]): JsonObject {
  return { value, ...(type === null ? {} : { type }), primary };
}

/** Without what has no value: SCIM knows no difference between null, an empty list and nothing (RFC 7643 §2.5). */
export function without(object: Readonly<Record<string, Json>>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

export function metaView(
  { name, endpoint }: ResourceDefinition,
  { id, createdAt, changedAt }: { readonly id: string; readonly createdAt: Date; readonly changedAt: Date },
  content: JsonObject,
  base: string,
): JsonObject {
  const hash = createHash('sha256')
    .update(JSON.stringify([content, changedAt]))
    .digest('base64url');
  return {
    resourceType: name,
    created: createdAt.toISOString(),
    lastModified: changedAt.toISOString(),
    location: `${base}${endpoint}/${id}`,
    // Weak: the same content in another order of attributes is the same (RFC 7644 §3.14).
    version: `W/"${hash.slice(0, 22)}"`,
  };
}
