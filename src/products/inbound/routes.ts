import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { defineRoute, empty, type Route } from '#platform/http';
import type { Inbound } from './inbound.ts';
import type { InboundHostRow } from './inbound-host.store.ts';
import { type LookWorld, lookAtHost } from './look-at-host.ts';

export interface InboundRoutePorts {
  readonly inbound: Inbound;
  /** The organisation's domains: those that it may send from. */
  domains(caller: Caller): Promise<readonly string[]>;
  /** Our own listener: a host with this name would be ourselves. */
  listener(): { readonly host: string; readonly port: number | null };
  readonly look: LookWorld;
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['inbound'];
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** A name and no address: the certificate is verified against it. */
const hostName = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(new RegExp(`^${LABEL}(?:\\.${LABEL})+$`));
const domainParams = z.strictObject({ domain: z.string().trim().toLowerCase().min(3).max(253) });

const hostSchema = z
  .strictObject({
    domain: z.string(),
    host: z.string().nullable(),
    port: z.number().int().nullable(),
    changedAt: z.iso.datetime().nullable(),
    changedBy: z.strictObject({ kind: z.string(), id: z.string(), label: z.string() }).nullable(),
  })
  .meta({ id: 'InboundDomain' });

const lookSchema = z
  .strictObject({
    outcome: z.enum(['ready', 'unprotected', 'refused', 'unreachable']),
    failure: z.string().nullable(),
    detail: z.string().nullable(),
    tlsVersion: z.string().nullable(),
    authenticatedBy: z.enum(['dane', 'mta-sts', 'pkix', 'none']),
  })
  .meta({ id: 'InboundHostLook' });

/** Where mail from outside goes, by domain. */
export function inboundRoutes(ports: InboundRoutePorts): Route[] {
  return [list(ports), put(ports), remove(ports), check(ports)];
}

async function view(
  ports: InboundRoutePorts,
  caller: Caller,
  domain: string,
  row: InboundHostRow | undefined,
) {
  return {
    domain,
    host: row?.host ?? null,
    port: row?.port ?? null,
    changedAt: row?.changed_at.toISOString() ?? null,
    changedBy: row === undefined ? null : await ports.labelActor(caller, row.changed_by),
  };
}

function list(ports: InboundRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/inbound/domains',
    summary: 'Your domains, and the mail server that takes what comes in for each',
    description:
      'A domain without a host is not accepted by the inbound listener. `listener.port` is null where this process does not listen for mail from outside.',
    tags: TAGS,
    access: { permission: 'organisation:read' },
    responses: {
      200: z.strictObject({
        listener: z.strictObject({ host: z.string(), port: z.number().int().nullable() }),
        items: z.array(hostSchema),
      }),
    },
  }).handle(async ({ caller }) => {
    const [domains, rows] = await Promise.all([ports.domains(caller), ports.inbound.hosts(caller)]);
    const items = await Promise.all(
      domains.map((domain) =>
        view(
          ports,
          caller,
          domain,
          rows.find((row) => row.domain === domain),
        ),
      ),
    );
    return { status: 200, body: { listener: ports.listener(), items } };
  });
}

function put(ports: InboundRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/inbound/domains/:domain',
    summary: 'Name the mail server that a domain’s incoming mail is handed to',
    description:
      'By verified TLS and never less: it carries what was decrypted. The host must be a name, because its certificate is verified against it.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    params: domainParams,
    body: z.strictObject({ host: hostName, port: z.int().min(1).max(65_535).default(25) }),
    responses: { 200: hostSchema },
    errors: ['not-found', 'invalid'],
  }).handle(async ({ caller, params, body }) => {
    if (body.host === ports.listener().host)
      throw new Refusal('invalid', { path: 'host', reason: 'own-host' });
    const row = await ports.inbound.put(caller, params.domain, body.host, body.port);
    return { status: 200, body: await view(ports, caller, params.domain, row) };
  });
}

function remove(ports: InboundRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/inbound/domains/:domain',
    summary: 'Accept no more mail for a domain',
    description: 'What has come in and waits is held until a host is named again, or its time is over.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    params: domainParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await ports.inbound.remove(caller, params.domain);
    return { status: 204 };
  });
}

function check(ports: InboundRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/inbound/domains/:domain/check',
    summary: 'Look whether a domain’s mail server answers with TLS that can be verified',
    description: 'Nothing but EHLO, STARTTLS and QUIT is said to it.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    params: domainParams,
    responses: { 200: lookSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const rows = await ports.inbound.hosts(caller);
    const row = rows.find(({ domain }) => domain === params.domain);
    if (row === undefined) throw new Refusal('not-found');
    return { status: 200, body: await lookAtHost(row.host, row.port, ports.look) };
  });
}
