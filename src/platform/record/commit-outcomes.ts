import { hash, randomBytes } from 'node:crypto';
import { addressText } from '#core/address';
import type { AuditEntry } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import type { AttemptId, AuditEntryId, EventId, OrganisationId, ProofId } from '#core/ids';
import type { ProofRecord } from '#core/proof';
import type { Transaction } from '#platform/database';
import { recipientHash } from '#platform/proof';
import { newId } from '#platform/runtime';
import { lockOpenMessages } from './load.store.ts';
import {
  type AttemptRow,
  type EventRow,
  insertAttempts,
  insertEvents,
  insertProofs,
  type ProofRow,
  updateDeliveries,
} from './outcome.store.ts';
import type { DeliveryOutcome, NewNotice } from './outcome.ts';
import { dequeue, requeue } from './queue.store.ts';
import type { ProofSigner, RecordPorts } from './record-ports.ts';
import { writeNotices } from './write-notices.ts';

const WORKER = { kind: 'system', component: 'conveyor' } as const;

/**
 * Commits the outcomes of one organisation in one transaction: queue, deliveries, attempts, proofs, events, audit,
 * notices and portal entries. An outcome whose fence no longer holds is dropped, because another worker owns it now.
 * Returns how many were written.
 */
export async function commitOutcomes(
  ports: RecordPorts,
  organisation: OrganisationId,
  outcomes: readonly DeliveryOutcome[],
): Promise<number> {
  const work = async (tx: Transaction): Promise<number> => {
    const standing = await putBackWithdrawn(tx, outcomes, ports.clock.now());
    const held = await settleQueue(tx, standing);
    const owned = standing.filter((one) => held.has(one.work.delivery.id));
    if (owned.length === 0) return 0;
    const signer = owned.some((one) => one.proof !== null) ? await ports.proofSigner(tx, organisation) : null;
    const attempts = owned.flatMap((one) => attemptRows(ports, one));
    const proven = owned.map((one) => ({ one, proof: signer && proofRow(ports, one, signer) }));
    const proofs = proven.flatMap(({ proof }) => proof ?? []);
    const entries = (
      await Promise.all(proven.map(({ one, proof }) => referencedEntries(ports, one, proof)))
    ).flat();
    const portalNotices: NewNotice[] = [];
    // Pipelined: issued together, executed in order, one wait.
    const writes: Promise<unknown>[] = [
      updateDeliveries(tx, owned.map(deliveryChange)),
      insertEvents(
        tx,
        owned.flatMap((one) => eventRows(ports, one)),
      ),
      ports.audit.appendMany(tx, entries),
    ];
    if (attempts.length > 0) writes.push(insertAttempts(tx, attempts));
    if (proofs.length > 0) writes.push(insertProofs(tx, proofs));
    await Promise.all(writes);
    for (const outcome of owned) {
      if (outcome.portal) portalNotices.push(await outcome.portal(tx));
      if (outcome.settle) portalNotices.push(...(await outcome.settle(tx)));
    }
    const notices = [...owned.flatMap((one) => one.notices), ...portalNotices];
    await writeNotices(ports, tx, notices, ports.clock.now());
    return owned.length;
  };
  return ports.database.tenant([organisation], 'worker', work, 'by-key');
}

/**
 * A message may be retracted while a copy of it is on its way into the portal. Such a delivery is put back: its next run
 * finds the message closed. The lock makes the retraction wait for what is committed here, and find it.
 */
async function putBackWithdrawn(
  tx: Transaction,
  outcomes: readonly DeliveryOutcome[],
  now: Date,
): Promise<readonly DeliveryOutcome[]> {
  const placing = outcomes.filter((one) => one.portal !== null);
  if (placing.length === 0) return outcomes;
  const ids = [...new Set(placing.map((one) => one.work.delivery.message))];
  const open = await lockOpenMessages(tx, ids);
  const withdrawn = placing.filter((one) => !open.has(one.work.delivery.message));
  if (withdrawn.length === 0) return outcomes;
  await requeue(
    tx,
    withdrawn.map(({ work }) => ({ item: work.claim.item, fence: work.claim.fence, dueAt: now })),
  );
  return outcomes.filter((one) => !withdrawn.includes(one));
}

async function settleQueue(
  tx: Transaction,
  outcomes: readonly DeliveryOutcome[],
): Promise<ReadonlySet<string>> {
  const finished: { item: string; fence: number }[] = [];
  const later: { item: string; fence: number; dueAt: Date }[] = [];
  for (const { work, nextAt } of outcomes) {
    const { item, fence } = work.claim;
    if (nextAt === null) finished.push({ item, fence });
    else later.push({ item, fence, dueAt: nextAt });
  }
  const [gone, moved] = await Promise.all([
    finished.length > 0 ? dequeue(tx, finished) : new Set<string>(),
    later.length > 0 ? requeue(tx, later) : new Set<string>(),
  ]);
  return new Set([...gone, ...moved]);
}

