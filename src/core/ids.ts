/** Branded identifiers: UUIDv7 text (RFC 9562 §5.7), so that an id of one kind is never taken for another. */
type Id<Name extends string> = string & { readonly __brand: Name };

export type OrganisationId = Id<'OrganisationId'>;
export type IdentityId = Id<'IdentityId'>;
export type SessionId = Id<'SessionId'>;
export type ApiKeyId = Id<'ApiKeyId'>;
export type MessageId = Id<'MessageId'>;
export type DeliveryId = Id<'DeliveryId'>;
export type AttemptId = Id<'AttemptId'>;
export type NoticeId = Id<'NoticeId'>;
export type TextId = Id<'TextId'>;
export type EventId = Id<'EventId'>;
export type AuditEntryId = Id<'AuditEntryId'>;
export type ProofId = Id<'ProofId'>;
export type BlobId = Id<'BlobId'>;
export type PortalPersonId = Id<'PortalPersonId'>;
export type PortalItemId = Id<'PortalItemId'>;

/** The organisation that stands for the installation itself (identities, set-up, operator acts): the nil UUID. */
export const INSTALLATION = '00000000-0000-0000-0000-000000000000' as OrganisationId;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for lower-case UUID text of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
