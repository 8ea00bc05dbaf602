import type { OrganisationId } from './ids.ts';

/**
 * What a ciphertext is bound to as associated data: moved to another organisation, field or row it does not open.
 * `field` is a logical id (`message.subject`), not a column name, because names change.
 */
export interface Binding {
  readonly organisation: OrganisationId;
  readonly field: string;
  readonly row: string;
}

/** Shred groups: what is destroyed together. The vault adds the month. */
export type SealPurpose = 'message' | 'portal' | 'archive' | 'record' | 'identity' | 'configuration';
