import type { Actor, Caller, Origin } from './actor.ts';
import type { AuditEntryId, OrganisationId } from './ids.ts';

/** What is recorded of one act (AU-1). Written in the acting transaction; if it cannot be written, the act fails. */
export interface AuditEntry {
  /** Given where something written before must name the entry (a proof of protection); else made when it is recorded. */
  readonly id?: AuditEntryId;
  readonly organisation: OrganisationId;
  /** Dotted verb in past tense, such as `message.accepted`, `session.started`, `policy.changed`. */
  readonly action: string;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly result: 'done' | 'refused' | 'failed';
  /** What it was done to: kind and id, never a name or an address. */
  readonly subjects: readonly { readonly kind: string; readonly id: string }[];
  /** Codes, counts and ids that say why and how; never PHI. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  /** PHI that a reviewer may need to resolve (such as a recipient address): sealed, and only its hash enters the log. */
  readonly sealedReference: Buffer | null;
  readonly request: string | null;
}

/** The entry of what a caller has done in their organisation. */
export function doneBy(
  caller: Caller,
  action: string,
  more: Partial<Pick<AuditEntry, 'subjects' | 'details' | 'sealedReference'>> = {},
): AuditEntry {
  return {
    organisation: caller.organisation,
    action,
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects: more.subjects ?? [],
    details: more.details ?? {},
    sealedReference: more.sealedReference ?? null,
    request: caller.request,
  };
}
