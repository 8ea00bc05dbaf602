import { generateKeyPairSync, hash, sign } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import { auditOrigin, leafHash, verifierText } from '#platform/audit';
import { signCheckpoint } from '../audit/checkpoint.ts';
import { nodeHash, runRoot } from '../audit/merkle.ts';
import { inclusionProof } from '../audit/proofs.ts';
import { encodeProofFile, type ProofFile, proofOrigin } from './proof-file.ts';
import { recipientHash } from './recipient-hash.ts';

export const ORGANISATION = '0190a0b0-0000-7000-8000-0000000000aa' as OrganisationId;
const PROOF = '0190a0b0-0000-7000-8000-000000000001';
const SALT = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

export interface ProvenLog {
  readonly file: ProofFile;
  readonly octets: Buffer;
  readonly keys: readonly string[];
  /** A checkpoint of the same log, perhaps of another content. */
  checkpoint(leaves: readonly string[]): string;
  readonly leaves: readonly string[];
}

/** A log of `size` entries whose entry at `position` carries a proof, made the way the house makes it. */
export async function provenLog(size: number, position: number, address: string | null): Promise<ProvenLog> {
  const [proofPair, logPair] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const record = JSON.stringify({
    format: 'sealpost-proof/1',
    id: PROOF,
    organisation: ORGANISATION,
    message: '0190a0b0-0000-7000-8000-0000000000bb',
    delivery: '0190a0b0-0000-7000-8000-0000000000cc',
    recipientHash: recipientHash(SALT, 'anna@example.test'),
    recipientDomain: 'example.test',
    method: 'tls',
    outcome: 'delivered',
    transport: {
      host: 'mx.example.test',
      tlsVersion: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      certificateFingerprint: 'ab'.repeat(32),
      authenticatedBy: 'pkix',
    },
    contentHash: 'cd'.repeat(32),
    policyVersion: 1,
    reasons: [{ code: 'order-from-organisation', parameters: {} }],
    at: '2026-11-26T21:00:00.000Z',
  });
  const entry = JSON.stringify({
    action: 'delivery.delivered',
    details: { proof: hash('sha256', record, 'hex') },
    format: 'sealpost-audit/1',
    id: PROOF,
    organisation: ORGANISATION,
  });
  const leaves = Array.from({ length: size }, (_, index) => (index === position ? entry : `other ${index}`));
  const checkpoint = (of: readonly string[]): string => {
    const statement = {
      origin: auditOrigin(ORGANISATION),
      size: of.length,
      root: runRoot(of.map((leaf) => leafHash(Buffer.from(leaf)))),
      previous: 0,
      time: new Date('2026-11-26T21:00:01Z'),
    };
    return signCheckpoint(statement, {
      keyName: auditOrigin(ORGANISATION),
      publicKey: logPair.publicKey,
      sign: (bytes) => sign(null, bytes, logPair.privateKey),
    });
  };
  const proofKey = verifierText({ keyName: proofOrigin(ORGANISATION), publicKey: proofPair.publicKey });
  const logKey = verifierText({ keyName: auditOrigin(ORGANISATION), publicKey: logPair.publicKey });
  const file: ProofFile = {
    record,
    signature: sign(null, Buffer.from(record), proofPair.privateKey),
    entry,
    position,
    path: await inclusionProof(subtreeOf(leaves), position, size),
    checkpoint: checkpoint(leaves),
    proofKey,
    logKey,
    recipient: address === null ? null : { address, salt: SALT },
  };
  return { file, octets: encodeProofFile(file), keys: [proofKey, logKey], checkpoint, leaves };
}

function subtreeOf(leaves: readonly string[]) {
  const subtree = async (height: number, index: number): Promise<Buffer> => {
    if (height === 0) return leafHash(Buffer.from(leaves[index] ?? ''));
    return nodeHash(await subtree(height - 1, 2 * index), await subtree(height - 1, 2 * index + 1));
  };
  return subtree;
}
