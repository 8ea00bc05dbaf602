import { randomBytes } from 'node:crypto';
import { INSTALLATION } from '#core/ids';
import type { Database } from '#platform/database';
import { type Clock, constantTimeEqual } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { countUse } from './limit.store.ts';
import { limitKey } from './limits.ts';

const LIFETIME_MS = 8 * 60 * 60 * 1000;
const HEAD_OCTETS = 18;

/**
 * Tokens in forms: bound to the visit cookie that the page was given with, to the form's purpose, and good once. A mail
 * scanner that posts what it finds has no cookie; a person who presses twice does the act once.
 */
export interface FormTokens {
  issue(visit: string, purpose: string): Promise<string>;
  /** `used` means genuine, but pressed before. */
  redeem(
    visit: string | undefined,
    purpose: string,
    token: string | undefined,
  ): Promise<'good' | 'used' | 'bad'>;
}

export function createFormTokens(needs: { database: Database; vault: Vault; clock: Clock }): FormTokens {
  const { database, vault, clock } = needs;

  async function macOf(visit: string, purpose: string, head: Buffer): Promise<Buffer> {
    return vault.mac(INSTALLATION, 'portal-form', `${visit}\n${purpose}\n${head.toString('hex')}`);
  }

  return {
    async issue(visit, purpose) {
      const head = Buffer.alloc(HEAD_OCTETS);
      randomBytes(12).copy(head);
      head.writeUIntBE(clock.now().getTime() + LIFETIME_MS, 12, 6);
      return Buffer.concat([head, await macOf(visit, purpose, head)]).toString('base64url');
    },

    async redeem(visit, purpose, token) {
      if (visit === undefined || token === undefined || token.length > 200) return 'bad';
      const octets = Buffer.from(token, 'base64url');
      if (octets.length !== HEAD_OCTETS + 32) return 'bad';
      const head = octets.subarray(0, HEAD_OCTETS);
      if (!constantTimeEqual(octets.subarray(HEAD_OCTETS), await macOf(visit, purpose, head))) return 'bad';
      const now = clock.now();
      const endsAt = new Date(head.readUIntBE(12, 6));
      if (endsAt <= now) return 'bad';
      const key = await limitKey(vault, 'form-used', head.toString('hex'));
      const uses = await database.system('app', (tx) => countUse(tx, key, now, endsAt));
      return uses === 1 ? 'good' : 'used';
    },
  };
}
