import { join } from 'node:path';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { Notice } from '#core/notice';
import type { PlaceOf } from '#core/place';
import { type Access, type AccessPorts, createAccess, openBreachedPassphrases } from '#platform/access';
import { type Audit, auditOrigin, createAudit, createFileWitness } from '#platform/audit';
import { type Blobs, createBlobs, databaseBlobReferences } from '#platform/blobs';
import { type Database, type EmbeddedServer, migrate, openDatabase, startEmbedded } from '#platform/database';
import { createKeyring, type Keyring } from '#platform/keyring';
import { openPlaces } from '#platform/net';
import { createRecord, type MessageRecord } from '#platform/record';
import { type Clock, type Config, type Logger, systemClock } from '#platform/runtime';
import { createRootKey, createVault, databaseKeySet, type Vault } from '#platform/vault';
import { type ClientCertificates, openClientCertificates } from './client-revocation.ts';

/** What every role stands on: database, vault, blobs, audit, keyring, record. */
export interface Foundation {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly database: Database;
  /** Null with an external server. */
  readonly embedded: EmbeddedServer | null;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly audit: Audit;
  readonly keyring: Keyring;
  readonly record: MessageRecord;
  readonly access: Access;
  /** By whom codes are texted to staff; set when the channel of texts is open, before that none goes. */
  readonly staffTexts: { send: AccessPorts['sendText'] };
  /** Null where the operator has named no authorities of client certificates. */
  readonly clientCertificates: ClientCertificates | null;
  /** Null where the operator has brought no file of places. */
  readonly placeOf: PlaceOf | null;
  close(): Promise<void>;
}

/**
 * Starts or reaches the database, brings its schema up to date, opens the vault and puts the rooms on top. What was
 * started is stopped again when a later step fails.
 */
export async function openFoundation(
  config: Config,
  logger: Logger,
  options: { readonly volatile?: boolean; readonly wrapVault?: (vault: Vault) => Vault } = {},
): Promise<Foundation> {
  const clock = systemClock;
  const embedded =
    config.database.url === undefined
      ? await startEmbedded({ home: config.home, logger, ...(options.volatile ? { volatile: true } : {}) })
      : null;
  const url = config.database.url ?? embedded?.url ?? '';
  let database: Database | null = null;
  try {
    await migrate({ url, logger });
    database = openDatabase({ url, poolSize: config.database.poolSize });
    const made = await createVault({
      keysDirectory: config.home.keys,
      rootKey: createRootKey(config.rootKey, config.home, clock),
      clock,
      logger,
      keySetRecord: databaseKeySet(database),
    });
    const vault = options.wrapVault?.(made) ?? made;
    const opened = database;
    const rooms = await buildRooms(config, logger, clock, opened, vault);
    return {
      config,
      logger,
      clock,
      database: opened,
      embedded,
      vault,
      ...rooms,
      async close() {
        vault.close();
        await opened.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await database?.close();
    await embedded?.stop();
    throw error;
  }
}

/** A code is tried for as long as it is good, what has happened to an account for some days. */
function giveUpAt({ body }: Notice, now: Date): Date {
  return body.kind === 'sign-in-code' ? body.expiresAt : new Date(now.getTime() + 5 * 86_400_000);
}

async function buildRooms(config: Config, logger: Logger, clock: Clock, database: Database, vault: Vault) {
  const blobs = createBlobs({
    directory: join(config.home.data, 'blobs'),
    reserveBytes: config.diskReserveBytes,
    clock,
    logger,
    referenced: databaseBlobReferences(database),
  });
  const keyring = createKeyring({ vault, clock });
  // Acts on the installation itself (sign-in, set-up) have a log of their own, and so a key.
  await database.tenant([INSTALLATION], 'app', (tx) => keyring.ensureSigner(tx, INSTALLATION, 'audit'));
  const auditKey = async (organisation: OrganisationId) => {
    const signer = await database.tenant([organisation], 'worker', (tx) =>
      keyring.signer(tx, organisation, 'audit'),
    );
    return { keyName: auditOrigin(organisation), publicKey: signer.publicKey, sign: signer.sign };
  };
  const audit = createAudit({
    database,
    clock,
    signer: auditKey,
    verifiers: async (organisation) => [await auditKey(organisation)],
    witness: createFileWitness(config.home.witness),
    logger,
  });
  const record = createRecord({
    database,
    vault,
    blobs,
    audit,
    clock,
    keepFresh: config.roles.includes('worker'),
    proofSigner: (tx, organisation) => keyring.signer(tx, organisation, 'proof'),
  });
  const placeOf = config.places === undefined ? null : openPlaces(config.places, logger);
  const clientCertificates = openClientCertificates(config, clock, logger);
  const staffTexts: Foundation['staffTexts'] = { send: () => Promise.resolve(false) };
  const access = createAccess({
    ...{ database, vault, audit, clock, placeOf, clientCertificates },
    breached:
      config.breachedPasswords === undefined ? null : await openBreachedPassphrases(config.breachedPasswords),
    sendText: (tx, text) => staffTexts.send(tx, text),
    sendNotice: (tx, notice) => record.sendNotice(tx, { notice, giveUpAt: giveUpAt(notice, clock.now()) }),
  });
  return { blobs, keyring, audit, record, access, placeOf, clientCertificates, staffTexts };
}
