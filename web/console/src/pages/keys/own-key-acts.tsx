import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { KeyRevocationReason } from '../../api-types.ts';
import { ownKeyQuery, revocationCertificate, revokeOwnKey, rotateOwnKey } from '../../data/keys.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { downloadText } from '../../parts/download.ts';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { keysText as words } from '../../text/keys.ts';

/** A button that says what it will do before it does it. */
function Asked(props: {
  label: string;
  title: string;
  lead: string;
  confirm: string;
  danger?: boolean;
  act: () => Promise<unknown>;
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: props.act,
    onSuccess: () => setOpen(false),
    // After a refusal too: somebody else may have been faster.
    onSettled: () => client.invalidateQueries({ queryKey: ownKeyQuery.queryKey }),
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (!next) act.reset();
  };
  const kind = props.danger ? 'danger' : 'secondary';
  return (
    <>
      <Button kind={kind} onClick={() => change(true)}>
        {props.label}
      </Button>
      <Dialog open={open} onOpenChange={change} title={props.title} description={props.lead}>
        <ActFailure error={act.error} />
        {props.children}
        <div className="flex justify-end gap-2">
          <Button onClick={() => change(false)}>{common.cancel}</Button>
          <Button
            kind={props.danger ? 'danger' : 'primary'}
            busy={act.isPending}
            onClick={() => act.mutate()}
          >
            {props.confirm}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

export function RotateKey({ fingerprint }: { fingerprint: string }) {
  return (
    <Asked
      label={words.rotate}
      title={words.rotateTitle}
      lead={words.rotateLead}
      confirm={words.rotate}
      act={() => rotateOwnKey(fingerprint)}
    />
  );
}

const REASONS: readonly KeyRevocationReason[] = ['superseded', 'compromised', 'retired'];

export function RevokeKey({ id, current }: { id: string; current: boolean }) {
  const [reason, setReason] = useState<KeyRevocationReason>('superseded');
  return (
    <Asked
      danger
      label={words.revokeOwn}
      title={words.revokeOwnTitle}
      lead={current ? words.revokeOwnLead : words.revokeEarlierLead}
      confirm={words.revokeOwn}
      act={() => revokeOwnKey(id, reason)}
    >
      <Choice
        label={words.reason}
        value={reason}
        choices={REASONS.map((value) => ({ value, label: words.reasons[value] }))}
        onChange={({ target }) => setReason(REASONS.find((one) => one === target.value) ?? reason)}
      />
    </Asked>
  );
}

/** Hands out a revocation to be locked away. */
export function KeepRevocation({ id, fingerprint }: { id: string; fingerprint: string }) {
  return (
    <Asked
      label={words.keepRevocation}
      title={words.keepRevocationTitle}
      lead={words.keepRevocationLead}
      confirm={words.save}
      act={async () =>
        downloadText(
          `${fingerprint.slice(-16)}-revocation.asc`,
          await revocationCertificate(id),
          'application/pgp-keys',
        )
      }
    />
  );
}
