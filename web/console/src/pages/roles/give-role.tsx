import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AccessScope, AccessSubject } from '../../api-types.ts';
import { giveRole, rolesQuery } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { rolesText as words } from '../../text/roles.ts';
import { roleName } from './role-name.ts';
import { ScopeFields } from './scope-fields.tsx';

/** Gives a role to a person or group: everywhere or for one thing, for good or until a time. */
export function GiveRole({ subject, onClose }: { subject: AccessSubject; onClose: () => void }) {
  const roles = useQuery(rolesQuery);
  const [role, setRole] = useState('');
  const [scope, setScope] = useState<AccessScope | null>(null);
  const [until, setUntil] = useState('');
  const client = useQueryClient();
  const give = useMutation({
    mutationFn: () => {
      const expiresAt = until === '' ? null : new Date(until).toISOString();
      return giveRole({ subject, role, scope, expiresAt });
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (role !== '') give.mutate();
  };
  const items = roles.data?.items ?? [];
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={give.error} />
      <Choice
        label={words.role}
        required
        value={role}
        onChange={(event) => setRole(event.target.value)}
        choices={[
          { value: '', label: words.choose },
          ...items.map(({ id }) => ({ value: id, label: roleName(id, items) })),
        ]}
      />
      <ScopeFields scope={scope} onChange={setScope} />
      <TextField
        label={words.until}
        hint={words.untilHint}
        optional
        type="datetime-local"
        value={until}
        error={fieldError(give.error, 'expiresAt')}
        onChange={(event) => setUntil(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={give.isPending}>
          {words.give}
        </Button>
      </div>
    </form>
  );
}
