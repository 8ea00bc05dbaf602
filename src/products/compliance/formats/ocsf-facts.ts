/**
 * What the Open Cybersecurity Schema Framework 1.1.0 says of the classes and objects that audit entries are written as:
 * facts, put down by hand from its public definitions (classes base_event, authentication, account_change,
 * entity_management, email_activity, api_activity; the objects that these name). For the tests of the export.
 */
interface Shape {
  /** Attributes that it may have: what is not here is unknown to the schema. */
  readonly may: Readonly<Record<string, Kind>>;
  readonly must: readonly string[];
  readonly atLeastOne?: readonly string[];
}

type Kind =
  | 'text'
  | 'whole'
  | 'any'
  | 'texts'
  | readonly number[]
  | (() => Shape)
  | { readonly each: () => Shape };

const USER: Shape = {
  may: {
    ...{ uid: 'text', name: 'text', type: 'text', type_id: [0, 1, 2, 3, 99] },
    ...{ account: 'any', credential_uid: 'text', domain: 'text', email_addr: 'text', full_name: 'text' },
    ...{ groups: 'any', org: 'any', uid_alt: 'text' },
  },
  must: [],
  atLeastOne: ['account', 'name', 'uid'],
};
const SESSION: Shape = {
  may: {
    uid: 'text',
    created_time: 'whole',
    credential_uid: 'text',
    expiration_time: 'whole',
    issuer: 'text',
  },
  must: [],
};
const ACTOR: Shape = {
  may: {
    user: () => USER,
    session: () => SESSION,
    process: 'any',
    invoked_by: 'text',
    idp: 'any',
    authorizations: 'any',
  },
  must: [],
  atLeastOne: ['process', 'user', 'invoked_by', 'session'],
};
const ENDPOINT: Shape = {
  may: {
    ...{ ip: 'text', uid: 'text', name: 'text', hostname: 'text', svc_name: 'text', instance_uid: 'text' },
    ...{ interface_uid: 'text', interface_name: 'text', domain: 'text', port: 'whole', mac: 'text' },
  },
  must: [],
  atLeastOne: [
    ...['ip', 'uid', 'name', 'hostname', 'svc_name', 'instance_uid', 'interface_uid', 'interface_name'],
  ],
};
const SERVICE: Shape = {
  may: { name: 'text', uid: 'text', labels: 'texts', version: 'text' },
  must: [],
  atLeastOne: ['name', 'uid'],
};
const ENTITY: Shape = {
  may: { name: 'text', uid: 'text', type: 'text', version: 'text', data: 'any' },
  must: [],
  atLeastOne: ['name', 'uid'],
};
const RESOURCE: Shape = {
  may: {
    ...{ name: 'text', uid: 'text', type: 'text', labels: 'texts', data: 'any', version: 'text' },
    ...{ criticality: 'text', group: 'any', owner: () => USER, namespace: 'text' },
  },
  must: [],
};
const API: Shape = {
  may: { operation: 'text', service: () => SERVICE, request: 'any', response: 'any', version: 'text' },
  must: ['operation'],
};
const EMAIL: Shape = {
  may: {
    ...{
      from: 'text',
      to: 'texts',
      cc: 'texts',
      subject: 'text',
      message_uid: 'text',
      uid: 'text',
      size: 'whole',
    },
    ...{
      delivered_to: 'text',
      reply_to: 'text',
      smtp_from: 'text',
      smtp_to: 'texts',
      x_originating_ip: 'texts',
    },
  },
  must: ['from', 'to'],
};
const PRODUCT: Shape = {
  may: {
    name: 'text',
    vendor_name: 'text',
    version: 'text',
    uid: 'text',
    lang: 'text',
    path: 'text',
    url_string: 'text',
  },
  must: ['vendor_name'],
  atLeastOne: ['name', 'uid'],
};
const METADATA: Shape = {
  may: {
    ...{ version: 'text', product: () => PRODUCT, uid: 'text', sequence: 'whole', log_name: 'text' },
    ...{ log_provider: 'text', log_version: 'text', event_code: 'text', correlation_uid: 'text' },
    ...{
      labels: 'texts',
      logged_time: 'whole',
      original_time: 'text',
      processed_time: 'whole',
      profiles: 'texts',
    },
    ...{ tenant_uid: 'text' },
  },
  must: ['product', 'version'],
};

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** What every event may and must have. */
const EVERY: Shape = {
  may: {
    ...{
      activity_name: 'text',
      category_name: 'text',
      class_name: 'text',
      type_name: 'text',
      type_uid: 'whole',
    },
    ...{ severity: 'text', severity_id: [...range(0, 6), 99], status: 'text', status_id: [0, 1, 2, 99] },
    ...{ status_code: 'text', status_detail: 'text', message: 'text', raw_data: 'text', unmapped: 'any' },
    ...{ time: 'whole', start_time: 'whole', end_time: 'whole', timezone_offset: 'whole', count: 'whole' },
    ...{ metadata: () => METADATA, observables: 'any', enrichments: 'any', duration: 'whole' },
  },
  must: ['activity_id', 'category_uid', 'class_uid', 'severity_id', 'time', 'type_uid', 'metadata'],
};

