import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AddedMember, Role } from '../../api-types.ts';
import { addMember, MEMBERS } from '../../data/members.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField, Tick } from '../../parts/field.tsx';
import { When } from '../../parts/when.tsx';
import { settingsText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { readyRoleText } from '../../text/roles.ts';

const words = settingsText.people;
/** All but those for programs; the most usual first. */
const ROLES: readonly Role[] = [
  'sender',
  'physician',
  'nurse',
  'front-desk',
  'billing',
  'marketing',
  'lowering-sender',
  'auditor',
  'compliance-officer',
  'it-administrator',
  'administrator',
];

/** Adds a person; a new one gets a one-time link that is handed over outside of this system. */
export function InvitePerson({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [added, setAdded] = useState<AddedMember | null>(null);
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setAdded(null);
  };
  const title = added === null ? words.invite : added.invitation ? words.invitedTitle : words.addedTitle;
  return (
    <Dialog open={open} onOpenChange={change} title={title}>
      {added ? (
        <Outcome added={added} onClose={() => change(false)} />
      ) : (
        <InviteForm onAdded={setAdded} onCancel={() => change(false)} />
      )}
    </Dialog>
  );
}

function Outcome({ added, onClose }: { added: AddedMember; onClose: () => void }) {
  const { invitation } = added;
  return (
    <>
      <p className="text-ink-2">{invitation ? words.invitedLead : words.addedLead}</p>
      {invitation && (
        <>
          <CopyBox label={words.link} text={`${window.location.origin}/invitation#${invitation.token}`} />
          <p className="text-ink-2">
            {words.until} <When time={invitation.expiresAt} as="long" />
          </p>
        </>
      )}
      <Button kind="primary" className="self-end" onClick={onClose}>
        {common.close}
      </Button>
    </>
  );
}

function InviteForm({ onAdded, onCancel }: { onAdded: (added: AddedMember) => void; onCancel: () => void }) {
  const [displayName, setDisplayName] = useState('');
  const [address, setAddress] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['sender']);
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      addMember({ displayName: displayName.trim(), address: address.trim(), roles: [...roles] }),
    onSuccess: async (added) => {
      onAdded(added);
      await client.invalidateQueries({ queryKey: MEMBERS });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (roles.length > 0) add.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={add.error} />
      <TextField
        label={words.name}
        required
        maxLength={100}
        value={displayName}
        error={fieldError(add.error, 'displayName')}
        onChange={(event) => setDisplayName(event.target.value)}
      />
      <TextField
        label={words.address}
        type="email"
        required
        value={address}
        error={fieldError(add.error, 'address')}
        onChange={(event) => setAddress(event.target.value)}
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">{words.role}</legend>
        {ROLES.map((role) => (
          <Tick
            key={role}
            label={readyRoleText[role]?.name ?? role}
            hint={readyRoleText[role]?.hint ?? ''}
            checked={roles.includes(role)}
            onChange={(event) =>
              setRoles(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
            }
          />
        ))}
        {roles.length === 0 && <p className="text-failed">{words.inviteNoRole}</p>}
      </fieldset>
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={add.isPending}>
          {words.inviteGo}
        </Button>
      </div>
    </form>
  );
}
