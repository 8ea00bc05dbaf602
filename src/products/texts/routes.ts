import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { defineRoute, empty, type Route } from '#platform/http';
import { type RecordPorts, takeFromHour } from '#platform/record';
import type { Locale } from '#platform/runtime';
import { type Gateways, parseNumber, type ShownGateway, type TextGateway, wordTest } from '#platform/text';
import type { Vault } from '#platform/vault';
import { channelSchema, gatewayInput, oneGateway, testedSchema } from './schemas.ts';

export interface TextRoutePorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly gateways: Gateways;
  /** Where this organisation's texts go now. */
  inForce(organisation: OrganisationId): Promise<TextGateway | null>;
  readonly sandbox: () => boolean;
  stopped(tx: Transaction, organisation: OrganisationId, number: string): Promise<boolean>;
  /** Whether notices go as texts too. */
  textNotices(tx: Transaction, organisation: OrganisationId): Promise<boolean>;
  setTextNotices(caller: Caller, on: boolean): Promise<void>;
  locale(organisation: OrganisationId): Promise<Locale>;
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['texts'];
const TESTS_PER_HOUR = 10;

/** Where texts are handed over, and whether notices go as texts too. */
export function textRoutes(ports: TextRoutePorts): Route[] {
  return [...channelRoutes(ports), ...installationRoutes(ports), test(ports)];
}

async function view(ports: TextRoutePorts, caller: Caller, gateway: ShownGateway | null) {
  if (gateway === null) return null;
  const { baseUrl, account, sender, perDay } = gateway;
  return {
    ...{ baseUrl, account, sender, perDay },
    changedAt: gateway.changedAt.toISOString(),
    changedBy: await ports.labelActor(caller, gateway.changedBy),
  };
}

async function channel(ports: TextRoutePorts, caller: Caller) {
  const { organisation } = caller;
  const [gateway, textNotices] = await ports.database.tenant([organisation], 'app', (tx) =>
    Promise.all([ports.gateways.read(tx, organisation), ports.textNotices(tx, organisation)]),
  );
  const other = gateway === null && (await ports.inForce(organisation)) !== null;
  const inForce = ports.sandbox() ? 'sandbox' : gateway !== null ? 'own' : other ? 'installation' : 'none';
  return { gateway: await view(ports, caller, gateway), inForce, textNotices } as const;
}

function channelRoutes(ports: TextRoutePorts): Route[] {
  const write = { permission: 'organisation:write' } as const;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/text-channel',
      summary: 'Where texts are handed over, and whether notices go as texts too',
      tags: TAGS,
      access: { permission: 'organisation:read' },
      responses: { 200: channelSchema },
    }).handle(async ({ caller }) => ({ status: 200, body: await channel(ports, caller) })),
    defineRoute({
      method: 'PATCH',
      path: '/v1/text-channel',
      summary: 'Say whether notices go as texts too',
      tags: TAGS,
      access: write,
      body: z.strictObject({ textNotices: z.boolean() }),
      responses: { 200: channelSchema },
    }).handle(async ({ caller, body }) => {
      await ports.setTextNotices(caller, body.textNotices);
      return { status: 200, body: await channel(ports, caller) };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/text-channel/gateway',
      summary: 'Set up the organisation’s own text gateway',
      description: 'The secret is sealed at once and cannot be read out again.',
      tags: TAGS,
      access: write,
      body: gatewayInput,
      responses: { 200: channelSchema },
      errors: ['invalid'],
    }).handle(async ({ caller, body }) => {
      await setGateway(ports, caller, caller.organisation, body);
      return { status: 200, body: await channel(ports, caller) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/text-channel/gateway',
      summary: 'Use the organisation’s own text gateway no longer',
      tags: TAGS,
      access: write,
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller }) => {
      await removeGateway(ports, caller, caller.organisation);
      return { status: 204 };
    }),
  ];
}

