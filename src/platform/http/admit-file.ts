import type { FastifyRequest } from 'fastify';
import { Refusal } from '#core/errors';
import type { AdmissionParts } from './admission-parts.ts';
import { type Admitted, type Gate, holds } from './authenticate.ts';
import type { Route } from './route.ts';

/** The route of a file by its address, as the router would find it; undefined for what is no file. */
export type FileFinder = (target: string) => Route | undefined;

/** `opens`: which routes a browser opens by itself. */
export function fileFinder(routes: readonly Route[], opens: AdmissionParts['opensByItself']): FileFinder {
  const files = routes.filter(opens).map((route) => ({ route, parts: route.path.split('/') }));
  return (target) => {
    const asked = (target.split('?', 1)[0] ?? '').split('/');
    return files.find(({ parts }) => fits(parts, asked))?.route;
  };
}

function fits(parts: readonly string[], asked: readonly string[]): boolean {
  if (parts.length !== asked.length) return false;
  return parts.every((part, index) => (part.startsWith(':') ? asked[index] !== '' : part === asked[index]));
}

/**
 * Asks of a file, before its ticket is given, what opening it will ask: the permission, the access rules, and a factor that was
 * proven lately. The script that fetches the ticket can answer a step-up; the browser that opens the file by itself cannot.
 * Refusals: `not-found` for what is no file, `not-permitted`, `step-up-required`.
 */
export async function admitFile(
  gate: Gate,
  find: FileFinder,
  { caller, live, origin }: Admitted,
  target: string,
  request: FastifyRequest,
): Promise<void> {
  const route = find(target);
  if (route === undefined || caller === null || live === null) throw new Refusal('not-found');
  const { access, stepUp } = route;
  const permission = typeof access === 'string' ? null : access.permission;
  if (typeof access !== 'string' && !holds(caller, access)) {
    await gate.refused?.({
      caller,
      route: `${route.method} ${route.path}`,
      permission: access.permission,
    });
    throw new Refusal('not-permitted', { permission: access.permission });
  }
  await gate.authenticator?.sessions.use(
    live,
    { permission, stepUp, active: false },
    { origin, request: request.id },
  );
}
