import type { Actor } from '#core/actor';
import type { Address } from '#core/address';
import type { DeliveryId, OrganisationId } from '#core/ids';
import type { TextNotice, TextPort } from '#core/text';
import type { Transaction } from '#platform/database';
import type { TextGateway } from './gateway.ts';
import type { TextNeeds, TextStats } from './needs.ts';
import { maskNumber } from './number.ts';
import { runTexts } from './run-texts.ts';
import { numberIndex, numberReference, textBinding } from './sealing.ts';
import {
  countTexts,
  type DeliveryText,
  deleteStop,
  hasStopped,
  insertStop,
  insertText,
  lockTexts,
  sweepTexts,
  textDepth,
  textsOfDeliveries,
} from './text.store.ts';

export interface Texts extends TextPort<Transaction> {
  /** The same as `send` for a number that the caller knows: of staff, who are no recipients. */
  sendTo(tx: Transaction, number: string, notice: Omit<TextNotice, 'to'>): Promise<boolean>;
  /** Whether this number said STOP. */
  stopped(tx: Transaction, organisation: OrganisationId, number: string): Promise<boolean>;
  /** Puts a STOP on record, or takes it away. Returns whether that changed anything. The caller writes its audit entry. */
  setStopped(
    tx: Transaction,
    organisation: OrganisationId,
    number: string,
    stopped: boolean,
    by: Actor,
  ): Promise<boolean>;
  /** What became of texts about these deliveries. */
  ofDeliveries(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<readonly DeliveryText[]>;
  /** Tries what is due until nothing is. For the worker, every second. Returns how many were tried. */
  run(): Promise<number>;
  sweep(tx: Transaction, organisation: OrganisationId): Promise<number>;
  depth(): Promise<{ readonly due: number; readonly waiting: number }>;
  stats(): TextStats;
}

/** Texts to one number: codes are asked for by whoever knows a link, and each text costs money (toll fraud). */
export const TEXTS_PER_HOUR = 6;
export const TEXTS_PER_DAY = 20;
/** A notice in a text is of use for so long; a code and a link end with their own time. */
const LONGEST_MS = 24 * 3_600_000;

const SYSTEM = { kind: 'system', component: 'text' } as const;

/** Texts to recipients: lined up in the transaction of the act that wants one, sent by the worker. */
export function createTexts(needs: TextNeeds): Texts {
  const { database, vault, clock } = needs;
  const stats: { -readonly [Key in keyof TextStats]: number } = {
    sent: 0,
    failed: 0,
    expired: 0,
    deferred: 0,
    withheld: 0,
  };
  const known = async (tx: Transaction, organisation: OrganisationId, number: string) => {
    const gateway = await needs.gateway(organisation);
    if (gateway === null) return null;
    const index = await numberIndex(vault, organisation, number);
    return (await hasStopped(tx, organisation, index)) ? null : { number, index, gateway };
  };
  const reachable = async (tx: Transaction, organisation: OrganisationId, to: Address) => {
    const number = await needs.number(tx, organisation, to);
    return number === null ? null : known(tx, organisation, number);
  };
  type Reached = NonNullable<Awaited<ReturnType<typeof known>>>;
  async function handIn(
    tx: Transaction,
    found: Reached | null,
    notice: Omit<TextNotice, 'to'>,
  ): Promise<boolean> {
    if (found === null) return false;
    const reason = await overLimit(tx, notice.organisation, found, clock.now());
    if (reason === null) {
      await lineUp(needs, tx, notice, found);
      return true;
    }
    await withhold(needs, tx, notice, found.number, reason);
    tx.afterCommit(() => {
      stats.withheld += 1;
    });
    return false;
  }
  return {
    async reach(tx, organisation, to) {
      const found = await reachable(tx, organisation, to);
      return found === null ? null : { masked: maskNumber(found.number) };
    },
    send: async (tx, notice) => handIn(tx, await reachable(tx, notice.organisation, notice.to), notice),
    sendTo: async (tx, number, notice) => handIn(tx, await known(tx, notice.organisation, number), notice),
    stopped: async (tx, organisation, number) =>
      hasStopped(tx, organisation, await numberIndex(vault, organisation, number)),
    async setStopped(tx, organisation, number, stopped, by) {
      const index = await numberIndex(vault, organisation, number);
      return stopped
        ? insertStop(tx, organisation, index, by, clock.now())
        : deleteStop(tx, organisation, index);
    },
    ofDeliveries: textsOfDeliveries,
    run: () =>
      runTexts(needs, (end) => {
        stats[end] += 1;
      }),
    sweep: (tx, organisation) => sweepTexts(tx, organisation, clock.now()),
    depth: () => database.system('worker', (tx) => textDepth(tx, clock.now())),
    stats: () => ({ ...stats }),
  };
}

/** Which limit is reached, or null. The lock makes the count exact where several ask at once. */
async function overLimit(
  tx: Transaction,
  organisation: OrganisationId,
  { index, gateway }: { readonly index: Buffer; readonly gateway: TextGateway },
  now: Date,
): Promise<string | null> {
  await lockTexts(tx, organisation);
  const sent = await countTexts(tx, organisation, index, now);
  if (sent.hour >= TEXTS_PER_HOUR) return 'number-hour';
  if (sent.day >= TEXTS_PER_DAY) return 'number-day';
  return sent.organisation >= gateway.perDay ? 'organisation-day' : null;
}

async function lineUp(
  { vault, clock }: TextNeeds,
  tx: Transaction,
  notice: Omit<TextNotice, 'to'>,
  { number, index }: { readonly number: string; readonly index: Buffer },
): Promise<void> {
  const { id, organisation, body, about } = notice;
  const at = clock.now();
  const latest = at.getTime() + LONGEST_MS;
  const ends = body.kind === 'pdf-password' ? latest : Math.min(body.expiresAt.getTime(), latest);
  await insertText(tx, {
    ...{ id, organisation, kind: body.kind, locale: notice.locale, numberIndex: index, at },
    message: about?.message ?? null,
    delivery: about?.delivery ?? null,
    number: await vault.sealValue('message', textBinding(organisation, 'number', id), number),
    body: await vault.sealValue('message', textBinding(organisation, 'body', id), JSON.stringify(body)),
    giveUpAt: new Date(ends),
  });
}

async function withhold(
  needs: TextNeeds,
  tx: Transaction,
  { id, organisation, body }: Omit<TextNotice, 'to'>,
  number: string,
  reason: string,
): Promise<void> {
  const subjects = [{ kind: 'text', id }];
  await needs.audit.append(tx, {
    organisation,
    action: 'text.withheld',
    actor: SYSTEM,
    origin: { address: null, channel: 'worker' },
    result: 'refused',
    subjects,
    details: { kind: body.kind, reason },
    sealedReference: await numberReference(needs.vault, organisation, subjects, number),
    request: null,
  });
}
