import { createClient } from '@sealpost/client';
import { send } from './send.ts';

export { ApiProblem, done, unwrap } from '@sealpost/client';

/** The one door to the API: the typed client on the page's own origin, with the session cookie and a proof at each request. */
export const client = createClient({ baseUrl: '', fetch: send });

type Given<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

/** Leaves out what is undefined, so that it does not stand in a query or body at all. */
export function given<Values extends object>(values: Values): Given<Values> {
  const kept: Given<Values> = { ...values };
  for (const key in kept) if (kept[key] === undefined) delete kept[key];
  return kept;
}
