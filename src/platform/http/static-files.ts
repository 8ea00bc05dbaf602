import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { securityHeaders } from './security-headers.ts';

/**
 * Serves a built single-page application: files with a hash in their name for a year, everything else afresh; unknown
 * paths outside of the API and of `assets` get its index page (`sendIndex`), so that its own addresses can be opened directly.
 */
export async function addStaticFiles(
  app: FastifyInstance,
  directory: string,
): Promise<(reply: FastifyReply) => FastifyReply> {
  await app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    index: ['index.html'],
    cacheControl: false,
    setHeaders(reply, path) {
      reply.headers(securityHeaders('file', reply.request.protocol === 'https'));
      const hashed = /[-.][A-Za-z0-9_-]{8,}\.(?:js|css|woff2|svg|png)$/.test(path);
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (reply) => reply.sendFile('index.html');
}
