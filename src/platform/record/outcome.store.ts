import type { Actor } from '#core/actor';
import type { Decision, MethodFailure } from '#core/decision';
import type { DecisionFacts } from '#core/decision-facts';
import type { EventType, Subject } from '#core/event';
import type { AttemptId, DeliveryId, EventId, MessageId, NoticeId, OrganisationId, ProofId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Method } from '#core/method';
import type { TransportFacts } from '#core/transport';
import { binary, type Transaction } from '#platform/database';

export interface DeliveryChange {
  readonly id: DeliveryId;
  readonly state: DeliveryState;
  readonly method: Method | 'none' | null;
  readonly tries: number;
  readonly failures: readonly MethodFailure[];
  readonly decision: Decision | null;
  readonly facts: DecisionFacts | null;
  readonly lastCode: string | null;
  readonly lastStatus: string | null;
  readonly nextAt: Date | null;
  readonly at: Date;
}

/** Moves deliveries on. `finished_at` is set where nothing more will be tried. */
export async function updateDeliveries(tx: Transaction, changes: readonly DeliveryChange[]): Promise<void> {
  await tx.execute({
    name: 'record.update-deliveries',
    text: `update sealpost.delivery d set state = c.state, method = c.method, attempts = d.attempts + c.tries,
        failures = c.failures, decision = c.decision, facts = c.facts, last_code = c.last_code, last_status = c.last_status,
        next_at = c.next_at, changed_at = c.at, finished_at = case when c.next_at is null then c.at end
      from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::jsonb[], $6::jsonb[], $7::text[], $8::text[],
        $9::timestamptz[], $10::timestamptz[], $11::jsonb[])
        as c (id, state, method, tries, failures, decision, last_code, last_status, next_at, at, facts)
      where d.id = c.id`,
    values: [
      binary.uuids(changes.map((one) => one.id)),
      binary.texts(changes.map((one) => one.state)),
      binary.texts(changes.map((one) => one.method)),
      binary.int4s(changes.map((one) => one.tries)),
      binary.jsons(changes.map((one) => JSON.stringify(one.failures))),
      binary.jsons(changes.map((one) => (one.decision === null ? null : JSON.stringify(one.decision)))),
      binary.texts(changes.map((one) => one.lastCode)),
      binary.texts(changes.map((one) => one.lastStatus)),
      binary.times(changes.map((one) => one.nextAt)),
      binary.times(changes.map((one) => one.at)),
      binary.jsons(changes.map((one) => (one.facts === null ? null : JSON.stringify(one.facts)))),
    ],
  });
}

export interface AttemptRow {
  readonly id: AttemptId;
  readonly organisation: OrganisationId;
  readonly delivery: DeliveryId;
  readonly method: Method;
  readonly number: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly result: string;
  readonly code: string | null;
  readonly transport: TransportFacts;
  readonly replyCode: number | null;
  readonly replyEnhanced: string | null;
  readonly replyText: Buffer | null;
}

export async function insertAttempts(tx: Transaction, rows: readonly AttemptRow[]): Promise<void> {
  await tx.execute({
    name: 'record.insert-attempts',
    text: `insert into sealpost.attempt (id, organisation, delivery, method, number, started_at, ended_at, result, code,
        host, address, tls_version, cipher, certificate_fingerprint, certificate, authenticated_by, reply_code,
        reply_enhanced, reply_text)
      select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::timestamptz[],
        $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
        $15::jsonb[], $16::text[], $17::int[], $18::text[], $19::bytea[])`,
    values: [
      binary.uuids(rows.map((row) => row.id)),
      binary.uuids(rows.map((row) => row.organisation)),
      binary.uuids(rows.map((row) => row.delivery)),
      binary.texts(rows.map((row) => row.method)),
      binary.int4s(rows.map((row) => row.number)),
      binary.times(rows.map((row) => row.startedAt)),
      binary.times(rows.map((row) => row.endedAt)),
      binary.texts(rows.map((row) => row.result)),
      binary.texts(rows.map((row) => row.code)),
      binary.texts(rows.map((row) => row.transport.host)),
      binary.texts(rows.map((row) => row.transport.address)),
      binary.texts(rows.map((row) => row.transport.tlsVersion)),
      binary.texts(rows.map((row) => row.transport.cipher)),
      binary.texts(rows.map((row) => row.transport.certificateFingerprint)),
      binary.jsons(rows.map((row) => certificateJson(row.transport))),
      binary.texts(rows.map((row) => row.transport.authenticatedBy)),
      binary.int4s(rows.map((row) => row.replyCode)),
      binary.texts(rows.map((row) => row.replyEnhanced)),
      binary.octets(rows.map((row) => row.replyText)),
    ],
  });
}

function certificateJson(transport: TransportFacts): string | null {
  if (transport.certificateFingerprint === null) return null;
  return JSON.stringify({
    subject: transport.certificateSubject,
    issuer: transport.certificateIssuer,
    notAfter: transport.certificateNotAfter?.toISOString() ?? null,
  });
}

export interface EventRow {
  readonly id: EventId;
  readonly organisation: OrganisationId;
  readonly type: EventType;
  readonly subjects: readonly Subject[];
  readonly actor: Actor;
  readonly cause: string | null;
  readonly occurredAt: Date;
  readonly payload: Buffer | null;
}