/**
 * The entries of an outcome, each with the recipient's address as its sealed reference (AU-1). The first carries the
 * proof: it has the proof's id and holds its hash, so the log's tree covers the proof without a leaf of its own.
 */
function referencedEntries(
  ports: RecordPorts,
  outcome: DeliveryOutcome,
  proof: ProofRow | null,
): Promise<AuditEntry[]> {
  const { recipient, organisation } = outcome.work.delivery;
  if (proof !== null && outcome.audit.length === 0)
    throw new Error('a proof without an entry that carries it');
  return Promise.all(
    outcome.audit.map(async (entry, index) => {
      const binding = auditReferenceBinding(organisation, entry.subjects);
      const text = JSON.stringify({ recipients: [addressText(recipient)] });
      const sealedReference = await ports.vault.sealValue('record', binding, text);
      return { ...(index === 0 && proof ? carrying(entry, proof) : entry), sealedReference };
    }),
  );
}

function carrying(entry: AuditEntry, proof: ProofRow): AuditEntry {
  const details = { ...entry.details, proof: hash('sha256', proof.record, 'hex') };
  return { ...entry, id: proof.id as string as AuditEntryId, details };
}

function deliveryChange(outcome: DeliveryOutcome) {
  return {
    id: outcome.work.delivery.id,
    state: outcome.state,
    method: outcome.method,
    tries: 1,
    failures: outcome.failures,
    decision: outcome.decision,
    facts: outcome.facts,
    lastCode: outcome.lastCode,
    lastStatus: outcome.lastStatus,
    nextAt: outcome.nextAt,
    at: outcome.at,
  };
}

function attemptRows(ports: RecordPorts, outcome: DeliveryOutcome): AttemptRow[] {
  const { delivery, opened } = outcome.work;
  return outcome.attempts.map((attempt) => {
    const id = newId() as AttemptId;
    const { reply } = attempt;
    const binding = { organisation: delivery.organisation, field: 'attempt.reply', row: id };
    return {
      id,
      organisation: delivery.organisation,
      delivery: delivery.id,
      method: attempt.method,
      number: delivery.attempts + 1,
      startedAt: attempt.startedAt,
      endedAt: attempt.endedAt,
      result: attempt.result,
      code: attempt.code,
      transport: attempt.transport,
      replyCode: reply?.code ?? null,
      replyEnhanced: reply?.enhanced ?? null,
      // A peer's words may quote the address: sealed.
      replyText: reply ? ports.vault.seal(opened.key, binding, reply.text.slice(0, 2048)) : null,
    };
  });
}

function eventRows(ports: RecordPorts, outcome: DeliveryOutcome): EventRow[] {
  const { delivery, opened } = outcome.work;
  return outcome.events.map((event) => {
    const id = newId() as EventId;
    const binding = { organisation: delivery.organisation, field: 'event.payload', row: id };
    return {
      id,
      organisation: delivery.organisation,
      type: event.type,
      subjects: [
        { kind: 'message', id: delivery.message },
        { kind: 'delivery', id: delivery.id },
      ],
      actor: WORKER,
      cause: null,
      occurredAt: outcome.at,
      payload: ports.vault.seal(opened.key, binding, JSON.stringify(event.payload)),
    };
  });
}

function proofRow(ports: RecordPorts, outcome: DeliveryOutcome, signer: ProofSigner): ProofRow | null {
  if (outcome.proof === null) return null;
  const { delivery, opened } = outcome.work;
  const id = newId() as ProofId;
  const salt = randomBytes(16);
  const record: ProofRecord = {
    format: 'sealpost-proof/1',
    id,
    organisation: delivery.organisation,
    message: delivery.message,
    delivery: delivery.id,
    recipientHash: recipientHash(salt, addressText(delivery.recipient)),
    recipientDomain: delivery.recipient.domain,
    method: outcome.method ?? 'none',
    outcome: outcome.proof.outcome,
    transport: outcome.proof.transport,
    contentHash: opened.contentHash.toString('hex'),
    policyVersion: outcome.decision?.policyVersion ?? opened.message.policyVersion,
    reasons: outcome.decision?.reasons ?? [],
    at: outcome.at.toISOString(),
  };
  const text = JSON.stringify(record);
  const binding = { organisation: delivery.organisation, field: 'proof.salt', row: id };
  return {
    id,
    organisation: delivery.organisation,
    delivery: delivery.id,
    record: text,
    salt: ports.vault.seal(opened.key, binding, salt),
    key: signer.keyId,
    signature: signer.sign(Buffer.from(text, 'utf8')),
  };
}
