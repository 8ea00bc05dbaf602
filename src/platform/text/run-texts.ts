import type { EventId, TextId } from '#core/ids';
import type { TextBody } from '#core/text';
import type { Transaction } from '#platform/database';
import { insertEvents } from '#platform/record';
import { describeFault, newId } from '#platform/runtime';
import type { HandedOver } from './gateway.ts';
import type { TextNeeds, TextStats } from './needs.ts';
import { numberReference, textBinding } from './sealing.ts';
import {
  type ClaimedText,
  claimTexts,
  endText,
  insertStop,
  putOffText,
  readText,
  type TextRow,
} from './text.store.ts';
import { wordText } from './text-words.ts';

const AT_ONCE = 8;
/** Longer than a gateway may take to answer: who dies with a text in hand keeps it so long from the others. */
const LEASE_MS = 60_000;
const PAUSES_MS = [5_000, 15_000, 60_000, 300_000] as const;
const LONGEST_PAUSE_MS = 900_000;
/** Tries of unknown fate after which a text is not repeated any more. */
const MOST_UNKNOWN = 2;

const SYSTEM = { kind: 'system', component: 'text' } as const;

type End =
  | { readonly state: 'sent'; readonly code: null; readonly reference: string | null }
  | {
      readonly state: 'failed' | 'expired';
      readonly code: string;
      readonly stopped?: boolean;
    };

/** Tries due texts, several at once, until none is due. `note` hears each end, and `deferred` where a try comes again. */
export async function runTexts(needs: TextNeeds, note: (end: keyof TextStats) => void): Promise<number> {
  const { database, clock } = needs;
  for (let tried = 0; ; ) {
    const now = clock.now();
    const leased = new Date(now.getTime() + LEASE_MS);
    const claims = await database.system('worker', (tx) => claimTexts(tx, now, leased, AT_ONCE));
    if (claims.length === 0) return tried;
    await Promise.all(claims.map((claim) => attempt(needs, claim, note)));
    tried += claims.length;
  }
}

/**
 * One try. A crash after the gateway took the text and before that is written leaves it in hand: it is tried once more when
 * its lease is over, and never a third time.
 */
async function attempt(
  needs: TextNeeds,
  claim: ClaimedText,
  note: (end: keyof TextStats) => void,
): Promise<void> {
  const { database, clock } = needs;
  const row = await database.tenant([claim.organisation], 'worker', (tx) => readText(tx, claim));
  if (row === undefined) return;
  if (row.give_up_at <= clock.now())
    return finish(needs, claim, row, { state: 'expired', code: 'too-old' }, note);
  if (row.unknown_fates >= MOST_UNKNOWN)
    return finish(needs, claim, row, { state: 'failed', code: 'fate-unknown' }, note);
  if (row.stopped) return finish(needs, claim, row, { state: 'failed', code: 'stopped' }, note);
  let answer: HandedOver;
  try {
    answer = await handOver(needs, claim, row);
  } catch (error) {
    // Nothing has left: a gateway answers by values. What could not be opened or worded is tried again until its time is over.
    needs.logger.warn('text-fault', { ...describeFault(error), attempt: claim.attempt });
    answer = { kind: 'later', code: 'system-fault' };
  }
  switch (answer.kind) {
    case 'taken':
      return finish(needs, claim, row, { state: 'sent', code: null, reference: answer.reference }, note);
    case 'refused':
      return finish(needs, claim, row, { state: 'failed', code: answer.code, stopped: answer.stopped }, note);
    case 'later':
    case 'unknown':
      return putOff(needs, claim, row, answer, note);
  }
}

async function handOver(needs: TextNeeds, claim: ClaimedText, row: TextRow): Promise<HandedOver> {
  const { organisation } = claim;
  const gateway = await needs.gateway(organisation);
  if (gateway === null) return { kind: 'later', code: 'no-gateway' };
  const body = parseBody(await open(needs, claim, 'body', row.body));
  const number = await open(needs, claim, 'number', row.number);
  const words = wordText(body, row.locale, { now: needs.clock.now(), link: needs.link });
  return gateway.handOver({ organisation, number, words });
}

