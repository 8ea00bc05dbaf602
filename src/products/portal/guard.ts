import { mayOpen } from './factors.ts';
import type { ItemRow } from './item.store.ts';
import type { Viewer } from './portal-session.ts';
import { USUAL_RULE } from './sign-in-rule.ts';

/**
 * Whether this session may not open the entry (yet): wrong answers have ended access, or less is proved than its class
 * asks for. The one place that decides it; whatever shows words of an entry asks here first.
 */
export function guards(viewer: Viewer, { level, lockedAt }: Pick<ItemRow, 'level' | 'lockedAt'>): boolean {
  return lockedAt !== null || !mayOpen(viewer.proved, level, viewer.profile.signIn ?? USUAL_RULE);
}
