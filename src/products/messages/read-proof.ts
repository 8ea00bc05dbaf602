import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { DeliveryId } from '#core/ids';
import type { ProofRecord } from '#core/proof';
import { hasAccess } from '#platform/access';
import type { Transaction } from '#platform/database';
import { encodeProofFile } from '#platform/proof';
import { deliveryById, latestProof, type ProofViewRow } from '#platform/record';
import type { MessagePorts } from './ports.ts';
import { findMessage } from './read-messages.ts';
import { recordAccess } from './record-access.ts';

/** The newest proof of protection of a delivery, with the public key that verifies it (base64 SPKI). */
export async function readProof(ports: MessagePorts, caller: Caller, id: DeliveryId) {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    await requireDelivery(ports, tx, caller, id);
    const proof = await latestProof(tx, id);
    const publicKey = proof ? await ports.proofKey(tx, caller.organisation, proof.key) : null;
    if (!proof || publicKey === null) throw new Refusal('not-found');
    await recordAccess(ports, tx, caller, 'proof.viewed', [{ kind: 'delivery', id }], {});
    return { record: proof.record, signature: proof.signature, keyId: proof.key, publicKey };
  });
}

/** Who is named in an export: nobody, or the recipient (in the report with the message's subject). */
export type Naming = 'hashed' | 'named';

/** A proof as it leaves the house. */
export interface ExportedProof {
  readonly record: ProofRecord;
  /** The octets of the proof file. */
  readonly file: Buffer;
  readonly checkpoint: string;
  readonly position: number;
  readonly keys: { readonly proofKey: string; readonly logKey: string };
  readonly named: { readonly address: string; readonly subject: string } | null;
}

/**
 * Puts the proof file of a delivery together. That it left, and whether it names the recipient, is on record. Refusals:
 * `not-found`, and `unavailable` for the second until the log's next checkpoint covers the proof.
 */
export async function exportProof(
  ports: MessagePorts,
  caller: Caller,
  id: DeliveryId,
  form: { readonly naming: Naming; readonly as: 'file' | 'report' },
): Promise<ExportedProof> {
  const { organisation } = caller;
  return ports.database.tenant([organisation], 'app', async (tx) => {
    await requireDelivery(ports, tx, caller, id);
    const proof = await latestProof(tx, id);
    if (!proof) throw new Refusal('not-found');
    const keys = await ports.publicKeys(tx, organisation);
    const place = await ports.proofInLog(tx, organisation, proof.id);
    if (place === null || keys.proofKeyId !== proof.key) throw new Refusal('unavailable');
    const named = form.naming === 'named' ? await nameRecipient(ports, tx, caller, id, proof) : null;
    const subjects = [{ kind: 'delivery', id }];
    await recordAccess(ports, tx, caller, 'proof.exported', subjects, { as: form.as, named: named !== null });
    const file = encodeProofFile({
      record: proof.record,
      signature: proof.signature,
      entry: place.leaf.toString('utf8'),
      position: place.position,
      path: place.path,
      checkpoint: place.checkpoint,
      proofKey: keys.proofKey,
      logKey: keys.logKey,
      recipient: named && { address: named.address, salt: named.salt },
    });
    // What the record says was written by ourselves; the file carries it as text.
    const record = JSON.parse(proof.record) as ProofRecord;
    return { record, file, checkpoint: place.checkpoint, position: place.position, keys, named };
  });
}

/** Whoever reads everything needs no message for a proof, which outlives its message's key; others must be let in to that. */
async function requireDelivery(
  ports: MessagePorts,
  tx: Transaction,
  caller: Caller,
  id: DeliveryId,
): Promise<void> {
  if (hasAccess(caller, 'messages:read')) return;
  const delivery = await deliveryById(tx, id);
  if (!delivery) throw new Refusal('not-found');
  await findMessage(ports, tx, caller, 'messages:read', delivery.message);
}

/** The recipient in clear and the salt that ties the record's hash to them. Fails where the message's key is shredded. */
async function nameRecipient(
  ports: MessagePorts,
  tx: Transaction,
  caller: Caller,
  id: DeliveryId,
  proof: ProofViewRow,
) {
  const delivery = await deliveryById(tx, id);
  if (!delivery) throw new Refusal('not-found');
  const shown = await findMessage(ports, tx, caller, 'messages:read', delivery.message);
  const address = shown.deliveries.find((one) => one.row.id === id)?.to;
  if (address === undefined) throw new Refusal('not-found');
  const binding = { organisation: caller.organisation, field: 'proof.salt', row: proof.id };
  const salt = ports.vault.open(shown.key, binding, proof.salt);
  return { address, salt, subject: shown.message.subject };
}

/** Keys as a file to publish: one verifier text a line. */
export async function publishedKeys(ports: MessagePorts, caller: Caller): Promise<string> {
  const { organisation } = caller;
  const keys = await ports.database.tenant([organisation], 'app', (tx) => ports.publicKeys(tx, organisation));
  return `${keys.proofKey}\n${keys.logKey}\n`;
}
