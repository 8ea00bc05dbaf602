import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import type { CertificateSeal } from '../certificates/sealed-rows.ts';
import type { DirectorySettings } from './ask-directory.ts';
import {
  type DirectoryRow,
  deleteDirectory,
  MOST_DIRECTORIES,
  selectDirectories,
  selectDirectory,
  upsertDirectory,
} from './directory.store.ts';

/** Settings as people see them: everything but the password. */
export interface DirectoryConfiguration {
  readonly host: string;
  readonly port: number;
  readonly security: 'ldaps' | 'starttls';
  readonly authorities: readonly string[];
  readonly baseDn: string;
  /** Null: anonymous. */
  readonly bindDn: string | null;
}

export interface StoredDirectory extends DirectoryConfiguration {
  readonly id: string;
  readonly changedAt: Date;
}

/** What people change of directories, each inside the caller's transaction, so that its audit entry is part of it. */
export interface DirectoryRecords {
  list(tx: Transaction, organisation: OrganisationId): Promise<StoredDirectory[]>;
  /** The new row's id; null at the bound. */
  add(
    tx: Transaction,
    organisation: OrganisationId,
    configuration: DirectoryConfiguration,
    password: string | null,
  ): Promise<string | null>;
  /**
   * `password` undefined keeps the one before. It is then `password-needed` where the connection it goes over has changed
   * as well: whoever cannot read the password must not be able to have it sent elsewhere.
   */
  replace(
    tx: Transaction,
    organisation: OrganisationId,
    id: string,
    configuration: DirectoryConfiguration,
    password: string | undefined,
  ): Promise<'replaced' | 'not-found' | 'password-needed'>;
  remove(tx: Transaction, organisation: OrganisationId, id: string): Promise<boolean>;
  /** Settings with the password, to ask it with; null where it is not there. */
  open(tx: Transaction, organisation: OrganisationId, id: string): Promise<DirectorySettings | null>;
}

export interface RecordPorts {
  readonly vault: CertificateSeal;
  readonly clock: Clock;
}

const configurationSchema = z.strictObject({
  host: z.string(),
  port: z.number(),
  security: z.enum(['ldaps', 'starttls']),
  authorities: z.array(z.string()),
  baseDn: z.string(),
  bindDn: z.string().nullable(),
}) satisfies z.ZodType<DirectoryConfiguration>;

type Field = 'certificate-directory.settings' | 'certificate-directory.password';
const bind = (organisation: OrganisationId, field: Field, row: string) => ({ organisation, field, row });

async function openConfiguration(
  vault: CertificateSeal,
  organisation: OrganisationId,
  { id, settings }: DirectoryRow,
): Promise<DirectoryConfiguration> {
  const plain = await vault.openValue(bind(organisation, 'certificate-directory.settings', id), settings);
  return configurationSchema.parse(JSON.parse(plain.toString('utf8')));
}

/** A row as it is asked with. */
export async function openDirectory(
  vault: CertificateSeal,
  organisation: OrganisationId,
  row: DirectoryRow,
): Promise<DirectorySettings> {
  const { bindDn, ...server } = await openConfiguration(vault, organisation, row);
  if (bindDn === null || row.password === null) return { ...server, credentials: null };
  const password = await vault.openValue(
    bind(organisation, 'certificate-directory.password', row.id),
    row.password,
  );
  return { ...server, credentials: { name: bindDn, password: password.toString('utf8') } };
}

/** Whether a password goes the same way as before: to the same server, verified alike, under the same name. */
function sameWay(one: DirectoryConfiguration, other: DirectoryConfiguration): boolean {
  const way = ({ host, port, security, authorities, bindDn }: DirectoryConfiguration): string =>
    JSON.stringify([host, port, security, authorities, bindDn]);
  return way(one) === way(other);
}

export function createDirectoryRecords(ports: RecordPorts): DirectoryRecords {
  const { vault, clock } = ports;
  const seal = (organisation: OrganisationId, field: Field, id: string, plain: string): Promise<Buffer> =>
    vault.sealValue('configuration', bind(organisation, field, id), plain);
  const sealRow = async (
    organisation: OrganisationId,
    id: string,
    configuration: DirectoryConfiguration,
    password: string | null,
  ): Promise<DirectoryRow> => ({
    id,
    settings: await seal(
      organisation,
      'certificate-directory.settings',
      id,
      JSON.stringify(configurationSchema.parse(configuration)),
    ),
    password:
      password === null ? null : await seal(organisation, 'certificate-directory.password', id, password),
    changed_at: clock.now(),
  });
  return {
    async list(tx, organisation) {
      const rows = await selectDirectories(tx, organisation);
      return Promise.all(
        rows.map(async (row) => ({
          ...(await openConfiguration(vault, organisation, row)),
          id: row.id,
          changedAt: row.changed_at,
        })),
      );
    },
    async add(tx, organisation, configuration, password) {
      if ((await selectDirectories(tx, organisation)).length >= MOST_DIRECTORIES) return null;
      const id = newId(clock);
      await upsertDirectory(tx, organisation, await sealRow(organisation, id, configuration, password));
      return id;
    },
    async replace(tx, organisation, id, configuration, password) {
      const before = await selectDirectory(tx, organisation, id);
      if (before === undefined) return 'not-found';
      const kept = password === undefined && configuration.bindDn !== null;
      if (kept && !sameWay(await openConfiguration(vault, organisation, before), configuration)) {
        return 'password-needed';
      }
      const given = configuration.bindDn === null ? null : (password ?? null);
      const row = await sealRow(organisation, id, configuration, given);
      await upsertDirectory(tx, organisation, kept ? { ...row, password: before.password } : row);
      return 'replaced';
    },
    remove: deleteDirectory,
    async open(tx, organisation, id) {
      const row = (await selectDirectories(tx, organisation)).find((one) => one.id === id);
      return row === undefined ? null : openDirectory(vault, organisation, row);
    },
  };
}
