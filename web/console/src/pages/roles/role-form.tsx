import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AccessRole, Permission } from '../../api-types.ts';
import { saveRole } from '../../data/roles.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField, Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { rolesText as words } from '../../text/roles.ts';
import { PermissionFields } from './permission-fields.tsx';

/** Makes a role or changes one; what the reader does not hold cannot be ticked. */
export function RoleForm({ role, onClose }: { role: AccessRole | 'new' | null; onClose: () => void }) {
  const title = role === null || role === 'new' ? words.create : (role.name ?? role.id);
  return (
    <Dialog open={role !== null} onOpenChange={(open) => !open && onClose()} title={title} wide>
      {role !== null && <Form role={role === 'new' ? null : role} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ role, onClose }: { role: AccessRole | null; onClose: () => void }) {
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [careOnly, setCareOnly] = useState(role?.careOnly ?? false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(role?.permissions.map(({ permission }) => permission)),
  );
  const held = new Set<string>(useSession()?.permissions);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const permissions = [...chosen] as Permission[];
      return saveRole(role?.id ?? null, {
        ...{ name: name.trim(), description: description.trim() },
        ...{ permissions, careOnly },
      });
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={save.error} />
      <TextField
        label={words.name}
        required
        maxLength={60}
        value={name}
        error={fieldError(save.error, 'name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={words.description}
        optional
        maxLength={300}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
      <PermissionFields
        chosen={chosen}
        onChange={setChosen}
        closed={(permission) => (held.has(permission) ? null : words.notYours)}
      />
      <Tick
        label={words.careOnly}
        hint={words.careOnlyHint}
        checked={careOnly}
        onChange={(event) => setCareOnly(event.target.checked)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
