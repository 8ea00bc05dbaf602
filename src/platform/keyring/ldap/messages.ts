// The few messages of LDAP (RFC 4511) that a search for certificates needs. Values go out as octets of their own
// elements: there is no filter in text (RFC 4515), so there is nothing that a value could break out of.
import {
  childrenOf,
  DerBroken,
  type DerNode,
  expectTag,
  readDer,
  readOctets,
  readSmall,
} from '../der/read.ts';
import { der, octetString, sequence, smallInteger } from '../der/write.ts';

const START_TLS = '1.3.6.1.4.1.1466.20037';
const VERSION = 3;
const SUBTREE = 2;
const NEVER_ALIASES = 0;

const text = (value: string): Buffer => octetString(Buffer.from(value, 'utf8'));
const enumerated = (value: number): Buffer => der(0x0a, Buffer.from([value]));

const message = (id: number, operation: Buffer): Buffer => sequence(smallInteger(id), operation);

/** Simple bind (RFC 4511 §4.2). Both must hold something: an empty password would be no authentication (RFC 4513 §5.1.2). */
export function bindRequest(id: number, name: string, password: string): Buffer {
  const simple = der(0x80, Buffer.from(password, 'utf8'));
  return message(id, der(0x60, smallInteger(VERSION), text(name), simple));
}

/** RFC 4511 §4.14. */
export function startTlsRequest(id: number): Buffer {
  return message(id, der(0x77, der(0x80, Buffer.from(START_TLS, 'latin1'))));
}

/** RFC 4511 §4.3. */
export function unbindRequest(id: number): Buffer {
  return message(id, der(0x42));
}

export interface SearchRequest {
  readonly base: string;
  /** The attribute must equal the value; a `*` in it is a star and nothing else. */
  readonly attribute: string;
  readonly value: string;
  readonly attributes: readonly string[];
  /** Entries. */
  readonly sizeLimit: number;
  /** Seconds. */
  readonly timeLimit: number;
}

/** A search of the whole subtree that follows no alias (RFC 4511 §4.5.1). */
export function searchRequest(id: number, wanted: SearchRequest): Buffer {
  const equals = der(0xa3, text(wanted.attribute), text(wanted.value));
  const all = der(0x01, Buffer.from([0]));
  return message(
    id,
    der(
      0x63,
      text(wanted.base),
      enumerated(SUBTREE),
      enumerated(NEVER_ALIASES),
      smallInteger(wanted.sizeLimit),
      smallInteger(wanted.timeLimit),
      all,
      equals,
      sequence(...wanted.attributes.map(text)),
    ),
  );
}

/** Bind by the certificate of the TLS connection (RFC 4513 §5.2.3). */
export function externalBindRequest(id: number): Buffer {
  return message(id, der(0x60, smallInteger(VERSION), text(''), der(0xa3, text('EXTERNAL'))));
}

/** RFC 2696. */
const PAGED_RESULTS = '1.2.840.113556.1.4.319';
/** Seconds that the server may work on one page. */
const PAGE_SECONDS = 60;

export interface PagedSearch {
  readonly base: string;
  /** An element of its own: see filter-text.ts. */
  readonly filter: Buffer;
  readonly attributes: readonly string[];
  readonly pageSize: number;
  /** What the server gave with the page before; empty at first. */
  readonly cookie: Buffer;
}

/** One page of a search of the whole subtree; a server that cannot give pages must refuse it. */
export function pagedSearchRequest(id: number, wanted: PagedSearch): Buffer {
  const search = der(
    0x63,
    text(wanted.base),
    enumerated(SUBTREE),
    enumerated(NEVER_ALIASES),
    smallInteger(0),
    smallInteger(PAGE_SECONDS),
    der(0x01, Buffer.from([0])),
    wanted.filter,
    sequence(...wanted.attributes.map(text)),
  );
  const value = sequence(smallInteger(wanted.pageSize), octetString(wanted.cookie));
  const control = sequence(text(PAGED_RESULTS), der(0x01, Buffer.from([0xff])), octetString(value));
  return sequence(smallInteger(id), search, der(0xa0, control));
}

export interface Attribute {
  /** Lower case, without options such as `;binary`. */
  readonly type: string;
  readonly values: readonly Buffer[];
  /** Only a part of the values: the server gives the rest on demand. */
  readonly partial: boolean;
}

export type Answer =
  | {
      readonly kind: 'entry';
      readonly id: number;
      /** Distinguished name. */
      readonly name: string;
      readonly attributes: readonly Attribute[];
    }
  /** Where else to look (RFC 4511 §4.5.3): never followed. */
  | { readonly kind: 'reference'; readonly id: number }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly of: 'bind' | 'search' | 'extended';
      /** RFC 4511 appendix A. */
      readonly code: number;
      /** For the next page; null where the server says nothing of pages, empty after the last one. */
      readonly cookie: Buffer | null;
    };

const RESULTS: Readonly<Record<number, (Answer & { kind: 'result' })['of']>> = {
  97: 'bind',
  101: 'search',
  120: 'extended',
};

/** Reads one LDAPMessage. What a server says in words (diagnosticMessage, matchedDN) is not read. Throws DerBroken. */
export function readAnswer(octets: Buffer): Answer {
  const [idNode, operation, controls] = childrenOf(expectTag(readDer(octets, 'ber'), 0x30), 'ber');
  const id = readSmall(idNode);
  if (operation === undefined) throw new DerBroken('a message without operation');
  if (operation.tag === 0x64) {
    return { kind: 'entry', id, name: readName(operation), attributes: readAttributes(operation) };
  }
  if (operation.tag === 0x73) return { kind: 'reference', id };
  const of = RESULTS[operation.tag];
  if (of === undefined) throw new DerBroken('another operation than expected');
  const [code] = childrenOf(operation, 'ber');
  const { contents } = expectTag(code, 0x0a);
  if (contents.length !== 1) throw new DerBroken('a result code out of range');
  return { kind: 'result', id, of, code: contents.readUInt8(0), cookie: readCookie(controls) };
}

function readName(entry: DerNode): string {
  return readOctets(childrenOf(entry, 'ber')[0]).toString('utf8');
}

function readCookie(controls: DerNode | undefined): Buffer | null {
  if (controls === undefined || controls.tag !== 0xa0) return null;
  for (const control of childrenOf(controls, 'ber')) {
    const parts = childrenOf(expectTag(control, 0x30), 'ber');
    if (readOctets(parts[0]).toString('latin1') !== PAGED_RESULTS) continue;
    const value = readDer(readOctets(parts.at(-1)), 'ber');
    return readOctets(childrenOf(expectTag(value, 0x30), 'ber')[1]);
  }
  return null;
}

function readAttributes(entry: DerNode): Attribute[] {
  const [, list] = childrenOf(entry, 'ber');
  return childrenOf(expectTag(list, 0x30), 'ber').map((one) => {
    const [type, values] = childrenOf(expectTag(one, 0x30), 'ber');
    const [name = '', ...options] = readOctets(type).toString('latin1').toLowerCase().split(';');
    return {
      type: name,
      partial: options.some((option) => /^range=\d+-\d+$/.test(option)),
      values: childrenOf(expectTag(values, 0x31), 'ber').map((value) => readOctets(value)),
    };
  });
}
