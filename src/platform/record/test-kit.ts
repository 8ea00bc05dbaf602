// For this room's tests only: the record on a database of its own, with messages and outcomes to put in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKeyId, DeliveryId, EventId, MessageId, OrganisationId } from '#core/ids';
import type { NewMessage } from '#core/ports';
import { NO_TRANSPORT } from '#core/transport';
import { createAudit } from '#platform/audit';
import { createBlobs } from '#platform/blobs';
import { createKeyring } from '#platform/keyring';
import { loadConfig, newId, systemClock } from '#platform/runtime';
import { createRootKey, createVault, type Vault } from '#platform/vault';
import { freshDatabase } from '../../../test/support/database.ts';
import { connectOwner } from '../database/owner-connection.ts';
import { createRecord, type DeliveryOutcome, deliveriesOf } from './index.ts';

/** Room for everything, nothing in hand. */
export const ROOM = {
  free: 50,
  reserve: 50,
  share: 50,
  assured: 1,
  perDomain: 50,
  domainShare: 50,
  held: {},
  domains: {},
  busy: [],
  start: '00000000-0000-0000-0000-000000000000',
  leaseSeconds: 30,
} as const;

/** The record with all that it needs, for one organisation. Its messages are from staff@clinic.example. */
export type RecordStage = Awaited<ReturnType<typeof openRecordStage>>;

export async function openRecordStage() {
  const home = mkdtempSync(join(tmpdir(), 'sealpost-record-'));
  const fresh = await freshDatabase();
  const config = loadConfig({}, { SEALPOST_HOME: home });
  const clock = systemClock;
  const vault = await createVault({
    keysDirectory: config.home.keys,
    rootKey: createRootKey(config.rootKey, config.home, clock),
    clock,
  });
  const keyring = createKeyring({ vault, clock });
  const { database } = fresh;
  const audit = createAudit({
    database,
    clock,
    signer: async () => {
      throw new Error('not sequenced here');
    },
    verifiers: async () => [],
    witness: null,
  });
  const record = createRecord({
    database,
    vault,
    blobs: createBlobs({ directory: join(home, 'blobs'), reserveBytes: 0, clock }),
    audit,
    clock,
    keepFresh: true,
    proofSigner: (tx, id) => keyring.signer(tx, id, 'proof'),
  });
  const organisation = newId() as OrganisationId;
  await database.tenant([organisation], 'app', (tx) => keyring.ensureSigner(tx, organisation, 'proof'));
  const claimAll = (leaseSeconds = 30) => record.claim({ ...ROOM, leaseSeconds });
  return {
    fresh,
    vault,
    audit,
    record,
    organisation,
    claimAll,
    newMessage: (recipients: readonly string[], over: Partial<NewMessage> = {}) =>
      newMessage(vault, organisation, recipients, over),
    async openAll() {
      const claims = (await claimAll()).filter((claim) => claim.kind === 'delivery');
      return record.openDeliveries(organisation, claims);
    },
    outcomeOf: (work: DeliveryOutcome['work'], over: Partial<DeliveryOutcome> = {}): DeliveryOutcome => ({
      ...delivered(work, organisation),
      ...over,
    }),
    stateOf: (id: MessageId) =>
      database.tenant([organisation], 'app', async (tx) =>
        (await deliveriesOf(tx, [id])).map((one) => one.state),
      ),
    /** Each test begins with an empty queue, whatever the one before left. */
    async emptyQueue() {
      const owner = await connectOwner(fresh.superuserUrl);
      await owner.script('delete from sealpost.queue');
      await owner.close();
    },
    async close() {
      vault.close();
      await fresh.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function newMessage(
  vault: Vault,
  organisation: OrganisationId,
  recipients: readonly string[],
  over: Partial<NewMessage>,
): Promise<NewMessage> {
  const id = newId() as MessageId;
  const key = await vault.newObjectKey(organisation, 'message');
  const bind = (field: string, row: string) => ({ organisation, field, row });
  const now = new Date();
  return {
    id,
    organisation,
    source: 'api',
    stream: 'transactional',
    class: 'light',
    priority: 50,
    dueAt: now,
    giveUpAt: new Date(now.getTime() + 5 * 86_400_000),
    portalExpiresAt: new Date(now.getTime() + 30 * 86_400_000),
    acceptedAt: now,
    policyVersion: 1,
    objectKey: key.wrapped,
    sender: vault.seal(key, bind('message.sender', id), 'staff@clinic.example'),
    senderIndex: await vault.blindIndex(organisation, 'address', 'staff@clinic.example'),
    subject: vault.seal(key, bind('message.subject', id), 'Results'),
    messageIdHeader: vault.seal(key, bind('message.message-id', id), '<a@clinic.example>'),
    contentHash: Buffer.alloc(32, 7),
    size: 5,
    content: { kind: 'inline', sealed: vault.seal(key, bind('message.content', id), 'hello') },
    inReplyTo: null,
    requireTls: false,
    actor: { kind: 'api-key', apiKey: newId() as ApiKeyId },
    deliveries: await Promise.all(
      recipients.map(async (address) => {
        const delivery = newId() as DeliveryId;
        return {
          id: delivery,
          recipient: vault.seal(key, bind('delivery.recipient', delivery), address),
          recipientIndex: await vault.blindIndex(organisation, 'address', address),
          domain: address.slice(address.indexOf('@') + 1),
        };
      }),
    ),
    terms: await vault.blindTerms(organisation, ['results']),
    event: { id: newId() as EventId, payload: null, cause: null },
    audit: {
      organisation,
      action: 'message.accepted',
      actor: { kind: 'system', component: 'test' },
      origin: { address: null, channel: 'api' },
      result: 'done',
      subjects: [{ kind: 'message', id }],
      details: {},
      sealedReference: null,
      request: null,
    },
    ...over,
  };
}

/** Delivered by TLS at the first attempt. */
function delivered(work: DeliveryOutcome['work'], organisation: OrganisationId): DeliveryOutcome {
  return {
    work,
    state: 'delivered',
    method: 'tls',
    failures: [],
    decision: null,
    lastCode: null,
    lastStatus: '2.0.0',
    nextAt: null,
    attempts: [
      {
        method: 'tls',
        startedAt: new Date(),
        endedAt: new Date(),
        result: 'delivered',
        code: null,
        transport: { ...NO_TRANSPORT, host: 'mx.example' },
        reply: { code: 250, enhanced: '2.0.0', text: 'for anna@patient.example' },
      },
    ],
    events: [{ type: 'delivery.delivered', payload: {} }],
    audit: [
      {
        organisation,
        action: 'delivery.delivered',
        actor: { kind: 'system', component: 'test' },
        origin: { address: null, channel: 'worker' },
        result: 'done',
        subjects: [{ kind: 'delivery', id: work.delivery.id }],
        details: { method: 'tls' },
        sealedReference: null,
        request: null,
      },
    ],
    proof: { outcome: 'delivered', transport: { ...NO_TRANSPORT } },
    notices: [],
    portal: null,
    at: new Date(),
  };
}
