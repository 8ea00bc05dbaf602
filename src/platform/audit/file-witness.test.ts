import { generateKeyPairSync, sign } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { auditOrigin, signCheckpoint } from './checkpoint.ts';
import { createFileWitness } from './file-witness.ts';
import { leafHash, runRoot } from './merkle.ts';
import { consistencyProof } from './proofs.ts';

const ORGANISATION = '0190a0b0-0000-7000-8000-000000000001' as OrganisationId;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');

function logOf(words: readonly string[]) {
  const leaves = words.map((word) => leafHash(Buffer.from(word)));
  const origin = auditOrigin(ORGANISATION);
  return {
    note: (size: number): string =>
      signCheckpoint(
        { origin, size, root: runRoot(leaves.slice(0, size)), previous: 0, time: new Date(0) },
        { keyName: origin, publicKey, sign: (bytes) => sign(null, bytes, privateKey) },
      ),
    proof: async (from: number, to: number) => ({
      from,
      path: await consistencyProof(
        (height, index) =>
          Promise.resolve(runRoot(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height))),
        from,
        to,
      ),
    }),
  };
}

const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const log = logOf(words);
const rewritten = logOf(words.with(1, 'B'));

describe('file witness', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sealpost-witness-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const held = async (): Promise<string[]> => {
    const notes: string[] = [];
    for await (const note of createFileWitness(directory).notes(ORGANISATION)) notes.push(note);
    return notes;
  };

  it('takes a growing log and remembers every checkpoint in order', async () => {
    const witness = createFileWitness(directory);
    expect(await witness.latest(ORGANISATION)).toBeNull();
    expect(await witness.publish(ORGANISATION, log.note(2), await log.proof(0, 2))).toEqual({
      kind: 'witnessed',
    });
    expect(await witness.publish(ORGANISATION, log.note(7), await log.proof(2, 7))).toEqual({
      kind: 'witnessed',
    });
    expect((await witness.latest(ORGANISATION))?.size).toBe(7);
    expect(await held()).toEqual([log.note(2), log.note(7)]);
  });

  it('takes the same checkpoint twice and keeps it once', async () => {
    const witness = createFileWitness(directory);
    await witness.publish(ORGANISATION, log.note(2), await log.proof(0, 2));
    expect(await witness.publish(ORGANISATION, log.note(2), await log.proof(2, 2))).toEqual({
      kind: 'witnessed',
    });
    expect(await held()).toHaveLength(1);
  });

  it('refuses a rewritten history, a smaller log, another root and what is no checkpoint', async () => {
    const witness = createFileWitness(directory);
    await witness.publish(ORGANISATION, log.note(5), await log.proof(0, 5));
    const publish = async (note: string, from: number, to: number) =>
      witness.publish(ORGANISATION, note, await rewritten.proof(from, to));
    expect(await publish(rewritten.note(7), 5, 7)).toEqual({ kind: 'refused', reason: 'inconsistent' });
    expect(await publish(log.note(4), 4, 4)).toEqual({ kind: 'refused', reason: 'smaller' });
    expect(await publish(rewritten.note(5), 5, 5)).toEqual({ kind: 'refused', reason: 'other-root' });
    expect(await publish('hello', 5, 7)).toEqual({ kind: 'refused', reason: 'not-a-checkpoint' });
    expect(await held()).toEqual([log.note(5)]);
  });

  it('asks for the proof from the state that it holds', async () => {
    const witness = createFileWitness(directory);
    await witness.publish(ORGANISATION, log.note(3), await log.proof(0, 3));
    const answer = await witness.publish(ORGANISATION, log.note(7), await log.proof(2, 7));
    expect(answer).toMatchObject({ kind: 'stale', latest: { size: 3 } });
  });

  it('passes over a line that was cut off by a crash, and goes on after it', async () => {
    const witness = createFileWitness(directory);
    await witness.publish(ORGANISATION, log.note(3), await log.proof(0, 3));
    const path = join(directory, `${ORGANISATION}.notes`);
    await appendFile(path, JSON.stringify(log.note(5)).slice(0, 60));
    expect((await witness.latest(ORGANISATION))?.size).toBe(3);
    expect(await held()).toEqual([log.note(3)]);
    expect(await witness.publish(ORGANISATION, log.note(7), await log.proof(3, 7))).toEqual({
      kind: 'witnessed',
    });
    expect(await held()).toEqual([log.note(3), log.note(7)]);
    expect((await readFile(path, 'utf8')).endsWith('\n')).toBe(true);
  });

  it('does not go on over a file that does not end with a checkpoint', async () => {
    const witness = createFileWitness(directory);
    await writeFile(join(directory, `${ORGANISATION}.notes`), '"something else"\n');
    await expect(witness.publish(ORGANISATION, log.note(3), await log.proof(0, 3))).rejects.toThrow(
      'witness',
    );
  });
});
