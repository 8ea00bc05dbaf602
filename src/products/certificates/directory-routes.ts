import { isIP } from 'node:net';
import { z } from 'zod';
import { addressText } from '#core/address';
import { Refusal } from '#core/errors';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { type DirectoryConfiguration, importCertificates, type StoredDirectory } from '#platform/keyring';
import { parseAddress } from '#platform/mail';
import { change, onRecord } from './on-record.ts';
import type { CertificatePorts } from './ports.ts';
import { standingSchema, standingView } from './schemas.ts';

const TAGS = ['certificates'];
const READ = { permission: 'certificates:read' } as const;
const WRITE = { permission: 'certificates:write' } as const;
const PATH = '/v1/certificate-directories';

const dn = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^\P{Cc}+$/u);

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const host = z
  .string()
  .max(253)
  .refine((text) => isIP(text) !== 0 || HOST.test(text));

const shown = {
  host: z.string().describe('Name or address of the server; its certificate must be made out to it'),
  port: z.number().int(),
  security: z.enum(['ldaps', 'starttls']),
  authorities: z.string().describe('PEM of authorities trusted for this server beside the system’s'),
  baseDn: z.string(),
  bindDn: z.string().nullable(),
};

const directorySchema = z
  .strictObject({ id: z.uuid(), ...shown, changedAt: z.iso.datetime() })
  .meta({ id: 'CertificateDirectory' });

const inputSchema = z
  .strictObject({
    host,
    port: z.number().int().min(1).max(65_535),
    security: z.enum(['ldaps', 'starttls']),
    authorities: z.string().max(100_000).describe('PEM, or nothing'),
    baseDn: dn,
    bindDn: dn.nullable().describe('Null: the directory is asked anonymously'),
    password: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Needed with a name; left out: the one before'),
  })
  .meta({ id: 'CertificateDirectorySettings' });

const testedSchema = z
  .strictObject({
    outcome: z.enum(['answered', 'failed']),
    code: z.string().nullable().describe('Why it failed'),
    entries: z.number().int(),
    unreadable: z.number().int().describe('Values that are no certificate'),
    referrals: z.number().int().describe('Words about other servers, which are not followed'),
    certificates: z.array(standingSchema).describe('What each certificate that was found is worth now'),
  })
  .meta({ id: 'CertificateDirectoryTest' });

const view = ({ changedAt, authorities, ...rest }: StoredDirectory): z.output<typeof directorySchema> => ({
  ...rest,
  authorities: authorities.join(''),
  changedAt: changedAt.toISOString(),
});

/** LDAP directories in which recipients' certificates are looked for. */
export function directoryRoutes(ports: CertificatePorts): Route[] {
  return [list(ports), add(ports), replace(ports), remove(ports), test(ports)];
}

function configurationOf(input: z.output<typeof inputSchema>): DirectoryConfiguration {
  const { host: name, port, security, baseDn, bindDn } = input;
  return {
    host: name.toLowerCase(),
    port,
    security,
    authorities: authoritiesOf(input.authorities),
    baseDn,
    bindDn,
  };
}

function authoritiesOf(text: string): string[] {
  if (text.trim() === '') return [];
  const read = importCertificates(text);
  if (read.kind === 'problem') throw new Refusal('invalid', { path: 'authorities', reason: read.problem });
  return read.value.map(({ x509 }) => x509.toString());
}

function list(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'GET',
    path: PATH,
    summary: 'LDAP directories in which recipients’ certificates are looked for',
    tags: TAGS,
    access: READ,
    responses: { 200: z.strictObject({ items: z.array(directorySchema) }) },
  }).handle(async ({ caller }) => {
    const items = await ports.database.tenant([caller.organisation], 'app', (tx) =>
      ports.directories.list(tx, caller.organisation),
    );
    return { status: 200, body: { items: items.map(view) } };
  });
}

