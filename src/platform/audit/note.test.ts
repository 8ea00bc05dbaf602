import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import {
  auditOrigin,
  type Checkpoint,
  openCheckpoint,
  readCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { type NoteSigner, openNote, parseVerifier, signNote, verifierText } from './note.ts';

function signerNamed(keyName: string): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { keyName, publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

// The example of Go's golang.org/x/mod/sumdb/note package, where the format comes from.
const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const NEUMANN_SEED = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const NEUMANN_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NEUMANN_NOTE = `${NEUMANN_TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

describe('signed notes', () => {
  it('opens and reproduces the known note', () => {
    const verifier = parseVerifier(NEUMANN);
    if (verifier === null) throw new Error('verifier refused');
    expect(verifierText(verifier)).toBe(NEUMANN);
    expect(openNote(NEUMANN_NOTE, [verifier])).toEqual({ text: NEUMANN_TEXT, signedBy: ['PeterNeumann'] });

    const pkcs8 = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from(NEUMANN_SEED, 'base64').subarray(1),
    ]);
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const signer: NoteSigner = {
      keyName: 'PeterNeumann',
      publicKey: createPublicKey(privateKey),
      sign: (bytes) => sign(null, bytes, privateKey),
    };
    expect(signNote(NEUMANN_TEXT, signer)).toBe(NEUMANN_NOTE);
  });

  it('refuses another text, another signature and a malformed note', () => {
    const verifier = parseVerifier(NEUMANN);
    if (verifier === null) throw new Error('verifier refused');
    expect(openNote(NEUMANN_NOTE.replace('think', 'thank'), [verifier])).toBeNull();
    expect(openNote(NEUMANN_NOTE.replace('ZJkuBS9', 'ZJkuBS8'), [verifier])).toBeNull();
    expect(openNote(NEUMANN_TEXT, [verifier])).toBeNull();
    expect(parseVerifier(NEUMANN.replace('c74f', 'c74e'))).toBeNull();
  });

  it('ignores a signature of a key that is not known', () => {
    expect(openNote(NEUMANN_NOTE, [signerNamed('PeterNeumann')])).toEqual({
      text: NEUMANN_TEXT,
      signedBy: [],
    });
  });
});

describe('checkpoints', () => {
  const origin = auditOrigin('0190a0b0-0000-7000-8000-000000000001' as OrganisationId);
  const checkpoint: Checkpoint = {
    origin,
    size: 300,
    root: leafHash(Buffer.from('root')),
    previous: 256,
    time: new Date('2026-11-22T04:00:00.000Z'),
  };

  it('come back as they were signed', () => {
    const signer = signerNamed(origin);
    const note = signCheckpoint(checkpoint, signer);
    expect(note.split('\n').slice(0, 2)).toEqual([origin, '300']);
    expect(openCheckpoint(note, origin, [signer])).toEqual(checkpoint);
  });

  it('are none under another key, for another log, or with a changed line', () => {
    const signer = signerNamed(origin);
    const note = signCheckpoint(checkpoint, signer);
    expect(openCheckpoint(note, origin, [signerNamed(origin)])).toBeNull();
    expect(openCheckpoint(note, 'sealpost/audit/another', [signer])).toBeNull();
    expect(openCheckpoint(note.replace('\n300\n', '\n299\n'), origin, [signer])).toBeNull();
    expect(openCheckpoint(note.replace('previous 256', 'previous 255'), origin, [signer])).toBeNull();
  });

  it('are none any more when any one bit of the note is turned over', () => {
    const signer = signerNamed(origin);
    const octets = Buffer.from(signCheckpoint(checkpoint, signer));
    for (let bit = 0; bit < octets.length * 8; bit += 1) {
      const changed = Buffer.from(octets);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const opened = openCheckpoint(changed.toString(), origin, [signer]);
      if (opened !== null) throw new Error(`bit ${bit & 7} of octet ${bit >> 3} makes no difference`);
    }
  });

  it('are read only in their exact form', () => {
    const note = signCheckpoint(checkpoint, signerNamed(origin));
    expect(readCheckpoint(note.replace('\n300\n', '\n0300\n'))).toBeNull();
    expect(readCheckpoint(note.replace('previous 256', 'before 256'))).toBeNull();
    expect(readCheckpoint(note.replace('\n300\n', '\n-1\n'))).toBeNull();
    expect(readCheckpoint('')).toBeNull();
  });
});
