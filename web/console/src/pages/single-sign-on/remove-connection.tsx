import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SsoConnection } from '../../api-types.ts';
import { removeSsoConnection, ssoConnectionsQuery } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { common } from '../../text/common.ts';
import { ssoText as words } from '../../text/single-sign-on.ts';

export function RemoveConnection({ connection: { id, name } }: { connection: SsoConnection }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeSsoConnection(id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: ssoConnectionsQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.removeTitle(name)}
        description={words.removeLead}
      >
        <ActFailure error={remove.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {words.remove}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
