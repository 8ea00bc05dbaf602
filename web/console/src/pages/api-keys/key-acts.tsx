import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, IssuedApiKey } from '../../api-types.ts';
import { apiKeysQuery, revokeApiKey, rotateApiKey } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { apiKeysText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';

/** Rotate and revoke, each after a question that says what it means. */
export function KeyActs({ apiKey, onIssued }: { apiKey: ApiKey; onIssued: (issued: IssuedApiKey) => void }) {
  const [asking, setAsking] = useState<'rotate' | 'revoke' | null>(null);
  const [overlap, setOverlap] = useState(86_400);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async (what: 'rotate' | 'revoke') => {
      if (what === 'rotate') return rotateApiKey(apiKey.id, overlap);
      await revokeApiKey(apiKey.id);
      return null;
    },
    onSuccess: async (issued) => {
      setAsking(null);
      if (issued) onIssued(issued);
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  const close = () => {
    setAsking(null);
    act.reset();
  };
  const rotating = asking === 'rotate';
  return (
    <fieldset aria-label={words.actions(apiKey.label)} className="flex gap-2">
      {apiKey.kind === 'secret' && <Button onClick={() => setAsking('rotate')}>{words.rotate}</Button>}
      <Button kind="danger" onClick={() => setAsking('revoke')}>
        {words.revoke}
      </Button>
      <Dialog
        open={asking !== null}
        onOpenChange={(open) => !open && close()}
        title={rotating ? words.rotateTitle(apiKey.label) : words.revokeTitle(apiKey.label)}
        description={rotating ? words.rotateLead : words.revokeLead}
      >
        {rotating && (
          <Choice
            label={words.overlap}
            value={String(overlap)}
            choices={Object.entries(words.overlaps).map(([value, label]) => ({ value, label }))}
            onChange={(event) => setOverlap(Number(event.target.value))}
          />
        )}
        <ActFailure error={act.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{common.cancel}</Button>
          <Button
            kind={rotating ? 'primary' : 'danger'}
            busy={act.isPending}
            onClick={() => asking && act.mutate(asking)}
          >
            {rotating ? words.rotate : words.revoke}
          </Button>
        </div>
      </Dialog>
    </fieldset>
  );
}
