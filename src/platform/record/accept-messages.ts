import type { OrganisationId } from '#core/ids';
import type { NewMessage } from '#core/ports';
import { DatabaseUnavailable, type Transaction } from '#platform/database';
import { insertMessages } from './accept.store.ts';
import type { FreshRows } from './fresh-rows.ts';
import type { RecordPorts } from './record-ports.ts';

/** Most messages of one commit; many more would make each of them wait for the others' bytes. */
const MOST = 32;
/** A commit waits so long for company: it costs two statements and a flush, whether for one message or for ten. */
const GATHER_MS = 4;

interface Waiting {
  readonly input: NewMessage;
  resolve(): void;
  reject(error: unknown): void;
}

type Accept = (input: NewMessage, within?: (tx: Transaction) => Promise<void>) => Promise<void>;

/**
 * Puts new messages on record. One that must commit together with something else (an idempotent answer) has a
 * transaction of its own. The others of an organisation that arrive while a commit runs share the next one: each still
 * gets its answer only after the commit that holds it, and where a shared commit fails each is tried by itself, so that
 * nobody is refused for a neighbour's fault.
 */
export function createAccept(ports: RecordPorts, fresh: FreshRows | null, wake: () => void): Accept {
  const keep = (input: NewMessage): void => fresh?.put(input, ports.clock.now());
  const waiting = new Map<OrganisationId, Waiting[]>();
  const running = new Set<OrganisationId>();

  const drain = async (organisation: OrganisationId): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const list = waiting.get(organisation) ?? [];
      const batch = list.splice(0, MOST);
      if (batch.length === 0) break;
      await commitBatch(ports, organisation, batch, keep);
      wake();
    }
    running.delete(organisation);
    waiting.delete(organisation);
  };

  return async (input, within) => {
    if (within) {
      await commit(ports, input.organisation, [input], within);
      keep(input);
      wake();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const { organisation } = input;
      const list = waiting.get(organisation) ?? [];
      list.push({ input, resolve, reject });
      waiting.set(organisation, list);
      if (running.has(organisation)) return;
      running.add(organisation);
      void drain(organisation);
    });
  };
}

async function commitBatch(
  ports: RecordPorts,
  organisation: OrganisationId,
  batch: readonly Waiting[],
  keep: (input: NewMessage) => void,
): Promise<void> {
  try {
    await commit(
      ports,
      organisation,
      batch.map((one) => one.input),
    );
    for (const one of batch) {
      keep(one.input);
      one.resolve();
    }
  } catch (error) {
    // Without a database there is no telling whether the commit took place: nobody is told yes, nothing is repeated.
    if (batch.length === 1 || error instanceof DatabaseUnavailable) {
      for (const one of batch) one.reject(error);
      return;
    }
    for (const one of batch) await commitBatch(ports, organisation, [one], keep);
  }
}

/** One transaction: rows, blob entries, audit and whatever must stand or fall with them. */
async function commit(
  ports: RecordPorts,
  organisation: OrganisationId,
  inputs: readonly NewMessage[],
  within?: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const work = async (tx: Transaction): Promise<void> => {
    const writes: Promise<unknown>[] = [
      insertMessages(tx, inputs),
      ports.audit.appendMany(
        tx,
        inputs.map((one) => one.audit),
      ),
    ];
    for (const { content } of inputs) {
      if (content.kind === 'blob') {
        writes.push(ports.blobs.record(tx, organisation, { id: content.blob, size: content.size }));
      }
    }
    await Promise.all(writes);
    if (within) await within(tx);
  };
  await ports.database.tenant([organisation], 'app', work, 'by-key');
}