function add(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'POST',
    path: PATH,
    summary: 'Add an LDAP directory',
    description:
      'It is asked for the certificate of a recipient of whom no usable one is stored. The connection is always protected and verified. A password is sealed at once and cannot be read out again.',
    tags: TAGS,
    access: WRITE,
    body: inputSchema,
    responses: { 201: directorySchema },
    errors: ['invalid', 'limit-reached'],
  }).handle(async ({ caller, body }) => {
    const configuration = configurationOf(body);
    const password = configuration.bindDn === null ? null : (body.password ?? null);
    if (configuration.bindDn !== null && password === null) throw passwordNeeded();
    const id = await change(ports, caller, async (tx) => {
      const added = await ports.directories.add(tx, caller.organisation, configuration, password);
      if (added === null) throw new Refusal('limit-reached');
      await onRecord(ports, tx, caller, 'certificate-directory.added', [subject(added)]);
      return added;
    });
    return { status: 201, body: view({ ...configuration, id, changedAt: ports.clock.now() }) };
  });
}

const subject = (id: string) => ({ kind: 'certificate-directory', id });
const passwordNeeded = () => new Refusal('invalid', { path: 'password', reason: 'password-needed' });

function replace(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: `${PATH}/:id`,
    summary: 'Change an LDAP directory',
    description:
      'Where the server, how it is verified, or the name is changed, the password must be given again: the one before goes nowhere else.',
    tags: TAGS,
    access: WRITE,
    params: idParams,
    body: inputSchema,
    responses: { 200: directorySchema },
    errors: ['invalid', 'not-found'],
  }).handle(async ({ caller, params: { id }, body }) => {
    const configuration = configurationOf(body);
    const { organisation } = caller;
    await change(ports, caller, async (tx) => {
      const done = await ports.directories.replace(tx, organisation, id, configuration, body.password);
      if (done === 'not-found') throw new Refusal('not-found');
      if (done === 'password-needed') throw passwordNeeded();
      await onRecord(ports, tx, caller, 'certificate-directory.changed', [subject(id)]);
    });
    return { status: 200, body: view({ ...configuration, id, changedAt: ports.clock.now() }) };
  });
}

function remove(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    summary: 'Ask an LDAP directory no longer',
    tags: TAGS,
    access: WRITE,
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params: { id } }) => {
    await change(ports, caller, async (tx) => {
      if (!(await ports.directories.remove(tx, caller.organisation, id))) throw new Refusal('not-found');
      await onRecord(ports, tx, caller, 'certificate-directory.removed', [subject(id)]);
    });
    return { status: 204 };
  });
}

function test(ports: CertificatePorts): Route {
  return defineRoute({
    method: 'POST',
    path: `${PATH}/:id/test`,
    summary: 'Ask an LDAP directory for one address, and say what came back',
    description: 'Counts and codes only. What deliveries remembered of the directory is forgotten.',
    tags: TAGS,
    access: WRITE,
    params: idParams,
    body: z.strictObject({ address: z.string().min(3).max(320) }),
    responses: { 200: testedSchema },
    errors: ['invalid-address', 'not-found'],
  }).handle(async ({ caller, params: { id }, body }) => {
    const { organisation } = caller;
    const address = parseAddress(body.address.trim());
    if (!address) throw new Refusal('invalid-address', { path: 'address' });
    const tested = await ask(ports, organisation, id, addressText(address));
    const { outcome, entries, certificates } = tested;
    const usable = certificates.filter(({ state }) => state === 'usable').length;
    await change(ports, caller, (tx) =>
      onRecord(ports, tx, caller, 'certificate-directory.tested', [subject(id)], {
        outcome: tested.code ?? outcome,
        entries,
        certificates: certificates.length,
        usable,
      }),
    );
    return { status: 200, body: tested };
  });
}

async function ask(
  ports: CertificatePorts,
  organisation: Parameters<CertificatePorts['directories']['open']>[1],
  id: string,
  address: string,
): Promise<z.output<typeof testedSchema>> {
  const settings = await ports.database.tenant([organisation], 'app', (tx) =>
    ports.directories.open(tx, organisation, id),
  );
  if (settings === null) throw new Refusal('not-found');
  // No transaction is open while the directory takes its time.
  const answer = await ports.askDirectory(settings, address.toLowerCase());
  if (answer.kind === 'failed') {
    const nothing = { entries: 0, unreadable: 0, referrals: 0, certificates: [] };
    return { outcome: 'failed', code: answer.code, ...nothing };
  }
  const { found, entries, unreadable, referrals } = answer;
  const standings = await Promise.all(
    found.map((one) => ports.certificates.standing(organisation, one, address, 'encrypt', true)),
  );
  const certificates = standings.map(standingView);
  return { outcome: 'answered', code: null, entries, unreadable, referrals, certificates };
}
