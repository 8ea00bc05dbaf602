import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../api.ts';

/** Asked again only where asking again can help. */
function worthRetrying(failures: number, error: Error): boolean {
  if (!(error instanceof ApiProblem)) return false;
  return failures < 2 && (error.status === 0 || error.status === 503);
}

/** Of acts that prove who somebody is: a wrong code there says nothing about a session. */
export const proves = { proves: true } as const;

/** The cache of answers. `onSignedOut` is told when the session has ended under the reader's hands. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: Error) => {
    if (error instanceof ApiProblem && error.code === 'not-authenticated') onSignedOut();
  };

  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({
      onError: (error, _given, _kept, act) => {
        if (act.meta?.proves !== true) watch(error);
      },
    }),
    defaultOptions: {
      queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
