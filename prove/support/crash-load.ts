import { SubmissionClient, SubmissionRefused } from './submission-client.ts';
import type { SystemReady } from './system-spec.ts';

/** What must become of a recipient of the proof. */
export type Expected = 'delivered' | 'portal-waiting' | 'bounced';

export interface AcceptedMessage {
  readonly number: number;
  readonly id: string;
  readonly via: 'smtp' | 'api';
  /** Expected end by address. */
  readonly recipients: ReadonlyMap<string, Expected>;
}

/** The five temperaments of the main job, and the portal by class; each message has addresses of its own. */
function recipientsOf(number: number): { to: Map<string, Expected>; highClass: boolean } {
  const all: readonly (readonly [string, Expected])[] = [
    [`anna.${number}@good-tls.test`, 'delivered'],
    [`ben.${number}@no-tls.test`, 'portal-waiting'],
    [`carla.${number}@wrong-cert.test`, 'portal-waiting'],
    [`dan.${number}@slow.test`, 'delivered'],
    [`nobody.${number}@good-tls.test`, 'bounced'],
  ];
  if (number % 7 === 6) {
    // A class that TLS alone may not carry goes to the portal, whatever the peer can do.
    return { to: new Map([[`anna.${number}@good-tls.test`, 'portal-waiting']]), highClass: true };
  }
  if (number % 7 === 5) return { to: new Map(all), highClass: false };
  const [one] = all.slice(number % 7);
  return { to: new Map(one === undefined ? [] : [one]), highClass: false };
}

/** The present incarnation of the system, as the feeders see it. */
export interface Target {
  readonly ready: SystemReady;
  readonly secret: string;
  /** True once it is known to be dead. */
  gone: boolean;
}

export interface LoadState {
  readonly accepted: AcceptedMessage[];
  /** Sent by SMTP, and the connection broke before an answer: accepted or not, nobody was told. */
  unanswered: number;
  refused: number;
}

/**
 * Feeds messages until `wanted` were accepted, by SMTP and by API in turn. `mayGo` lets each round have its share;
 * `target` waits until a system is up. By API an unanswered request is repeated under its idempotency key until it is
 * answered; by SMTP it is given up, as nobody can tell.
 */
export async function feed(
  plan: {
    readonly wanted: number;
    readonly parallel: number;
    target(): Promise<Target>;
    mayGo(acceptedSoFar: number): Promise<void>;
  },
  state: LoadState,
): Promise<void> {
  let next = 0;
  let underWay = 0;
  const feeder = async (): Promise<void> => {
    let connection: { client: SubmissionClient; target: Target } | null = null;
    for (;;) {
      await plan.mayGo(state.accepted.length + underWay);
      if (state.accepted.length + underWay >= plan.wanted) {
        // Others may still fail; wait for them before going home.
        if (state.accepted.length >= plan.wanted) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const number = next;
      next += 1;
      underWay += 1;
      try {
        if (number % 2 === 0) connection = await bySmtp(plan.target, connection, number, state);
        else await byApi(plan.target, number, state);
      } finally {
        underWay -= 1;
      }
    }
    connection?.client.close();
  };
  await Promise.all(Array.from({ length: plan.parallel }, feeder));
}

async function bySmtp(
  target: () => Promise<Target>,
  kept: { client: SubmissionClient; target: Target } | null,
  number: number,
  state: LoadState,
): Promise<{ client: SubmissionClient; target: Target } | null> {
  const now = await target();
  let connection = kept !== null && kept.target === now ? kept : null;
  let begun = false;
  try {
    connection ??= {
      client: await SubmissionClient.open(now.ready.ports.submission ?? 0, userOf(now.secret), now.secret),
      target: now,
    };
    begun = true;
    const { to, highClass } = recipientsOf(number);
    const id = await connection.client.send(
      'staff@clinic.test',
      [...to.keys()],
      contentOf(number, highClass),
    );
    state.accepted.push({ number, id, via: 'smtp', recipients: to });
    return connection;
  } catch (error) {
    if (error instanceof SubmissionRefused) state.refused += 1;
    else if (begun) state.unanswered += 1;
    connection?.client.destroy();
    // A dead or restarting system: the next one is waited for; a living one gets a moment.
    await new Promise((resolve) => setTimeout(resolve, 30));
    return null;
  }
}

function userOf(secret: string): string {
  return secret.split('_')[1] ?? '';
}

function contentOf(number: number, highClass: boolean): string {
  return [
    'From: Staff <staff@clinic.test>',
    'To: undisclosed-recipients:;',
    `Subject: proof ${number}`,
    `Message-ID: <proof.${number}@clinic.test>`,
    ...(highClass ? ['X-Sealpost-Class: high'] : []),
    '',
    `This is message ${number} of the proof.`,
    '',
  ].join('\r\n');
}

async function byApi(target: () => Promise<Target>, number: number, state: LoadState): Promise<void> {
  const { to, highClass } = recipientsOf(number);
  const body = JSON.stringify({
    from: 'staff@clinic.test',
    to: [...to.keys()],
    subject: `proof ${number}`,
    text: `This is message ${number} of the proof.`,
    ...(highClass ? { class: 'high' } : {}),
  });
  for (;;) {
    const now = await target();
    try {
      const response = await fetch(`http://127.0.0.1:${now.ready.ports.http}/v1/messages`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${now.secret}`,
          'content-type': 'application/json',
          'idempotency-key': `proof-${number}`,
        },
        body,
        signal: AbortSignal.timeout(20_000),
      });
      const answer: unknown = await response.json();
      if (response.status === 202) {
        state.accepted.push({ number, id: idOf(answer), via: 'api', recipients: to });
        return;
      }
      state.refused += 1;
      // While the database restarts: 5xx. Anything else would be a mistake of the proof.
      if (response.status < 500 && response.status !== 409 && response.status !== 429)
        throw new TypeError(`the API answered ${response.status}: ${JSON.stringify(answer)}`);
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('the API answered')) throw error;
      // The connection broke: the same request again, to whoever serves next.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function idOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string')
    return answer.id;
  throw new TypeError('the API answered without an id');
}
