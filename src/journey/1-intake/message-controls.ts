import { Refusal } from '#core/errors';
import { CLASSES, classRank, type SensitivityClass, STREAMS, type Stream } from '#core/method';
import type { HeaderField } from '#platform/mail';

/** How a message wishes to travel. */
export interface Controls {
  readonly class: SensitivityClass;
  readonly stream: Stream;
  readonly priority: number;
  readonly dueAt: Date;
}

export interface GivenControls {
  readonly class?: SensitivityClass;
  readonly stream?: Stream;
  readonly priority?: number;
  readonly dueAt?: Date;
}

const DEFAULT_PRIORITY = 50;
const DAY = 86_400_000;

/** The one value of a control field; two of them, or a value that is none, are refused and not guessed at. */
function controlText(fields: readonly HeaderField[], key: string): string | undefined {
  const found = fields.filter((field) => field.key === key);
  if (found.length > 1) throw new Refusal('invalid-header', { field: key });
  return found[0]?.value.toLowerCase();
}

function choose<Value extends string>(
  fields: readonly HeaderField[],
  key: string,
  values: readonly Value[],
): Value | undefined {
  const text = controlText(fields, key);
  if (text === undefined) return undefined;
  const value = values.find((one) => one === text);
  if (value === undefined) throw new Refusal('invalid-header', { field: key });
  return value;
}

function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,2}$/.test(text)) throw new Refusal('invalid-header', { field: 'x-sealpost-priority' });
  return Number(text);
}

/** ISO 8601 with a zone (RFC 3339): a local time would mean another moment on each machine. */
function dueOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = /^\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:z|[+-]\d{2}:\d{2})$/.test(text)
    ? new Date(text.toUpperCase())
    : null;
  if (moment === null || Number.isNaN(moment.getTime()))
    throw new Refusal('invalid-header', { field: 'x-sealpost-due' });
  return moment;
}

function higher(
  given: SensitivityClass | undefined,
  own: SensitivityClass | undefined,
): SensitivityClass | undefined {
  if (given === undefined || own === undefined) return given ?? own;
  return classRank(own) > classRank(given) ? own : given;
}

/**
 * Reads X-Sealpost-Class, -Stream, -Priority and -Due under what the caller gave; a class in the message can raise the
 * caller's, never lower it (SL-10). A due time in the past is now; one
 * beyond `maxDelayDays` is refused. Throws Refusal `invalid-header` or `invalid`.
 */
export function readControls(
  fields: readonly HeaderField[],
  given: GivenControls,
  now: Date,
  maxDelayDays: number,
): Controls {
  const priority =
    given.priority ?? priorityOf(controlText(fields, 'x-sealpost-priority')) ?? DEFAULT_PRIORITY;
  if (!Number.isInteger(priority) || priority < 0 || priority > 99)
    throw new Refusal('invalid', { field: 'priority' });
  const due = given.dueAt ?? dueOf(controlText(fields, 'x-sealpost-due')) ?? now;
  if (Number.isNaN(due.getTime()) || due.getTime() > now.getTime() + maxDelayDays * DAY)
    throw new Refusal('invalid', { field: 'due', most: maxDelayDays });
  const ownClass = choose(fields, 'x-sealpost-class', CLASSES);
  return {
    class: higher(given.class, ownClass) ?? 'light',
    stream: given.stream ?? choose(fields, 'x-sealpost-stream', STREAMS) ?? 'transactional',
    priority,
    dueAt: due.getTime() > now.getTime() ? due : now,
  };
}
