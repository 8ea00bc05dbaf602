import type { OrganisationId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { ObjectKey, Vault } from '#platform/vault';

/** What a list shows of a message, sealed beside the copy under the same key and destroyed with it. */
export interface CopySummary {
  /** Envelope sender: where a reply goes. */
  readonly senderAddress: { readonly local: string; readonly domain: string };
  /** Display name of the From field, or null. */
  readonly senderName: string | null;
  readonly subject: string;
  /** Message-ID with angle brackets, for In-Reply-To. */
  readonly messageId: string;
  /** ISO time of acceptance. */
  readonly sentAt: string;
}

export function summaryBinding(organisation: OrganisationId, copy: string): Binding {
  return { organisation, field: 'portal.summary', row: copy };
}

export function contentBinding(organisation: OrganisationId, copy: string): Binding {
  return { organisation, field: 'portal.content', row: copy };
}

export function sealSummary(
  vault: Vault,
  key: ObjectKey,
  organisation: OrganisationId,
  copy: string,
  summary: CopySummary,
): Buffer {
  return vault.seal(key, summaryBinding(organisation, copy), JSON.stringify(summary));
}

export function openSummary(
  vault: Vault,
  key: ObjectKey,
  organisation: OrganisationId,
  copy: string,
  sealed: Uint8Array,
): CopySummary {
  // Authenticated by the seal: only this room writes it, so its shape is what sealSummary gave.
  const parsed: CopySummary = JSON.parse(vault.openText(key, summaryBinding(organisation, copy), sealed));
  return parsed;
}
