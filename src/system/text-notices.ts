import type { TextId } from '#core/ids';
import type { PortalPort } from '#core/portal';
import type { TextPort } from '#core/text';
import type { Transaction } from '#platform/database';
import { type Clock, describeFault, type Logger, newId } from '#platform/runtime';
import { KeyMissing, KeyShredded, SealBroken } from '#platform/vault';
import type { Directory } from './directory.ts';

/**
 * The portal as the road uses it, for organisations that want notices as texts too: with a copy that is placed a text is lined
 * up beside the mail, in the same transaction. The mail is the notice that counts; where no text can go, nothing else changes.
 */
export function withTextNotices(
  portal: PortalPort<Transaction>,
  needs: {
    readonly directory: Pick<Directory, 'facts'>;
    readonly texts: TextPort<Transaction>;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): PortalPort<Transaction> {
  return {
    copy: (request) => portal.copy(request),
    expireDue: () => portal.expireDue(),
    placePassword: (...given) => portal.placePassword(...given),
    retract: (tx, organisation, message) => portal.retract(tx, organisation, message),
    async place(tx, prepared, delivery, at) {
      const place = await portal.place(tx, prepared, delivery, at);
      const { organisation, message } = prepared;
      if (!(await needs.directory.facts(organisation)).textNotices) return place;
      const sending = needs.texts.send(tx, {
        id: newId(needs.clock) as TextId,
        organisation,
        to: delivery.recipient,
        locale: place.locale,
        body: { kind: 'portal-message', linkToken: place.linkToken, expiresAt: place.expiresAt },
        about: { message, delivery: delivery.id },
      });
      await sending.catch((fault: unknown) => {
        // A number that cannot be opened any more must not keep the copy from its recipient.
        const unreadable =
          fault instanceof KeyShredded || fault instanceof KeyMissing || fault instanceof SealBroken;
        if (!unreadable) throw fault;
        needs.logger.error('recipient-record-unreadable', { ...describeFault(fault), organisation });
      });
      return place;
    },
  };
}