async function open(
  { vault }: TextNeeds,
  { organisation, text }: ClaimedText,
  field: 'number' | 'body',
  sealed: Buffer | null,
): Promise<string> {
  if (sealed === null) throw new Error('a text that waits has lost what it says');
  return (await vault.openValue(textBinding(organisation, field, text), sealed)).toString('utf8');
}

/** Dates come back as text from the sealed JSON; everything else is as it was lined up. */
function parseBody(text: string): TextBody {
  return JSON.parse(text, (name: string, value: unknown) =>
    name === 'expiresAt' && typeof value === 'string' ? new Date(value) : value,
  ) as TextBody;
}

async function putOff(
  needs: TextNeeds,
  claim: ClaimedText,
  row: TextRow,
  answer: Extract<HandedOver, { kind: 'later' | 'unknown' }>,
  note: (end: keyof TextStats) => void,
): Promise<void> {
  const pause = PAUSES_MS[claim.attempt - 1] ?? LONGEST_PAUSE_MS;
  // The last try comes when its time is over, and only writes that it is.
  const due = Math.min(needs.clock.now().getTime() + pause, row.give_up_at.getTime());
  const next = { dueAt: new Date(due), code: answer.code, unknown: answer.kind === 'unknown' };
  await needs.database.tenant([claim.organisation], 'worker', (tx) => putOffText(tx, claim, next));
  note('deferred');
}

/** State, event and audit entry in one transaction. */
async function finish(
  needs: TextNeeds,
  claim: ClaimedText,
  row: TextRow,
  end: End,
  note: (end: keyof TextStats) => void,
): Promise<void> {
  const { organisation } = claim;
  const at = needs.clock.now();
  const ended = await needs.database.tenant([organisation], 'worker', async (tx) => {
    if (!(await endText(tx, claim, { state: end.state, code: end.code, at }))) return false;
    if (end.state === 'failed' && end.stopped === true)
      await insertStop(tx, organisation, row.number_index, SYSTEM, at);
    if (row.message !== null && row.delivery !== null) {
      await insertEvents(tx, [
        {
          id: newId(needs.clock) as EventId,
          organisation,
          type: end.state === 'sent' ? 'delivery.text-sent' : 'delivery.text-failed',
          subjects: [
            { kind: 'message', id: row.message },
            { kind: 'delivery', id: row.delivery },
          ],
          actor: SYSTEM,
          cause: claim.text,
          occurredAt: at,
          payload: null,
        },
      ]);
    }
    await record(needs, tx, claim, row, end);
    return true;
  });
  if (ended) note(end.state);
}

async function record(
  needs: TextNeeds,
  tx: Transaction,
  claim: ClaimedText,
  row: TextRow,
  end: End,
): Promise<void> {
  const { organisation } = claim;
  const subjects = [
    ...(row.delivery === null ? [] : [{ kind: 'delivery', id: row.delivery }]),
    { kind: 'text', id: claim.text satisfies TextId },
  ];
  await needs.audit.append(tx, {
    organisation,
    action: `text.${end.state}`,
    actor: SYSTEM,
    origin: { address: null, channel: 'worker' },
    result: end.state === 'sent' ? 'done' : 'failed',
    subjects,
    details: {
      kind: row.kind,
      code: end.code,
      attempts: claim.attempt,
      reference: end.state === 'sent' ? end.reference : null,
      stopped: end.state === 'failed' && end.stopped === true,
    },
    sealedReference: await referenceOf(needs, claim, row),
    request: null,
  });
}

/** Null where the number cannot be opened any more: that a text ended must be written all the same. */
async function referenceOf(needs: TextNeeds, claim: ClaimedText, row: TextRow): Promise<Buffer | null> {
  let number: string;
  try {
    number = await open(needs, claim, 'number', row.number);
  } catch (error) {
    needs.logger.warn('text-fault', { ...describeFault(error), attempt: claim.attempt });
    return null;
  }
  const delivery = row.delivery === null ? [] : [{ kind: 'delivery', id: row.delivery }];
  const subjects = [...delivery, { kind: 'text', id: claim.text }];
  return numberReference(needs.vault, claim.organisation, subjects, number);
}
