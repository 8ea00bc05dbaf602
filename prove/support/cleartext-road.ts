import { type Caller, PERMISSIONS } from '#core/actor';
import type { ApiKeyId, MessageId, OrganisationId } from '#core/ids';
import { parseAddress } from '#platform/mail';
import { deliveriesOf, messagesById, openMessageRow } from '#platform/record';
import { type Config, newId, silentLogger } from '#platform/runtime';
import type { Sandbox } from '#sandbox';
import { loadCopy } from '../../src/products/portal/copy.store.ts';
import { contentBinding } from '../../src/products/portal/summary.ts';
import { openSystem, type SystemParts } from '../../src/system/open-system.ts';
import { prepareOrganisation } from '../../src/system/prepare-organisation.ts';

/** Said to nobody on a path that is not verified. */
export const ORGANISATION_NAME = 'Riverbend Dialysis';

export interface ProvedRoad {
  readonly parts: SystemParts;
  readonly sandbox: Sandbox;
  submit(to: readonly string[], content: Buffer): Promise<MessageId>;
  /** Waits until nothing is queued any more, notices included. */
  settle(timeoutMs: number): Promise<void>;
  ends(id: MessageId): Promise<readonly RecipientEnd[]>;
  /** The portal's copy, opened; null where there is none. */
  portalCopy(id: MessageId): Promise<Buffer | null>;
  close(): Promise<void>;
}

export interface RecipientEnd {
  readonly to: string;
  readonly state: string;
  readonly attempts: readonly {
    readonly method: string;
    readonly result: string;
    readonly tlsVersion: string | null;
    readonly authenticatedBy: string;
  }[];
}

/** The production composition in sandbox mode, in this process, with an organisation of its own. */
export async function openProvedRoad(config: Config): Promise<ProvedRoad> {
  const parts = await openSystem(config, silentLogger, { reach: () => undefined, volatile: true });
  const { database, keyring, access, vault, blobs } = parts.foundation;
  const organisation = newId() as OrganisationId;
  await database.tenant([organisation], 'app', async (tx) => {
    const actor = { kind: 'system', component: 'proof' } as const;
    await access.organisations.create(tx, {
      id: organisation,
      name: ORGANISATION_NAME,
      slug: 'riverbend',
      domain: 'clinic.test',
    });
    await prepareOrganisation(
      { keyring, policies: parts.policies, ownKeys: parts.pgp.ownKeys },
      tx,
      organisation,
      'clinic.test',
      actor,
    );
  });
  parts.startWorker();
  const caller: Caller = {
    organisation,
    actor: { kind: 'api-key', apiKey: newId() as ApiKeyId },
    origin: { address: null, channel: 'api' },
    permissions: new Set(PERMISSIONS),
    request: 'proof',
  };
  const address = (text: string) => {
    const parsed = parseAddress(text);
    if (parsed === null) throw new TypeError('not an address');
    return parsed;
  };
  const sandbox = parts.world.sandbox();
  if (sandbox === null) throw new Error('not in sandbox mode');
  return {
    parts,
    sandbox,
    async submit(to, content) {
      const envelope = { sender: address('staff@clinic.test'), recipients: to.map(address) };
      return (await parts.intake.submit(caller, envelope, content, { source: 'api' })).id;
    },
    async settle(timeoutMs) {
      const giveUpAt = performance.now() + timeoutMs;
      // An empty queue, seen twice: an outcome that is being committed may still add a notice.
      for (let empty = 0; empty < 2; ) {
        const depth = await parts.foundation.record.queueDepth();
        empty = depth.length === 0 ? empty + 1 : 0;
        if (performance.now() > giveUpAt) throw new Error('the queue does not become empty');
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    },
    ends: (id) =>
      database.tenant([organisation], 'app', async (tx) => {
        const [row] = await messagesById(tx, [id]);
        if (row === undefined) throw new Error('an accepted message is not there');
        const { key } = await openMessageRow(vault, row);
        const rows = await deliveriesOf(tx, [id]);
        return Promise.all(
          rows.map(async (one) => ({
            to: vault.openText(
              key,
              { organisation, field: 'delivery.recipient', row: one.id },
              one.recipient,
            ),
            state: one.state,
            attempts: await tx.query<RecipientEnd['attempts'][number]>({
              text: `select method, result, tls_version as "tlsVersion", authenticated_by as "authenticatedBy"
                from sealpost.attempt where delivery = $1`,
              values: [one.id],
            }),
          })),
        );
      }),
    async portalCopy(id) {
      const row = await database.tenant([organisation], 'app', (tx) => loadCopy(tx, id));
      if (row === undefined) return null;
      const key = await vault.openObjectKey(organisation, row.objectKey);
      const binding = contentBinding(organisation, row.id);
      if (row.content !== null) return vault.open(key, binding, row.content);
      if (row.blob === null) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of vault.openStream(key, binding, blobs.read(row.blob))) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    close: () => parts.close(),
  };
}
