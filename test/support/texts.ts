import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '#core/address';
import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId, OrganisationId, TextId } from '#core/ids';
import type { TextNotice } from '#core/text';
import { newId, silentLogger } from '#platform/runtime';
import { createTexts, type HandedOver, type ReadyText, type TextGateway } from '#platform/text';
import { createKeyFile, createVault } from '#platform/vault';
import { createRecipients } from '#products/recipients';
import { handClock } from './access.ts';
import { freshDatabase } from './database.ts';

/** A peer in place of a gateway: it keeps what it was handed, and answers as the test says. */
export interface PeerGateway extends TextGateway {
  readonly taken: ReadyText[];
  answer: (text: ReadyText) => Promise<HandedOver>;
  perDay: number;
}

function peerGateway(): PeerGateway {
  const taken: ReadyText[] = [];
  return {
    name: 'peer',
    perDay: 1_000,
    taken,
    answer: async () => ({ kind: 'taken', reference: 'SM1' }),
    handOver(text) {
      taken.push(text);
      return this.answer(text);
    },
  };
}

/** Texts and recipients' records on a database of their own. */
export async function openTextStage() {
  const fresh = await freshDatabase();
  const home = mkdtempSync(join(tmpdir(), 'sealpost-text-'));
  const clock = handClock();
  const rootKey = createKeyFile({ path: join(home, 'root.key'), dataDirectory: join(home, 'data'), clock });
  const vault = await createVault({ keysDirectory: join(home, 'keys'), rootKey, clock });
  const entries: AuditEntry[] = [];
  const one = (_tx: unknown, entry: AuditEntry) => {
    entries.push(entry);
    return Promise.resolve(newId() as AuditEntryId);
  };
  const audit = {
    append: one,
    appendMany: (tx: unknown, several: readonly AuditEntry[]) =>
      Promise.all(several.map((each) => one(tx, each))),
  };
  const gateway: PeerGateway = peerGateway();
  const there: { gateway: PeerGateway | null } = { gateway };
  const { database } = fresh;
  const texts = createTexts({
    ...{ database, vault, audit, clock, logger: silentLogger },
    number: (tx, organisation, to) => recipients.number(tx, organisation, to),
    gateway: async () => there.gateway,
    link: (token) => `https://portal.clinic.test/m/${token}`,
  });
  const recipients = createRecipients({ database, vault, audit, clock, stops: texts });
  return {
    ...{ fresh, database, vault, clock, entries, gateway, there, texts, recipients, audit },
    async organisation(): Promise<OrganisationId> {
      const id = newId() as OrganisationId;
      await database.tenant([id], 'app', (tx) =>
        tx.execute({
          text: 'insert into organisation (id, name, slug) values ($1, $2, $3)',
          values: [id, 'Riverside Clinic', `o-${id}`],
        }),
      );
      return id;
    },
    code(organisation: OrganisationId, to: Address): TextNotice {
      const expiresAt = new Date(clock.now().getTime() + 600_000);
      const body = { kind: 'sign-in-code', code: '123456', expiresAt } as const;
      return { id: newId() as TextId, organisation, to, locale: 'en', body };
    },
    async close() {
      vault.close();
      await fresh.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
