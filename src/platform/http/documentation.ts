import { type OpenApiDocument, openApiDocument } from './openapi.ts';
import { REFERENCE_STYLE, referencePage } from './reference-page.ts';
import { html, text } from './response.ts';
import { defineRoute, type Route } from './route.ts';

/** The document and its reference page, made once at the first request from the routes that the server serves. */
export function documentationRoutes(routes: readonly Route[], about: { readonly version: string }): Route[] {
  let made: Promise<OpenApiDocument> | undefined;
  const document = (): Promise<OpenApiDocument> => {
    made ??= openApiDocument(routes, about);
    return made;
  };
  const common = { method: 'GET', tags: ['reference'], access: 'public', params: undefined } as const;
  return [
    defineRoute({
      ...common,
      path: '/v1/openapi.json',
      summary: 'The OpenAPI document',
      responses: { 200: text('application/json; charset=utf-8') },
    }).handle(async () => ({ status: 200, body: JSON.stringify(await document()) })),
    defineRoute({
      ...common,
      kind: 'page',
      path: '/v1/docs',
      summary: 'Reference',
      responses: { 200: html },
    }).handle(async () => ({ status: 200, body: referencePage(await document()) })),
    defineRoute({
      ...common,
      kind: 'page',
      path: '/v1/docs.css',
      summary: 'Style of the reference',
      responses: { 200: text('text/css; charset=utf-8') },
    }).handle(async () => ({ status: 200, body: REFERENCE_STYLE })),
  ];
}
