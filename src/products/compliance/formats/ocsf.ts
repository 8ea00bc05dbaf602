import { actorId } from '#platform/audit';
import { leafText, type ShownEntry, UNREADABLE } from './shown-entry.ts';

/** The version of the Open Cybersecurity Schema Framework that events are written in. */
export const OCSF_VERSION = '1.1.0';

type Entry = NonNullable<ShownEntry['entry']>;

interface EventClass {
  readonly uid: number;
  readonly category: number;
  /** The verb of an action as an activity of the class; what is not here is 99, with the verb as its name. */
  readonly activities: Readonly<Record<string, number>>;
}

const CREATE = ['created', 'added', 'made', 'recorded', 'imported', 'kept', 'set', 'granted', 'filed'];
const READ = [
  'viewed',
  'listed',
  'searched',
  'read',
  'content-read',
  'resolved',
  'reference-resolved',
  'exported',
];
const UPDATE = ['changed', 'renamed', 'rotated', 'accepted', 'confirmed', 'settings-changed', 'reviewed'];
const DELETE = ['removed', 'dropped', 'deleted', 'withdrawn', 'revoked', 'retired', 'retracted', 'cancelled'];

const numbered = (...lists: readonly (readonly string[])[]) =>
  Object.fromEntries(lists.flatMap((verbs, at) => verbs.map((verb) => [verb, at + 1])));
const CRUD = numbered(CREATE, READ, UPDATE, DELETE);

const AUTHENTICATION: EventClass = {
  ...{ uid: 3002, category: 3 },
  activities: { started: 1, 'signed-in': 1, refused: 1, failed: 1, ended: 2, 'signed-out': 2 },
};
const ACCOUNT_CHANGE: EventClass = {
  ...{ uid: 3001, category: 3 },
  activities: { added: 1, enrolled: 2, removed: 6, 'factor-added': 10, 'factor-removed': 11 },
};
const ENTITY_MANAGEMENT: EventClass = { uid: 3004, category: 3, activities: CRUD };
const EMAIL_ACTIVITY: EventClass = {
  uid: 4009,
  category: 4,
  activities: { accepted: 1, delivered: 1, received: 2 },
};
const API_ACTIVITY: EventClass = { uid: 6003, category: 6, activities: CRUD };

/** What an action begins with, and the class of its events. What is not here is API Activity. */
const CLASSES: readonly (readonly [RegExp, EventClass])[] = [
  [/^session\.|^portal\.(signed|code|device|passkey)/, AUTHENTICATION],
  [/^(member|identity|factor|recovery-code|invitation)\./, ACCOUNT_CHANGE],
  [
    /^(policy|organisation|organisation-key|api-key|certificate|certificate-directory|trust-anchor|smime-settings|keys?|role|access-group|role-assignment|waiver|recipient|recipient-key|pdf-password|caregiver|text-gateway|inbound-host|domain|signing-certificate)(-[a-z]+)*\./,
    ENTITY_MANAGEMENT,
  ],
];

/** Email Activity demands sender and recipients (`email.from`, `email.to`): it is written where they may be shown. */
function classOf(entry: Entry, people: ShownEntry['people']): EventClass {
  const found = CLASSES.find(([pattern]) => pattern.test(entry.action))?.[1];
  if (found !== undefined) return found;
  const mail = /^(message\.accepted|delivery\.|inbound\.received)/.test(entry.action);
  return mail && people?.sender !== undefined && (people.recipients?.length ?? 0) > 0
    ? EMAIL_ACTIVITY
    : API_ACTIVITY;
}

const SEVERITY = { done: 1, refused: 2, failed: 3 } as const;

/** One event as an object of that schema. `raw_data` is the entry's own bytes. */
export function ocsfEvent(shown: ShownEntry, version: string, withLeaf: boolean): object {
  const { id, position, leaf, entry, people } = shown;
  const raw = withLeaf ? { raw_data: leafText(leaf) } : {};
  const metadata = {
    version: OCSF_VERSION,
    product: { name: 'Sealpost', vendor_name: 'Sealpost', version },
    uid: id,
    ...(position === null ? {} : { sequence: position }),
    log_name: 'audit',
    event_code: entry?.action ?? UNREADABLE,
  };
  if (entry === null) {
    return {
      activity_id: 0,
      category_uid: 0,
      class_uid: 0,
      type_uid: 0,
      severity_id: 4,
      time: 0,
      metadata,
      ...raw,
    };
  }
  const kind = classOf(entry, people);
  const verb = entry.action.slice(entry.action.lastIndexOf('.') + 1);
  const activity = kind.activities[verb] ?? 99;
  return {
    activity_id: activity,
    ...(activity === 99 ? { activity_name: verb } : {}),
    ...{ category_uid: kind.category, class_uid: kind.uid, type_uid: kind.uid * 100 + activity },
    ...{ severity_id: SEVERITY[entry.result], time: Date.parse(entry.time), message: entry.action, metadata },
    status_id: entry.result === 'done' ? 1 : 2,
    ...(entry.result === 'done' ? {} : { status_detail: String(entry.details['reason'] ?? entry.result) }),
    ...ofClass(kind, entry, people),
    unmapped: {
      subjects: entry.subjects,
      details: entry.details,
      request: entry.request,
      channel: entry.origin.channel,
    },
    ...raw,
  };
}

/** `type_id` of a user: 1 a person, 3 a system, 99 something else that `type` names. */
const USER_TYPES = { person: 1, recipient: 1, system: 3, 'api-key': 99 } as const;
const userOf = ({ actor }: Entry) => ({
  uid: actorId(actor),
  type: actor.kind,
  type_id: USER_TYPES[actor.kind],
});
const sourceOf = ({ origin }: Entry) =>
  origin.address === null ? { svc_name: `sealpost-${origin.channel}` } : { ip: origin.address };

/** What a class demands beside the ground that all have. */
function ofClass(kind: EventClass, entry: Entry, people: ShownEntry['people']): object {
  const actor = {
    user: userOf(entry),
    ...(entry.actor.kind === 'person' ? { session: { uid: entry.actor.session } } : {}),
  };
  const [subject] = entry.subjects;
  const src_endpoint = sourceOf(entry);
  switch (kind) {
    case AUTHENTICATION:
      return {
        user: userOf(entry),
        actor,
        src_endpoint,
        service: { name: `sealpost-${entry.origin.channel}` },
      };
    case ACCOUNT_CHANGE: {
      const target = entry.subjects.find((each) => each.kind === 'identity');
      return { actor, src_endpoint, user: target === undefined ? userOf(entry) : { uid: target.id } };
    }
    case ENTITY_MANAGEMENT: {
      const name = entry.action.slice(0, entry.action.indexOf('.'));
      return { actor, entity: { name, type: subject?.kind ?? name, uid: subject?.id ?? entry.organisation } };
    }
    case EMAIL_ACTIVITY:
      return {
        ...{ actor, src_endpoint, direction_id: entry.action.startsWith('inbound.') ? 1 : 2 },
        email: { from: people?.sender, to: people?.recipients },
      };
    default:
      return {
        ...{ actor, src_endpoint, api: { operation: entry.action, service: { name: 'sealpost' } } },
        resources: entry.subjects.map((each) => ({ type: each.kind, uid: each.id })),
      };
  }
}
