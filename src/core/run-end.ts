import type { Method } from './method.ts';
import type { AttemptResult } from './transport.ts';

/** What one run over a delivery came to, before it is put on record. */
export type RunEnd =
  | {
      readonly kind: 'sent';
      readonly method: Method;
      readonly result: AttemptResult & { readonly kind: 'delivered' };
    }
  | { readonly kind: 'in-portal' }
  | {
      readonly kind: 'refused';
      readonly method: Method;
      readonly result: AttemptResult & { readonly kind: 'bounced' };
    }
  | {
      readonly kind: 'later';
      readonly method: Method | null;
      readonly code: string;
      readonly status: string | null;
      readonly nextAt: Date;
    }
  | { readonly kind: 'too-old'; readonly method: Method | null }
  | { readonly kind: 'not-deliverable' }
  | { readonly kind: 'withdrawn'; readonly state: 'cancelled' | 'retracted' };
