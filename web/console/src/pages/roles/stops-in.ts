import type { AccessExplanation } from '../../api-types.ts';

/** What stops a permission: whether the person's boundary does, and which organisations' guardrails do, each once. */
export function stopsIn(reasons: AccessExplanation['reasons']): {
  readonly boundary: boolean;
  readonly organisations: readonly string[];
} {
  const organisations = reasons.flatMap(({ organisation }) => (organisation === null ? [] : [organisation]));
  return {
    boundary: reasons.some(({ code }) => code === 'stopped-by-boundary'),
    organisations: [...new Set(organisations)],
  };
}
