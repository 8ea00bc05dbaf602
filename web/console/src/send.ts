// Every request of the console goes through here: it is proven, and where the server asks for something first (another factor,
// a new sign-in, the right time) that is done and the request repeated, so that no page loses what was typed into it.
import { learnTime, proofHeaders } from './proof-key.ts';

/** What a person is asked for over the page; resolves with false when they would rather not. */
export interface Door {
  /** `rule`: the organisation's access rule that asks for it, where one does. */
  stepUp(rule: string | null): Promise<boolean>;
  signIn(rule: string | null): Promise<boolean>;
}

const MOST_TRIES = 4;
/** After so long without a key or a pointer nobody is taken to be at the page. */
const AWAY_MS = 60_000;

let csrf = '';
let whose = '';
let door: Door | null = null;
const asked = new Map<keyof Door, Promise<boolean>>();
let lastInput = Date.now();
let lastActive = Date.now();

for (const name of ['pointerdown', 'keydown', 'input', 'wheel'] as const) {
  globalThis.addEventListener?.(
    name,
    () => {
      lastInput = Date.now();
    },
    { passive: true, capture: true },
  );
}

/** Takes over a session: its CSRF value (kept in memory only) and whose it is. */
export function takeSession(value: string, person: string): void {
  csrf = value;
  whose = person;
}

export function forgetSession(): void {
  csrf = '';
  whose = '';
}

/** The page that can ask; returns how to take it back. */
export function openDoor(next: Door): () => void {
  door = next;
  return () => {
    if (door === next) door = null;
  };
}

/** When somebody was last at the page, and when the server last heard of it: milliseconds since 1970. */
export function activity(): { readonly input: number; readonly told: number } {
  return { input: lastInput, told: lastActive };
}

export async function send(request: Request): Promise<Response> {
  let answer = await once(request.clone());
  for (let tries = 1; tries < MOST_TRIES; tries += 1) {
    if (answer.response.status !== 401 && answer.response.status !== 403) break;
    if (!(await ready(answer, request))) break;
    answer = await once(request.clone());
  }
  return answer.response;
}

interface Sent {
  readonly response: Response;
  readonly csrf: string;
}

async function once(request: Request, used = csrf): Promise<Sent> {
  const { pathname } = new URL(request.url);
  for (const [name, value] of Object.entries(await proofHeaders(request.method, pathname, used))) {
    request.headers.set(name, value);
  }
  if (used === '') request.headers.delete('x-sealpost-csrf');
  else request.headers.set('x-sealpost-csrf', used);
  const away = Date.now() - lastInput > AWAY_MS;
  if (away) request.headers.set('sealpost-idle', '1');
  const response = await globalThis.fetch(request);
  if (!away && response.ok) lastActive = Date.now();
  return { response, csrf: used };
}

/** Does what the refusal asks for; true when the request can be sent again. */
async function ready(sent: Sent, request: Request): Promise<boolean> {
  const { code, reason, rule, serverTime } = await problemOf(sent.response);
  const { pathname } = new URL(request.url);
  if (reason === 'proof-time' && serverTime !== null) {
    learnTime(serverTime);
    return true;
  }
  if (reason === 'proof-unbound') return bound();
  if (code === 'step-up-required') return ask('stepUp', rule);
  // Another request, or another tab, has moved the session under a new cookie meanwhile.
  if (sent.csrf !== '' && sent.csrf !== csrf) return true;
  const mixed = reason === 'csrf' || reason === 'proof-signature' || reason === 'proof-replayed';
  if (sent.csrf !== '' && mixed) return refresh();
  if (code === 'not-authenticated' && reason === null && sent.csrf !== '' && behindSignIn(pathname)) {
    return (await refresh()) || ask('signIn');
  }
  return false;
}

function behindSignIn(path: string): boolean {
  return !/^\/v1\/(?:sign-in|setup|invitations)(?:\/|$)/.test(path);
}

let binding: Promise<boolean> | null = null;

/**
 * Binds the session of a sign-in that ended in a redirect to this browser's key: that must be done within a minute, and no value
 * for the header against forged requests is known before it (docs/reference/sessions.md).
 */
function bound(): Promise<boolean> {
  binding ??= once(new Request(new URL('/v1/session/key', globalThis.location.href), { method: 'POST' }), '')
    // 409: it is bound already, by another tab of this browser; if by another browser, the next answer says so.
    .then(({ response }) => response.ok || response.status === 409)
    .finally(() => {
      binding = null;
    });
  return binding;
}

/** One question, however many requests wait for its answer. */
function ask(what: keyof Door, rule: string | null = null): Promise<boolean> {
  if (door === null) return Promise.resolve(false);
  const pending = asked.get(what);
  if (pending !== undefined) return pending;
  const answer = door[what](rule).finally(() => asked.delete(what));
  asked.set(what, answer);
  return answer;
}

/** Reads the session anew. Where it has become somebody else's, the page starts afresh. */
async function refresh(): Promise<boolean> {
  const { response } = await once(new Request('/v1/session', { cache: 'no-store' }), '');
  const session: unknown = response.ok ? await response.json() : null;
  if (!isSession(session)) return false;
  if (`${session.identity.id} ${session.organisation.id}` !== whose) {
    globalThis.location.assign('/');
    return false;
  }
  csrf = session.csrf;
  return true;
}

interface SessionIds {
  readonly csrf: string;
  readonly identity: { readonly id: string };
  readonly organisation: { readonly id: string };
}

function isSession(value: unknown): value is SessionIds {
  return value instanceof Object && 'csrf' in value && 'identity' in value && 'organisation' in value;
}

async function problemOf(response: Response): Promise<{
  readonly code: string;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly serverTime: number | null;
}> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const read = (from: unknown, name: string): unknown =>
    from instanceof Object ? Reflect.get(from, name) : undefined;
  const parameters = read(body, 'parameters');
  const [reason, serverTime] = [read(parameters, 'reason'), read(parameters, 'serverTime')];
  const rule = read(parameters, 'rule');
  return {
    code: String(read(body, 'code')),
    reason: typeof reason === 'string' ? reason : null,
    rule: typeof rule === 'string' ? rule : null,
    serverTime: typeof serverTime === 'number' ? serverTime : null,
  };
}
