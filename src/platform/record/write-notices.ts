import { addressText } from '#core/address';
import type { MessageId } from '#core/ids';
import type { NoticeBody } from '#core/notice';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import { insertNotices } from './outcome.store.ts';
import type { NewNotice } from './outcome.ts';
import { enqueueNotices } from './queue.store.ts';

/** Seals notices and puts them on the queue, in the caller's transaction. */
export async function writeNotices(
  ports: { readonly vault: Vault },
  tx: Transaction,
  notices: readonly NewNotice[],
  at: Date,
): Promise<void> {
  if (notices.length === 0) return;
  const rows = await Promise.all(
    notices.map(async ({ notice, giveUpAt }) => {
      const key = await ports.vault.newObjectKey(notice.organisation, 'message');
      const bind = (field: string) => ({ organisation: notice.organisation, field, row: notice.id });
      return {
        id: notice.id,
        organisation: notice.organisation,
        kind: notice.body.kind,
        message: messageOf(notice.body),
        objectKey: key.wrapped,
        recipient: ports.vault.seal(key, bind('notice.recipient'), addressText(notice.to)),
        domain: notice.to.domain,
        body: ports.vault.seal(key, bind('notice.body'), JSON.stringify(notice.body)),
        locale: notice.locale,
        giveUpAt,
      };
    }),
  );
  await insertNotices(tx, rows);
  await enqueueNotices(tx, rows, at);
}

function messageOf(body: NoticeBody): MessageId | null {
  switch (body.kind) {
    case 'portal-message':
    case 'dsn':
    case 'portal-read':
    case 'pdf-password':
    case 'portal-caregiver':
    case 'portal-unproved':
      return body.message;
    case 'sign-in-code':
    case 'passkey-added':
    case 'account-changed':
    case 'sign-in-noticed':
    case 'security-alert':
    case 'emergency-access':
      return null;
  }
}