function installationRoutes(ports: TextRoutePorts): Route[] {
  const access = { permission: 'installation:operate' } as const;
  const shown = async (caller: Caller) => {
    const gateway = await ports.database.tenant([INSTALLATION], 'app', (tx) =>
      ports.gateways.read(tx, INSTALLATION),
    );
    return { gateway: await view(ports, caller, gateway) };
  };
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/installation/text-gateway',
      summary: 'The text gateway of organisations that have none of their own (operator)',
      tags: TAGS,
      access,
      responses: { 200: oneGateway },
    }).handle(async ({ caller }) => ({ status: 200, body: await shown(caller) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/installation/text-gateway',
      summary: 'Set up the text gateway of the installation (operator)',
      tags: TAGS,
      access,
      body: gatewayInput,
      responses: { 200: oneGateway },
      errors: ['invalid'],
    }).handle(async ({ caller, body }) => {
      await setGateway(ports, caller, INSTALLATION, body);
      return { status: 200, body: await shown(caller) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/installation/text-gateway',
      summary: 'Use the text gateway of the installation no longer (operator)',
      tags: TAGS,
      access,
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller }) => {
      await removeGateway(ports, caller, INSTALLATION);
      return { status: 204 };
    }),
  ];
}

async function setGateway(
  ports: TextRoutePorts,
  caller: Caller,
  organisation: OrganisationId,
  { token, ...wanted }: z.output<typeof gatewayInput>,
): Promise<void> {
  await ports.database.tenant([organisation], 'app', async (tx) => {
    const given = { ...wanted, token: token ?? null };
    const done = await ports.gateways.set(tx, organisation, given, caller.actor);
    if (done === 'token-needed') throw new Refusal('invalid', { path: 'token', reason: 'needed' });
    const { baseUrl, sender, perDay } = wanted;
    const details = { host: new URL(baseUrl).host, sender, perDay, tokenGiven: token !== undefined };
    await onRecord(ports, tx, caller, organisation, 'text-gateway.set', details);
  });
}

async function removeGateway(
  ports: TextRoutePorts,
  caller: Caller,
  organisation: OrganisationId,
): Promise<void> {
  await ports.database.tenant([organisation], 'app', async (tx) => {
    if (!(await ports.gateways.remove(tx, organisation))) throw new Refusal('not-found');
    await onRecord(ports, tx, caller, organisation, 'text-gateway.removed', {});
  });
}

function onRecord(
  ports: TextRoutePorts,
  tx: Transaction,
  caller: Caller,
  organisation: OrganisationId,
  action: string,
  details: Readonly<Record<string, string | number | boolean | null>>,
): Promise<unknown> {
  return ports.audit.append(tx, {
    ...{ organisation, action, details },
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects: [],
    sealedReference: null,
    request: caller.request,
  });
}

function test(ports: TextRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/text-channel/test',
    summary: 'Send a test text, and say what the gateway answered',
    description: 'Ten an hour. `code` is a code of ours or of the gateway’s, for its documentation.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    body: z.strictObject({ number: z.string().max(40) }),
    responses: { 200: testedSchema },
    errors: ['invalid', 'wrong-state', 'limit-reached'],
  }).handle(async ({ caller, body }) => {
    const number = parseNumber(body.number);
    if (number === null) throw new Refusal('invalid', { path: 'number', reason: 'not-e164' });
    const { organisation } = caller;
    const gateway = await ports.inForce(organisation);
    if (gateway === null) throw new Refusal('wrong-state', { reason: 'no-gateway' });
    await admitTest(ports, caller, number);
    const words = wordTest(await ports.locale(organisation));
    const answer = await gateway.handOver({ organisation, number, words });
    return {
      status: 200,
      body: { outcome: answer.kind, code: answer.kind === 'taken' ? null : answer.code },
    };
  });
}

/** Counted and on record before it leaves: a text that was sent cannot be unsent. */
async function admitTest(ports: TextRoutePorts, caller: Caller, number: string): Promise<void> {
  const { organisation } = caller;
  await ports.database.tenant([organisation], 'app', async (tx) => {
    if (await ports.stopped(tx, organisation, number))
      throw new Refusal('wrong-state', { reason: 'stopped' });
    const fits = await takeFromHour(tx, organisation, 'text-tests', 1, TESTS_PER_HOUR);
    if (!fits) throw new Refusal('limit-reached', { perHour: TESTS_PER_HOUR });
    const subjects = [{ kind: 'organisation', id: organisation }];
    const reference = auditReferenceBinding(organisation, subjects);
    await ports.audit.append(tx, {
      ...{ organisation, action: 'text.tested', subjects },
      actor: caller.actor,
      origin: caller.origin,
      result: 'done',
      details: {},
      sealedReference: await ports.vault.sealValue(
        'record',
        reference,
        JSON.stringify({ recipients: [number] }),
      ),
      request: caller.request,
    });
  });
}
