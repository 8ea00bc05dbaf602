import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RecipientKey } from '../../api-types.ts';
import { actOnKey, type KeyVerb, recipientKeysQuery } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Code } from '../../parts/facts.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { common } from '../../text/common.ts';
import { keysText as words } from '../../text/keys.ts';
import { fingerprintGroups } from './fingerprint.ts';

const ACTS: Readonly<Record<RecipientKey['state'], readonly KeyVerb[]>> = {
  pending: ['confirm', 'reject'],
  trusted: ['revoke', 'remove'],
  replaced: ['remove'],
  rejected: ['remove'],
  revoked: ['remove'],
};

/** What can be done with a key, each after a question that says what it means. */
export function KeyActs({ recipientKey: key }: { recipientKey: RecipientKey }) {
  const [asking, setAsking] = useState<KeyVerb | null>(null);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (verb: KeyVerb) => actOnKey(key.id, verb),
    onSuccess: async () => {
      setAsking(null);
      await client.invalidateQueries({ queryKey: recipientKeysQuery.queryKey });
    },
  });
  const close = () => {
    setAsking(null);
    act.reset();
  };
  return (
    <fieldset aria-label={words.actions(key.address)} className="flex gap-2">
      {ACTS[key.state].map((verb) => (
        <Button key={verb} onClick={() => setAsking(verb)}>
          {words[verb]}
        </Button>
      ))}
      <Dialog
        open={asking !== null}
        onOpenChange={(open) => !open && close()}
        title={asking ? words[`${asking}Title`](key.address) : ''}
        description={asking ? words[`${asking}Lead`] : ''}
      >
        <p>
          {words.fingerprint}: <Code>{fingerprintGroups(key.fingerprint)}</Code>
        </p>
        <ActFailure error={act.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{common.cancel}</Button>
          {asking && (
            <Button
              kind={asking === 'confirm' ? 'primary' : 'danger'}
              busy={act.isPending}
              onClick={() => act.mutate(asking)}
            >
              {words[asking]}
            </Button>
          )}
        </div>
      </Dialog>
    </fieldset>
  );
}
