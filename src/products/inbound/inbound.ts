import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import type { Clock } from '#platform/runtime';
import {
  deleteInboundHost,
  findInbound,
  type InboundHostRow,
  inboundHost,
  inboundHosts,
  putInboundHost,
} from './inbound-host.store.ts';

export interface InboundPorts {
  readonly database: Database;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

/** Where the mail of organisations' domains is handed to after it came in. A domain without a host is not accepted. */
export interface Inbound {
  hosts(caller: Caller): Promise<readonly InboundHostRow[]>;
  /** Refusal `not-found` for a domain that is not the organisation's. */
  put(caller: Caller, domain: string, host: string, port: number): Promise<InboundHostRow>;
  /** Refusal `not-found`. */
  remove(caller: Caller, domain: string): Promise<void>;
  /** Whose mail a domain's is, where it is taken; kept for a few seconds. For the listener. */
  organisationOf(domain: string): Promise<OrganisationId | null>;
  /** Where its mail goes now; kept for a few seconds. For delivery. */
  hostOf(organisation: OrganisationId, domain: string): Promise<InboundHostRow | null>;
}

/** Also how long another process goes on with what was before. */
const KEPT_MS = 5_000;
/** Strangers ask for domains without end. */
const KEPT_MOST = 2_000;

export function createInbound(ports: InboundPorts): Inbound {
  const { database, clock } = ports;
  const owners = keeping<OrganisationId | null>(clock);
  const hosts = keeping<InboundHostRow | null>(clock);
  const forget = (organisation: OrganisationId, domain: string): void => {
    owners.drop(domain);
    hosts.drop(`${organisation} ${domain}`);
  };
  return {
    hosts: ({ organisation }) =>
      database.tenant([organisation], 'app', (tx) => inboundHosts(tx, organisation)),
    async put(caller, domain, host, port) {
      const { organisation, actor } = caller;
      const row = { domain, host, port, changed_by: actor, changed_at: clock.now() };
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await putInboundHost(tx, organisation, row))) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'inbound-host.set', { domain, host, port });
      });
      forget(organisation, domain);
      return row;
    },
    async remove(caller, domain) {
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await deleteInboundHost(tx, organisation, domain))) throw new Refusal('not-found');
        await onRecord(ports, tx, caller, 'inbound-host.removed', { domain });
      });
      forget(organisation, domain);
    },
    organisationOf: (domain) =>
      owners.get(domain, () => database.system('app', (tx) => findInbound(tx, domain))),
    hostOf: (organisation, domain) =>
      hosts.get(`${organisation} ${domain}`, () =>
        database.tenant([organisation], 'worker', async (tx) => {
          return (await inboundHost(tx, organisation, domain)) ?? null;
        }),
      ),
  };
}

/** Domains and hosts are the organisation's own and no PHI. */
async function onRecord(
  { audit }: InboundPorts,
  tx: Transaction,
  caller: Caller,
  action: string,
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  await audit.append(tx, {
    organisation: caller.organisation,
    action,
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects: [],
    details,
    sealedReference: null,
    request: caller.request,
  });
}

function keeping<T>(clock: Clock) {
  const kept = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return {
    get(name: string, ask: () => Promise<T>): Promise<T> {
      const held = kept.get(name);
      if (held !== undefined && held.until > clock.monotonic()) return held.value;
      const value = ask();
      const entry = { value, until: clock.monotonic() + KEPT_MS };
      kept.delete(name);
      kept.set(name, entry);
      // A fault is no answer.
      value.catch(() => kept.get(name) === entry && kept.delete(name));
      const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
      if (oldest?.done === false) kept.delete(oldest.value);
      return value;
    },
    drop(name: string): void {
      kept.delete(name);
    },
  };
}