/** Writes events; they get their place in the order from the sequencer, after the commit. */
export async function insertEvents(tx: Transaction, rows: readonly EventRow[]): Promise<void> {
  await tx.execute({
    name: 'record.insert-events',
    text: `with new_event as (
        insert into sealpost.event (id, organisation, type, version, subjects, actor, cause, occurred_at, payload)
        select e.id, e.organisation, e.type, 1, e.subjects, e.actor, e.cause, e.occurred_at, e.payload
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[], $7::timestamptz[],
          $8::bytea[]) as e (id, organisation, type, subjects, actor, cause, occurred_at, payload)
      )
      insert into sealpost.event_unordered (id, organisation)
      select * from unnest($1::uuid[], $2::uuid[])`,
    values: [
      binary.uuids(rows.map((row) => row.id)),
      binary.uuids(rows.map((row) => row.organisation)),
      binary.texts(rows.map((row) => row.type)),
      binary.jsons(rows.map((row) => JSON.stringify(row.subjects))),
      binary.jsons(rows.map((row) => JSON.stringify(row.actor))),
      binary.texts(rows.map((row) => row.cause)),
      binary.times(rows.map((row) => row.occurredAt)),
      binary.octets(rows.map((row) => row.payload)),
    ],
  });
}

export interface ProofRow {
  readonly id: ProofId;
  readonly organisation: OrganisationId;
  readonly delivery: DeliveryId;
  readonly record: string;
  readonly salt: Buffer;
  readonly key: string;
  readonly signature: Buffer;
}

export async function insertProofs(tx: Transaction, rows: readonly ProofRow[]): Promise<void> {
  await tx.execute({
    name: 'record.insert-proofs',
    text: `insert into sealpost.proof (id, organisation, delivery, record, salt, key, signature)
      select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::uuid[], $7::bytea[])`,
    values: [
      binary.uuids(rows.map((row) => row.id)),
      binary.uuids(rows.map((row) => row.organisation)),
      binary.uuids(rows.map((row) => row.delivery)),
      binary.texts(rows.map((row) => row.record)),
      binary.octets(rows.map((row) => row.salt)),
      binary.uuids(rows.map((row) => row.key)),
      binary.octets(rows.map((row) => row.signature)),
    ],
  });
}

export interface NoticeInsert {
  readonly id: NoticeId;
  readonly organisation: OrganisationId;
  readonly kind: string;
  readonly message: MessageId | null;
  readonly objectKey: Buffer;
  readonly recipient: Buffer;
  readonly domain: string;
  readonly body: Buffer;
  readonly locale: string;
  readonly giveUpAt: Date;
}

export async function insertNotices(tx: Transaction, rows: readonly NoticeInsert[]): Promise<void> {
  await tx.execute({
    name: 'record.insert-notices',
    text: `insert into sealpost.notice (id, organisation, kind, message, object_key, recipient, domain, body, locale,
        give_up_at)
      select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::bytea[], $7::text[],
        $8::bytea[], $9::text[], $10::timestamptz[])`,
    values: [
      binary.uuids(rows.map((row) => row.id)),
      binary.uuids(rows.map((row) => row.organisation)),
      binary.texts(rows.map((row) => row.kind)),
      binary.uuids(rows.map((row) => row.message)),
      binary.octets(rows.map((row) => row.objectKey)),
      binary.octets(rows.map((row) => row.recipient)),
      binary.texts(rows.map((row) => row.domain)),
      binary.octets(rows.map((row) => row.body)),
      binary.texts(rows.map((row) => row.locale)),
      binary.times(rows.map((row) => row.giveUpAt)),
    ],
  });
}

export interface NoticeChange {
  readonly id: NoticeId;
  readonly state: string;
  readonly code: string | null;
  readonly finished: boolean;
  readonly at: Date;
}

/** Moves notices on; a finished one loses its body, which is of no use any more (codes, links). */
export async function updateNotices(tx: Transaction, changes: readonly NoticeChange[]): Promise<void> {
  await tx.execute({
    name: 'record.update-notices',
    text: `update sealpost.notice n set state = c.state, attempts = n.attempts + 1, last_code = c.code,
        finished_at = case when c.finished then c.at end, body = case when c.finished then '' else n.body end
      from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::timestamptz[]) as c (id, state, code, finished, at)
      where n.id = c.id`,
    values: [
      binary.uuids(changes.map((one) => one.id)),
      binary.texts(changes.map((one) => one.state)),
      binary.texts(changes.map((one) => one.code)),
      binary.booleans(changes.map((one) => one.finished)),
      binary.times(changes.map((one) => one.at)),
    ],
  });
}

/** Sets one delivery's state when it stands in one of the states given; false where it does not. */
export async function moveDelivery(
  tx: Transaction,
  id: DeliveryId,
  from: readonly DeliveryState[],
  to: DeliveryState,
  lastStatus: string | null,
  at: Date,
): Promise<boolean> {
  const moved = await tx.execute({
    name: 'record.move-delivery',
    text: `update sealpost.delivery set state = $3, last_status = coalesce($4, last_status), changed_at = $5,
      finished_at = $5, next_at = null where id = $1 and state = any ($2::text[])`,
    values: [id, from, to, lastStatus, at],
  });
  return moved === 1;
}
