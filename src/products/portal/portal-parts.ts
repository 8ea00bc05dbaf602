import { circumstancesChanged } from './circumstances.ts';
import type { FormTokens } from './form-token.ts';

/** What a recipient's session is defended by. In the system always these; a test leaves one out to see what it keeps out. */
export interface PortalParts {
  /** Whether a cookie has walked to somewhere it cannot have walked to by itself. */
  readonly circumstancesChanged: typeof circumstancesChanged;
  /** The tokens of forms, as they are redeemed. */
  readonly forms: (forms: FormTokens) => FormTokens;
}

/** `others` is for tests alone. */
export function portalParts(others: Partial<PortalParts> = {}): PortalParts {
  return { circumstancesChanged, forms: (forms) => forms, ...others };
}
