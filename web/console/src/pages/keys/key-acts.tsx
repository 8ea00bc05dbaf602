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

/** A key that was taken at its first use can be vouched for at any time. */
function actsOf(key: RecipientKey): readonly KeyVerb[] {
  return key.state === 'trusted' && key.vouchedBy === null ? ['confirm', ...ACTS.trusted] : ACTS[key.state];
}

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
    <fieldset aria-label={words.actions(key.address)} className="flex flex-wrap gap-2">
      {actsOf(key).map((verb) => (
        <Button key={verb} onClick={() => setAsking(verb)}>
          {words[verb]}
        </Button>
      ))}
      <Dialog
        open={asking !== null}
        onOpenChange={(open) => !open && close()}
        title={asking ? titleOf(asking, key) : ''}
        description={asking ? leadOf(asking, key) : ''}
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

function titleOf(verb: KeyVerb, key: RecipientKey): string {
  return verb === 'confirm' && key.state === 'trusted'
    ? words.vouchTitle(key.address)
    : words[`${verb}Title`](key.address);
}

function leadOf(verb: KeyVerb, key: RecipientKey): string {
  return verb === 'confirm' && key.state === 'trusted' ? words.vouchLead : words[`${verb}Lead`];
}
