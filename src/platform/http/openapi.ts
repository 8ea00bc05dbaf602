import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
} from 'fastify-type-provider-zod';
import { openApiSchema } from './openapi-route.ts';
import type { Route } from './route.ts';

/** An OpenAPI 3.1 document as plain JSON. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/**
 * Builds the document from the routes' schemas alone: no database, no socket. Deterministic, so that the committed
 * copy can be compared.
 */
export async function openApiDocument(
  routes: readonly Route[],
  about: { readonly version: string },
): Promise<OpenApiDocument> {
  const app = Fastify({ logger: false, exposeHeadRoutes: false });
  await addDocument(app, about);
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(serializerCompiler);
  for (const route of routes) {
    if (route.kind !== 'api') continue;
    app.route({
      method: route.method,
      url: route.path,
      schema: openApiSchema(route),
      handler: () => Promise.reject(new Error('only described here')),
    });
  }
  await app.ready();
  const document: unknown = JSON.parse(JSON.stringify(app.swagger()));
  await app.close();
  if (!isObject(document)) throw new Error('the document generator returned no object');
  return tidy(document);
}

async function addDocument(app: FastifyInstance, about: { readonly version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sealpost',
        version: about.version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description:
          'Secure communication for healthcare. Errors are problem documents (RFC 9457); lists are cursor pages.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `Bearer sp_…`' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-sealpost',
            description:
              'The console session. Every request also needs a Sealpost-Proof by the key of the browser that signed in (docs/reference/sessions.md), unsafe methods the X-Sealpost-CSRF header.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Drops component schemas that no route refers to (the registry is one for the whole process), sorts the rest. */
function tidy(document: Record<string, unknown>): OpenApiDocument {
  const components = isObject(document.components) ? document.components : {};
  const schemas = isObject(components.schemas) ? components.schemas : {};
  const used = new Set<string>();
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) collect(item);
    if (!isObject(node)) return;
    for (const [key, value] of Object.entries(node)) {
      const name = key === '$ref' && typeof value === 'string' ? value.split('/').at(-1) : undefined;
      if (name === undefined) collect(value);
      else if (!used.has(name)) {
        used.add(name);
        collect(schemas[name]);
      }
    }
  };
  collect(document.paths);
  const kept = [...used].sort().map((name) => [name, schemas[name]] as const);
  return { ...document, components: { ...components, schemas: Object.fromEntries(kept) } };
}
