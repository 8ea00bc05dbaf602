import { z } from 'zod';
import { Refusal } from '#core/errors';
import { bytes, defineRoute, type Route, text } from '#platform/http';
import { type PublishedKey, wkdHash } from '#platform/keyring';

export interface DirectoryPorts {
  /** None for a domain that is nobody's. */
  published(domain: string): Promise<readonly PublishedKey[]>;
}

const tags = ['keys'];
const domain = z.string().regex(/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,10}$/);
const query = z.strictObject({ l: z.string().max(255).optional() });
const KEY_TYPE = 'application/octet-stream';

/**
 * The Web Key Directory of our domains (draft-koch-openpgp-webkey-service §3.1), for whoever proxies
 * `openpgpkey.<domain>` or `<domain>/.well-known/openpgpkey/` to this server. Public by its nature. The answer is the key
 * that signs, with those before it behind it, revoked ones as such: the draft has keys stand together so.
 */
export function directoryRoutes(ports: DirectoryPorts): Route[] {
  const find = async (name: string, hash: string): Promise<Buffer> => {
    const keys = await ports.published(name);
    const wanted = keys.filter(({ address }) => {
      const at = address.lastIndexOf('@');
      return address.slice(at + 1) === name && wkdHash(address.slice(0, at)) === hash;
    });
    // Unknown domain and unknown local part answer alike.
    if (wanted.length === 0) throw new Refusal('not-found');
    return Buffer.concat(wanted.map(({ octets }) => octets));
  };
  return [
    defineRoute({
      method: 'GET',
      path: '/.well-known/openpgpkey/:domain/hu/:hash',
      summary: 'Web Key Directory, advanced method',
      tags,
      access: 'public',
      params: z.strictObject({ domain, hash: z.string().regex(/^[a-z0-9]{32}$/) }),
      query,
      responses: { 200: bytes(KEY_TYPE) },
      errors: ['not-found'],
    }).handle(async ({ params }) => ({ status: 200, body: await find(params.domain, params.hash) })),
    defineRoute({
      method: 'GET',
      path: '/.well-known/openpgpkey/hu/:hash',
      summary: 'Web Key Directory, direct method: the domain is that of the request',
      tags,
      access: 'public',
      params: z.strictObject({ hash: z.string().regex(/^[a-z0-9]{32}$/) }),
      query,
      headers: z.strictObject({ host: z.string().max(300).optional() }),
      responses: { 200: bytes(KEY_TYPE) },
      errors: ['not-found'],
    }).handle(async ({ params, headers }) => {
      const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
      return { status: 200, body: await find(name, params.hash) };
    }),
    defineRoute({
      method: 'GET',
      path: '/.well-known/openpgpkey/:domain/policy',
      summary: 'Web Key Directory: its policy, which is empty',
      tags,
      access: 'public',
      params: z.strictObject({ domain }),
      responses: { 200: text() },
      errors: ['not-found'],
    }).handle(async ({ params }) => {
      if ((await ports.published(params.domain)).length === 0) throw new Refusal('not-found');
      return { status: 200, body: '' };
    }),
  ];
}
