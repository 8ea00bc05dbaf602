import type { Access } from '#platform/access';

/** What this product stands on. */
export interface RolePorts {
  readonly access: Pick<
    Access,
    'roles' | 'groups' | 'assignments' | 'rights' | 'guardrails' | 'care' | 'uses'
  >;
}
