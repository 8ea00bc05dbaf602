import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DeliveryDetail } from '../../api-types.ts';
import { unlockDelivery } from '../../data/messages.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { portalSignInText as words } from '../../text/portal-sign-in.ts';

/** A recipient who cannot open their copy: locked out by wrong answers, or without a second proof on record. */
export function PortalLock({ message, delivery }: { message: string; delivery: DeliveryDetail }) {
  const may = useMay('messages:cancel');
  const client = useQueryClient();
  const unlock = useMutation({
    mutationFn: () => unlockDelivery(message, delivery.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['message', message], exact: true }),
  });
  const { portal } = delivery;
  if (portal?.lockedAt) {
    return (
      <div className="mb-3 flex flex-col gap-3">
        <Notice tone="held" title={words.locked}>
          {words.lockedLead}
        </Notice>
        <ActFailure error={unlock.error} />
        {may && (
          <Button busy={unlock.isPending} onClick={() => unlock.mutate()} className="self-start">
            {words.unlock}
          </Button>
        )}
      </div>
    );
  }
  if (portal?.unprovableAt && portal.firstReadAt === null) {
    return (
      <div className="mb-3">
        <Notice tone="held" title={words.unprovable}>
          {words.unprovableLead}
        </Notice>
      </div>
    );
  }
  return null;
}
