import './app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './data/client.ts';
import { keptTheme, setTheme } from './parts/theme.ts';
import { makeRouter } from './router.tsx';

setTheme(keptTheme());

const queryClient = makeQueryClient(() => {
  const { pathname, searchStr } = router.state.location;
  if (['/sign-in', '/setup', '/invitation'].includes(pathname)) return;
  queryClient.removeQueries();
  void router.navigate({ to: '/sign-in', search: { to: pathname + searchStr } });
});
const router = makeRouter(queryClient);

const place = document.getElementById('root');
if (!place) throw new Error('The page has no place for the application.');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
