import { z } from 'zod';
import { PERMISSIONS } from '#core/actor';
import { ASSERTION_ALGORITHMS } from '#platform/access';
import { defineRoute, form, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';

const tags = ['oauth'];
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const TOKEN_PATH = '/oauth/token';
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

const metadataSchema = z
  .strictObject({
    issuer: z.string(),
    token_endpoint: z.string(),
    grant_types_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    tls_client_certificate_bound_access_tokens: z.boolean(),
  })
  .meta({ id: 'OauthMetadata' });

const tokenSchema = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    scope: z.string(),
  })
  .meta({ id: 'OauthToken' });

const errorSchema = z
  .strictObject({
    error: z.enum(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope']),
    error_description: z.string(),
  })
  .meta({ id: 'OauthError' });

type OauthError = z.output<typeof errorSchema>['error'];

const DESCRIPTIONS: Readonly<Record<OauthError, string>> = {
  invalid_request: 'A parameter is missing, stands twice, or has an unusable value.',
  invalid_client: 'The client is unknown, or its assertion, certificate or network is not accepted.',
  unsupported_grant_type: 'Only client_credentials is supported.',
  invalid_scope: 'None of the scopes that were asked for may be had.',
};

/** OAuth 2.0 for programs (RFC 6749 section 4.4), client authentication by private_key_jwt only (RFC 7523). */
export function oauthRoutes(needs: OrganisationPorts): Route[] {
  const issuer = (pageOrigin: string): string => needs.addresses().console ?? pageOrigin;
  return [
    defineRoute({
      method: 'GET',
      path: '/.well-known/oauth-authorization-server',
      summary: 'What the token endpoint supports (RFC 8414)',
      tags,
      access: 'public',
      responses: { 200: metadataSchema },
    }).handle(async ({ pageOrigin }) => {
      const own = issuer(pageOrigin);
      return {
        status: 200,
        body: {
          issuer: own,
          token_endpoint: `${own}${TOKEN_PATH}`,
          grant_types_supported: ['client_credentials'],
          response_types_supported: [],
          token_endpoint_auth_methods_supported: ['private_key_jwt'],
          token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
          scopes_supported: [...PERMISSIONS],
          tls_client_certificate_bound_access_tokens: true,
        },
      };
    }),
    defineRoute({
      method: 'POST',
      path: TOKEN_PATH,
      summary: 'Take a signed assertion, give a short-lived access token',
      description:
        'Scopes are the permissions of this API, separated by spaces. Parameters that are not known are ignored (RFC 6749 section 3.2).',
      tags,
      access: 'public',
      body: form(
        z.record(z.string().max(200), z.union([z.string().max(20_000), z.array(z.string().max(20_000))])),
      ),
      responses: { 200: tokenSchema, 400: errorSchema, 401: errorSchema },
    }).handle(async ({ body, origin, request, pageOrigin, clientCertificate }) => {
      const refused = (error: OauthError) => ({
        status: error === 'invalid_client' ? (401 as const) : (400 as const),
        headers: NO_STORE,
        body: { error, error_description: DESCRIPTIONS[error] },
      });
      const asked = readParameters(body);
      if (typeof asked === 'string') return refused(asked);
      const own = issuer(pageOrigin);
      const answer = await needs.access.oauth.token(
        {
          ...asked,
          certificate: clientCertificate,
          audiences: [`${own}${TOKEN_PATH}`, own],
          fetchKeySet: needs.fetchKeySet,
        },
        { origin, request },
      );
      if (answer.kind === 'refused') return refused(answer.error);
      return {
        status: 200,
        headers: NO_STORE,
        body: {
          access_token: answer.token,
          token_type: 'Bearer',
          expires_in: answer.seconds,
          scope: answer.permissions.join(' '),
        },
      };
    }),
  ];
}

const MOST_ASSERTION = 10_000;

/** The known parameters, each once (RFC 6749 section 3.2); else the error's code. */
function readParameters(
  body: Readonly<Record<string, unknown>>,
): OauthError | { assertion: string; clientId: string | null; scope: string | null } {
  const known = ['grant_type', 'client_assertion_type', 'client_assertion', 'client_id', 'scope'] as const;
  // A value that is no text is a parameter that stands twice.
  if (known.some((name) => body[name] !== undefined && typeof body[name] !== 'string'))
    return 'invalid_request';
  const text = (name: (typeof known)[number]): string | null => {
    const value = body[name];
    // A parameter without a value is treated as if it were not there.
    return typeof value === 'string' && value !== '' ? value : null;
  };
  if (text('grant_type') === null) return 'invalid_request';
  if (text('grant_type') !== 'client_credentials') return 'unsupported_grant_type';
  const assertion = text('client_assertion');
  if (assertion === null && text('client_assertion_type') === null) return 'invalid_client';
  if (assertion === null || assertion.length > MOST_ASSERTION) return 'invalid_request';
  if (text('client_assertion_type') !== JWT_BEARER) return 'invalid_request';
  return { assertion, clientId: text('client_id'), scope: text('scope') };
}
