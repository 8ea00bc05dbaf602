import { isIP } from 'node:net';
import { z } from 'zod';
import { FilterBroken, readFilterText } from '#platform/keyring';

const control = /^\P{Cc}+$/u;
const name = z.string().trim().min(1).max(100).regex(control);
const dn = z.string().trim().min(1).max(1_000).regex(control);
const attribute = z
  .string()
  .trim()
  .max(100)
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/);
const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const filter = z
  .string()
  .trim()
  .min(1)
  .max(4_000)
  .refine((text) => {
    try {
      return readFilterText(text).length > 0;
    } catch (error) {
      if (error instanceof FilterBroken) return false;
      throw error;
    }
  });

/** How a directory is reached and read, without what is secret. */
export const connectionShape = {
  name,
  host: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .refine((text) => isIP(text) !== 0 || HOST.test(text))
    .describe('Name or address of the server; its certificate must be made out to it'),
  port: z.int().min(1).max(65_535),
  security: z.enum(['ldaps', 'starttls']),
  authorities: z
    .string()
    .max(100_000)
    .describe('PEM of authorities trusted for this server beside the system’s'),
  bindDn: dn.nullable().describe('Null: by the client certificate, or as nobody'),
  people: z.strictObject({
    base: dn,
    filter,
    attributes: z.strictObject({
      id: attribute.describe('What never changes: entryUUID, or objectGUID of Active Directory'),
      userName: attribute.describe('The address that people sign in with'),
      displayName: attribute,
      givenName: attribute,
      familyName: attribute,
      phone: attribute.nullable(),
      disabled: z
        .enum(['userAccountControl', 'none'])
        .describe('Where the directory says that an account is disabled'),
    }),
  }),
  groups: z
    .strictObject({
      base: dn,
      filter,
      id: attribute,
      name: attribute,
      membership: z
        .enum(['memberOf', 'member', 'uniqueMember', 'memberUid', 'in-chain'])
        .describe(
          'Where it stands who is in a group; `in-chain` asks Active Directory for groups inside groups',
        ),
      primaryGroup: z.boolean().describe('Also the primary group of Active Directory'),
    })
    .nullable(),
};

export const connectionSettings = z.strictObject(connectionShape);
export type ConnectionSettings = z.output<typeof connectionSettings>;

/** As it is sealed: with what opens the directory. */
export const sealedSettings = connectionSettings.extend({
  password: z.string().nullable(),
  identity: z.strictObject({ certificate: z.string(), key: z.string() }).nullable(),
});
export type SealedSettings = z.output<typeof sealedSettings>;
