// The key that this browser proves itself with (docs/reference/sessions.md): made once, kept in IndexedDB, and never to be had
// by script: not ours, and not one that somebody got into the page.

const DATABASE = 'sealpost';
const STORE = 'keys';
const NAME = 'proof';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

interface ProofKey {
  readonly pair: CryptoKeyPair;
  /** Base64url of the public point. */
  readonly point: string;
}

let known: Promise<ProofKey | null> | undefined;
/** Server time less ours, in milliseconds. */
let ahead = 0;

/** The server has told its time: from now on proofs carry that. */
export function learnTime(serverTime: number): void {
  ahead = serverTime - Date.now();
}

/**
 * The headers that prove a request to come from this browser; none where the browser has no key (no secure context, or
 * storage forbidden): then the server refuses, and says why.
 */
export async function proofHeaders(
  method: string,
  path: string,
  csrf: string,
): Promise<Readonly<Record<string, string>>> {
  known ??= readKey().catch(() => null);
  const key = await known;
  if (key === null) return {};
  const at = Date.now() + ahead;
  const id = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const text = `sealpost proof v1\n${method}\n${at}\n${id}\n${csrf}\n${path}`;
  const signature = await crypto.subtle.sign(SIGNATURE, key.pair.privateKey, new TextEncoder().encode(text));
  return {
    'sealpost-proof': `${at}.${id}.${base64url(new Uint8Array(signature))}`,
    'sealpost-proof-key': key.point,
  };
}

async function readKey(): Promise<ProofKey> {
  const database = await openDatabase();
  const kept = await request<unknown>(database.transaction(STORE).objectStore(STORE).get(NAME));
  const pair = isPair(kept) ? kept : await makeKey(database);
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
  return { pair, point: base64url(new Uint8Array(raw)) };
}

async function makeKey(database: IDBDatabase): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const store = database.transaction(STORE, 'readwrite').objectStore(STORE);
  // Another tab may have been faster: whatever is kept by then is the key of all tabs.
  const kept = await request<unknown>(store.get(NAME));
  if (isPair(kept)) return kept;
  await request(store.put(made, NAME));
  return made;
}

function isPair(value: unknown): value is CryptoKeyPair {
  return value instanceof Object && 'privateKey' in value && value.privateKey instanceof CryptoKey;
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return request(opening);
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
  });
}

function base64url(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
