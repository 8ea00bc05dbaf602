import { createClient } from '@sealpost/client';

export { ApiProblem, done, unwrap } from '@sealpost/client';

/** The one door to the API: the typed client on the page's own origin, with the session cookie. */
export const client = createClient({ baseUrl: '' });

/** Remembers the CSRF value of the current session; kept in memory only. */
export function rememberCsrf(value: string): void {
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of the client, not a React hook
  client.useCsrf(value);
}

type Given<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

/** Leaves out what is undefined, so that it does not stand in a query or body at all. */
export function given<Values extends object>(values: Values): Given<Values> {
  const kept: Given<Values> = { ...values };
  for (const key in kept) if (kept[key] === undefined) delete kept[key];
  return kept;
}
