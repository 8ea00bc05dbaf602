/** What sort of act an entry is about, for those who read the log. Follows from the action alone. */
export type AuditKind =
  /** Looks at lists and pages. */
  | 'views'
  /** Deliberate openings of content, of sealed references and of reasons. */
  | 'openings'
  /** Sign-ins, sessions, codes: of staff, programs and recipients. */
  | 'sign-ins'
  /** What messages went through, from acceptance to the recipient's reading. */
  | 'deliveries'
  /** Everything else: settings, keys, people, policies, checks. */
  | 'changes';

export const AUDIT_KINDS: readonly AuditKind[] = ['views', 'openings', 'sign-ins', 'deliveries', 'changes'];

const VIEW = /^(viewed|listed|searched)$/;
const OPENING = /(^|-)(read|resolved|inspected|traced|exported)$/;
const PORTAL_SIGN_IN = /^(signed-in|signed-out|code-[a-z]+|device-[a-z]+)$/;

/** The kind of an action. Unknown ones count as changes, so that no filter for noise ever hides something new. */
export function auditKind(action: string): AuditKind {
  const room = action.slice(0, action.indexOf('.'));
  const verb = action.slice(action.lastIndexOf('.') + 1);
  if (VIEW.test(verb)) return 'views';
  if (room === 'session' || (room === 'portal' && PORTAL_SIGN_IN.test(verb))) return 'sign-ins';
  if (room === 'delivery' || room === 'notice' || room === 'portal' || room === 'text') return 'deliveries';
  if (OPENING.test(verb)) return 'openings';
  return room === 'message' ? 'deliveries' : 'changes';
}
