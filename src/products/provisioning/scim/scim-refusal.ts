import { Refusal, type RefusalCode } from '#core/errors';

/** What the protocol calls a mistake in a request (RFC 7644 §3.12, table 9). */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

/** A refusal that SCIM answers with 400 and this word. `path` names an attribute of ours, never a value. */
export function scimRefusal(scimType: ScimType, path?: string): Refusal {
  const code: RefusalCode = 'invalid';
  return new Refusal(code, path === undefined ? { scimType } : { scimType, path });
}
