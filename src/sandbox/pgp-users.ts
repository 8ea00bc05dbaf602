import type { PrivateKey } from '#platform/keyring';
import { decryptAndVerify, makePgpKey, readPublicKey, wkdHash } from '#platform/keyring';
import { type OpenedPgpMail, openPgpMail } from '#platform/mail';
import type { Fetched } from '#platform/net';
import type { Clock } from '#platform/runtime';

/** A person of the sandbox whose mail program reads OpenPGP. */
export interface PgpUser {
  readonly address: string;
  /** Reads a mail with her own key; `senderKey` (armoured) is the one that she believes to be the sender's. */
  open(mail: Buffer, senderKey: string | null): Promise<OpenedPgpMail>;
}

export interface PgpUsers {
  find(address: string): PgpUser | null;
  web(url: string): Fetched;
}

const PAULA = { name: 'Paula Gray', local: 'paula', domain: 'pgp.test' } as const;

/** Makes the sandbox's OpenPGP user, whose domain publishes her key as a Web Key Directory. */
export async function createPgpUsers(clock: Clock): Promise<PgpUsers> {
  const address = `${PAULA.local}@${PAULA.domain}`;
  const key = await makePgpKey(PAULA.name, address, clock.now());
  const published = Buffer.from(key.toPublic().write());
  const user: PgpUser = { address, open: (mail, senderKey) => read(mail, key, senderKey, clock.now()) };
  const path = `/.well-known/openpgpkey/${PAULA.domain}/hu/${wkdHash(PAULA.local)}`;
  return {
    find: (wanted) => (wanted.toLowerCase() === address ? user : null),
    web(url) {
      const { hostname, pathname } = new URL(url);
      if (hostname !== `openpgpkey.${PAULA.domain}`) return { kind: 'failed', code: 'name-not-found' };
      return pathname === path
        ? { kind: 'answered', status: 200, headers: {}, body: published }
        : { kind: 'answered', status: 404, headers: {}, body: Buffer.alloc(0) };
    },
  };
}

async function read(
  mail: Buffer,
  key: PrivateKey,
  senderKey: string | null,
  now: Date,
): Promise<OpenedPgpMail> {
  const sender = senderKey === null ? null : await readPublicKey(senderKey);
  return openPgpMail(mail, (armoured) =>
    decryptAndVerify(armoured, {
      decryptionKeys: [key],
      verificationKeys: sender === null || typeof sender === 'string' ? [] : [sender.key],
      now,
    }),
  );
}