const CRUD = [0, 1, 2, 3, 4, 99];

interface EventShape extends Shape {
  readonly category: number;
  readonly activities: readonly number[];
}

/** Classes by their uid. */
export const OCSF_CLASSES: Readonly<Record<number, EventShape>> = {
  0: { category: 0, activities: [0, 99], may: {}, must: [] },
  3001: {
    ...{ category: 3, activities: [...range(0, 11), 99] },
    may: {
      actor: () => ACTOR,
      src_endpoint: () => ENDPOINT,
      user: () => USER,
      user_result: () => USER,
      policy: 'any',
    },
    must: ['user'],
  },
  3002: {
    ...{ category: 3, activities: [...range(0, 5), 99] },
    may: {
      ...{ actor: () => ACTOR, user: () => USER, session: () => SESSION, src_endpoint: () => ENDPOINT },
      ...{ dst_endpoint: () => ENDPOINT, service: () => SERVICE, is_mfa: 'any', logon_type_id: 'whole' },
    },
    must: ['user'],
    atLeastOne: ['service', 'dst_endpoint'],
  },
  3004: {
    ...{ category: 3, activities: CRUD },
    may: { actor: () => ACTOR, entity: () => ENTITY, entity_result: () => ENTITY, comment: 'text' },
    must: ['entity'],
  },
  4009: {
    ...{ category: 4, activities: [0, 1, 2, 3, 99] },
    may: {
      ...{
        actor: () => ACTOR,
        src_endpoint: () => ENDPOINT,
        dst_endpoint: () => ENDPOINT,
        email: () => EMAIL,
      },
      ...{ direction_id: [0, 1, 2, 3, 99], direction: 'text', smtp_hello: 'text', attempt: 'whole' },
    },
    must: ['direction_id', 'email'],
  },
  6003: {
    ...{ category: 6, activities: CRUD },
    may: {
      ...{ actor: () => ACTOR, api: () => API, src_endpoint: () => ENDPOINT, dst_endpoint: () => ENDPOINT },
      resources: { each: () => RESOURCE },
    },
    must: ['actor', 'api', 'src_endpoint'],
  },
};

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of an event is not as the schema says; empty when nothing is. */
export function ocsfProblems(event: unknown): string[] {
  if (!isFields(event)) return ['no object'];
  const kind = OCSF_CLASSES[Number(event['class_uid'])];
  if (kind === undefined) return [`class_uid ${String(event['class_uid'])} is unknown`];
  const found = shapeProblems('', event, {
    may: {
      ...EVERY.may,
      activity_id: kind.activities,
      category_uid: [kind.category],
      class_uid: 'whole',
      ...kind.may,
    },
    must: [...EVERY.must, ...kind.must],
    ...(kind.atLeastOne === undefined ? {} : { atLeastOne: kind.atLeastOne }),
  });
  const type = Number(event['class_uid']) * 100 + Number(event['activity_id']);
  if (event['type_uid'] !== type) found.push(`type_uid is not ${type}`);
  // An activity that is another than those of the class says which.
  if (event['activity_id'] === 99 && event['activity_name'] === undefined)
    found.push('activity_name is missing');
  return found;
}

function shapeProblems(path: string, value: Fields, { may, must, atLeastOne }: Shape): string[] {
  const missing = must.filter((name) => value[name] === undefined).map((name) => `${path}${name} is missing`);
  const none = atLeastOne?.every((name) => value[name] === undefined) ?? false;
  return [
    ...missing,
    ...(none ? [`${path} has none of ${atLeastOne?.join(', ')}`] : []),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const kind = may[name];
      return kind === undefined ? [`${path}${name} is unknown`] : kindProblems(`${path}${name}`, inner, kind);
    }),
  ];
}

function kindProblems(path: string, value: unknown, kind: Kind): string[] {
  const unless = (good: boolean): string[] => (good ? [] : [`${path} is of another type`]);
  if (kind === 'any') return [];
  if (kind === 'text') return unless(typeof value === 'string');
  if (kind === 'whole') return unless(Number.isSafeInteger(value));
  if (kind === 'texts') return unless(Array.isArray(value) && value.every((one) => typeof one === 'string'));
  if (typeof kind === 'function') {
    return isFields(value) ? shapeProblems(`${path}.`, value, kind()) : unless(false);
  }
  if ('each' in kind) {
    if (!Array.isArray(value)) return unless(false);
    return value.flatMap((one: unknown) => kindProblems(`${path}[]`, one, kind.each));
  }
  return kind.some((allowed) => allowed === value) ? [] : [`${path} is none of ${kind.join(', ')}`];
}
