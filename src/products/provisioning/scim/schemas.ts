// What SCIM says of itself (RFC 7643 §5 to §7), and the attributes that are kept. What is not here is not kept.

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/** Most resources of one answer. */
export const MOST_RESULTS = 1_000;

export interface AttributeDefinition {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable';
  readonly returned: 'always' | 'default';
  readonly uniqueness: 'none' | 'server';
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
}

function attribute(
  name: string,
  description: string,
  more: Partial<AttributeDefinition> = {},
): AttributeDefinition {
  return {
    ...{ name, type: 'string', multiValued: false, description, required: false, caseExact: false },
    ...{ mutability: 'readWrite', returned: 'default', uniqueness: 'none', ...more },
  };
}

const readOnly = { mutability: 'readOnly' } as const;

function labelled(name: string, description: string): AttributeDefinition {
  return attribute(name, description, {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'The value itself.'),
      attribute('type', 'What it is for, such as work.'),
      attribute('primary', 'Whether it is the one to use first.', { type: 'boolean' }),
    ],
  });
}

const USER_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('userName', 'Mail address that the person signs in with, on a domain of the organisation.', {
    required: true,
    uniqueness: 'server',
  }),
  attribute('name', 'Parts of the name.', {
    type: 'complex',
    subAttributes: [
      attribute('formatted', 'The whole name.'),
      attribute('familyName', 'Family name.'),
      attribute('givenName', 'Given name.'),
    ],
  }),
  attribute('displayName', 'Name that colleagues see.'),
  attribute('locale', 'Language of the person’s pages, such as en or es.'),
  attribute('active', 'Whether the person may sign in. False ends all access at once.', { type: 'boolean' }),
  labelled('emails', 'Mail addresses.'),
  labelled('phoneNumbers', 'Telephone numbers.'),
  attribute('groups', 'Groups of this directory that the person is in.', {
    type: 'complex',
    multiValued: true,
    ...readOnly,
    subAttributes: [
      attribute('value', 'Id of the group.', readOnly),
      attribute('$ref', 'Address of the group.', {
        type: 'reference',
        referenceTypes: ['Group'],
        ...readOnly,
      }),
      attribute('display', 'Name of the group.', readOnly),
      attribute('type', 'Always direct.', readOnly),
    ],
  }),
];

const GROUP_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('displayName', 'Name of the group.', { required: true, uniqueness: 'server' }),
  attribute('members', 'People of the group.', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'Id of the person.', { mutability: 'immutable' }),
      attribute('$ref', 'Address of the person.', {
        ...{ type: 'reference', referenceTypes: ['User'], mutability: 'immutable' },
      }),
      attribute('type', 'Always User.', { mutability: 'immutable' }),
    ],
  }),
];

export interface ResourceDefinition {
  readonly schema: string;
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
  /** In lower case: attributes of the standard that clients may send and nothing here keeps. */
  readonly notKept: ReadonlySet<string>;
}

export const USERS: ResourceDefinition = {
  schema: USER,
  name: 'User',
  endpoint: '/Users',
  description: 'A member of staff',
  attributes: USER_ATTRIBUTES,
  notKept: new Set(
    `nickname profileurl title usertype preferredlanguage timezone password ims photos addresses entitlements roles
     x509certificates employeenumber costcenter organization division department manager`.split(/\s+/),
  ),
};

export const GROUPS: ResourceDefinition = {
  schema: GROUP,
  name: 'Group',
  endpoint: '/Groups',
  description: 'A group of staff, to which roles can be given',
  attributes: GROUP_ATTRIBUTES,
  notKept: new Set(),
};

export const RESOURCES = [USERS, GROUPS] as const;

const EXTERNAL_ID = attribute('externalId', 'What the directory calls it.', { caseExact: true });

/** The attributes that a client may write, by name in lower case. */
export function writable(resource: ResourceDefinition): ReadonlyMap<string, AttributeDefinition> {
  const own = resource.attributes.filter(({ mutability }) => mutability !== 'readOnly');
  return new Map([EXTERNAL_ID, ...own].map((one) => [one.name.toLowerCase(), one]));
}

export function schemaView(resource: ResourceDefinition, base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: resource.schema,
    name: resource.name,
    description: resource.description,
    attributes: resource.attributes,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${resource.schema}` },
  };
}

export function resourceTypeView(resource: ResourceDefinition, base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: resource.name,
    name: resource.name,
    endpoint: resource.endpoint,
    description: resource.description,
    schema: resource.schema,
    schemaExtensions: [],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${resource.name}` },
  };
}

/** RFC 7643 §5. */
export function serviceView(base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'API key',
        description: 'An API key of the organisation that holds provisioning:sync, as bearer token.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}
