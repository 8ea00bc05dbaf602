import type { Caller } from '#core/actor';
import { PERMISSIONS } from '#core/actor';
import type { ApiKeyId, MessageId, OrganisationId } from '#core/ids';
import { parseAddress } from '#platform/mail';
import { deliveriesOf, messagesById, openMessageRow } from '#platform/record';
import { type Config, type Logger, newId } from '#platform/runtime';
import type { Sandbox } from '#sandbox';
import { openSystem, type SystemHooks, type SystemParts } from '../../src/system/open-system.ts';
import { prepareOrganisation } from '../../src/system/prepare-organisation.ts';

/** The road without HTTP or SMTP in front: an organisation, its caller, and what became of a message. */
export interface RoadForTest {
  readonly parts: SystemParts;
  readonly organisation: OrganisationId;
  readonly caller: Caller;
  submit(from: string, to: readonly string[], content: Buffer): Promise<{ readonly id: MessageId }>;
  /** Resolves when no delivery of the message is queued or deferred any more. */
  waitForEnds(
    id: MessageId,
    timeoutMs: number,
  ): Promise<Record<string, { readonly state: string; readonly method: string | null }>>;
  sandbox(): Sandbox;
  close(): Promise<void>;
}

async function foundOrganisation(parts: SystemParts): Promise<OrganisationId> {
  const id = newId() as OrganisationId;
  const { database, keyring, access } = parts.foundation;
  await database.tenant([id], 'app', async (tx) => {
    await access.organisations.create(tx, { id, name: 'Clinic', slug: 'clinic', domain: 'clinic.test' });
    const actor = { kind: 'system', component: 'test' } as const;
    await prepareOrganisation(
      { keyring, policies: parts.policies, ownKeys: parts.pgp.ownKeys },
      tx,
      id,
      'clinic.test',
      actor,
    );
  });
  return id;
}

export async function startRoadForTest(
  config: Config,
  logger: Logger,
  hooks: Partial<SystemHooks> = {},
): Promise<RoadForTest> {
  const parts = await openSystem(config, logger, { reach: () => undefined, ...hooks });
  parts.startWorker();
  const organisation = await foundOrganisation(parts);
  const caller: Caller = {
    organisation,
    actor: { kind: 'api-key', apiKey: newId() as ApiKeyId },
    origin: { address: null, channel: 'api' },
    permissions: new Set(PERMISSIONS),
    request: 'test',
  };
  const address = (text: string) => {
    const parsed = parseAddress(text);
    if (!parsed) throw new Error('not an address');
    return parsed;
  };
  const { database, vault } = parts.foundation;
  const ends = async (id: MessageId) =>
    database.tenant([organisation], 'app', async (tx) => {
      const [row] = await messagesById(tx, [id]);
      if (!row) throw new Error('message not found');
      const { key } = await openMessageRow(vault, row);
      const rows = await deliveriesOf(tx, [id]);
      return rows.map((one) => ({
        to: vault.openText(key, { organisation, field: 'delivery.recipient', row: one.id }, one.recipient),
        state: one.state,
        method: one.method,
      }));
    });
  return {
    parts,
    organisation,
    caller,
    submit: (from, to, content) =>
      parts.intake.submit(caller, { sender: address(from), recipients: to.map(address) }, content, {
        source: 'api',
      }),
    async waitForEnds(id, timeoutMs) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const rows = await ends(id);
        const open = rows.filter((one) => one.state === 'queued' || one.state === 'deferred');
        if (open.length === 0) {
          return Object.fromEntries(rows.map(({ to, state, method }) => [to, { state, method }]));
        }
        if (Date.now() > until) throw new Error(`still open after ${timeoutMs} ms: ${open.length}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    sandbox() {
      const sandbox = parts.world.sandbox();
      if (!sandbox) throw new Error('not in sandbox mode');
      return sandbox;
    },
    close: () => parts.close(),
  };
}
