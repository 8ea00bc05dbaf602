/** Where a file stands in the house. */
export type Place =
  | { readonly kind: 'core' }
  | { readonly kind: 'platform' | 'stage' | 'product'; readonly room: string }
  | { readonly kind: 'conveyor' }
  | { readonly kind: 'sandbox' }
  /** main.ts and what it is cut into: the only code that wires rooms together. */
  | { readonly kind: 'wiring' }
  | { readonly kind: 'web'; readonly room: string }
  | { readonly kind: 'client' }
  /** Tests, proofs, benchmarks, scripts: may look everywhere, and nobody may import them. */
  | { readonly kind: 'outside' };

/** Platform rooms bottom up: each may import those before it. */
export const PLATFORM_ORDER = [
  'runtime',
  'net',
  'database',
  'vault',
  'blobs',
  'audit',
  'keyring',
  'federation',
  'access',
  'mail',
  'proof',
  'record',
  'text',
  'pdf',
  'http',
] as const;

/** Products that other products may use. */
const SHARED_PRODUCTS = ['contacts', 'segments'];

/** Foreign libraries and the rooms that may open them; `*` is everywhere in the server. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  zod: ['*'],
  pg: ['platform/database'],
  'pg-copy-streams': ['platform/database'],
  fastify: ['platform/http'],
  '@fastify/cookie': ['platform/http'],
  '@fastify/formbody': ['platform/http'],
  '@fastify/multipart': ['platform/http'],
  '@fastify/static': ['platform/http'],
  '@fastify/swagger': ['platform/http'],
  'fastify-type-provider-zod': ['platform/http'],
  'smtp-server': ['journey/1-intake', 'sandbox'],
  nodemailer: ['platform/net'],
  mailauth: ['journey/1-intake', 'journey/5-deliver'],
  'postal-mime': ['platform/mail'],
  tldts: ['platform/mail'],
  '@zone-eu/mailsplit': ['platform/mail'],
  'dns-packet': ['platform/net', 'sandbox'],
  'ipaddr.js': ['platform/net', 'platform/access'],
  '@peculiar/x509': ['platform/keyring', 'sandbox'],
  '@simplewebauthn/server': ['platform/access'],
  otplib: ['platform/access'],
  'openid-client': ['platform/federation'],
  jose: ['platform/federation', 'platform/access'],
  'mmdb-lib': ['platform/net'],
  '@node-saml/node-saml': ['platform/federation'],
  '@xmldom/xmldom': ['platform/federation'],
  'xml-encryption': ['platform/federation'],
  'reflect-metadata': ['platform/keyring', 'sandbox'],
  openpgp: ['platform/keyring'],
  qrcode: ['products/organisations'],
  '@cantoo/pdf-lib': ['platform/pdf'],
  '@hyzyla/pdfium': ['platform/pdf'],
  pngjs: ['platform/pdf'],
  fontkit: ['platform/pdf'],
  'dejavu-fonts-ttf': ['platform/pdf'],
  'prom-client': ['system'],
};

/** Tests, what only tests use beside them, and what only developers of the console run. */
const TEST_CODE = /(\.test\.tsx?|[/-](test-kit|fixture)\.ts)$|^web\/[^/]+\/dev\//;

/** The place of a path relative to the root. */
export function placeOf(path: string): Place {
  const parts = path.split('/');
  const [top, second, third] = parts;
  if (TEST_CODE.test(path)) return { kind: 'outside' };
  if (top === 'web' && second !== undefined) return { kind: 'web', room: second };
  if (top === 'client') return { kind: 'client' };
  if (top !== 'src') return { kind: 'outside' };
  switch (second) {
    case 'core':
      return { kind: 'core' };
    case 'platform':
      return { kind: 'platform', room: third ?? '' };
    case 'journey':
      return third === 'conveyor' ? { kind: 'conveyor' } : { kind: 'stage', room: third ?? '' };
    case 'products':
      return { kind: 'product', room: third ?? '' };
    case 'sandbox':
      return { kind: 'sandbox' };
    default:
      return { kind: 'wiring' };
  }
}

/** A room's name as the doors list it. */
export function roomName(place: Place): string {
  switch (place.kind) {
    case 'platform':
      return `platform/${place.room}`;
    case 'stage':
      return `journey/${place.room}`;
    case 'product':
      return `products/${place.room}`;
    case 'web':
      return `web/${place.room}`;
    case 'conveyor':
      return 'journey/conveyor';
    case 'wiring':
      return 'system';
    default:
      return place.kind;
  }
}

const same = (a: Place, b: Place): boolean => roomName(a) === roomName(b);

/** Why `from` may not import `to`; null when it may. The codes are those that the fixtures name. */
export function refuseImport(from: Place, to: Place): string | null {
  if (from.kind === 'outside' || same(from, to)) return null;
  if (to.kind === 'outside') return 'imports-tests';
  if (from.kind === 'web')
    return to.kind === 'client' || roomName(to) === 'web/ui' ? null : 'web-imports-server';
  if (to.kind === 'web' || from.kind === 'client' || to.kind === 'client') return 'server-imports-web';
  if (from.kind === 'wiring') return null;
  if (to.kind === 'wiring') return 'imports-wiring';
  if (from.kind === 'core') return 'core-imports-ours';
  if (to.kind === 'core') return null;
  if (to.kind === 'sandbox') return 'imports-sandbox';
  if (from.kind === 'platform') return refuseInPlatform(from.room, to);
  if (to.kind === 'platform') return null;
  if (from.kind === 'stage') return to.kind === 'stage' ? 'stage-imports-stage' : 'stage-imports-up';
  if (from.kind === 'conveyor') return 'conveyor-imports-up';
  if (from.kind === 'sandbox') return 'sandbox-imports-up';
  if (to.kind !== 'product') return 'product-imports-journey';
  return SHARED_PRODUCTS.includes(to.room) ? null : 'product-imports-product';
}

function refuseInPlatform(from: string, to: Place): string | null {
  if (to.kind !== 'platform') return 'platform-imports-up';
  const order: readonly string[] = PLATFORM_ORDER;
  const [mine, theirs] = [order.indexOf(from), order.indexOf(to.room)];
  if (mine < 0 || theirs < 0) return 'unknown-platform-room';
  return theirs < mine ? null : 'platform-imports-up';
}
