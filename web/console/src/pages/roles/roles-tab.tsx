import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { AccessRole } from '../../api-types.ts';
import { removeRole, rolesQuery } from '../../data/roles.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { rolesText as words } from '../../text/roles.ts';
import { PermissionList } from './permission-list.tsx';
import { RoleForm } from './role-form.tsx';
import { roleHint, roleName } from './role-name.ts';

/** Every role and what it holds, in plain words and in groups. */
export function RolesTab() {
  const may = useMay('roles:write');
  const roles = useQuery(rolesQuery);
  const [editing, setEditing] = useState<AccessRole | 'new' | null>(null);
  const all = roles.data?.items ?? [];
  const own = all.filter((role) => role.kind === 'own');
  const create = may && (
    <Button icon={<Plus aria-hidden="true" className="size-4" />} onClick={() => setEditing('new')}>
      {words.create}
    </Button>
  );
  if (roles.isPending) return <RowsSkeleton rows={6} label={words.loading} />;
  if (roles.isError) return <Failure error={roles.error} retry={() => void roles.refetch()} />;
  return (
    <div className="flex flex-col gap-6">
      <Section title={words.own} actions={create}>
        {own.length === 0 && <p className="text-ink-2">{words.ownNone}</p>}
        <RoleList roles={own} may={may} onEdit={setEditing} />
      </Section>
      <Section title={words.ready}>
        <RoleList roles={all.filter((role) => role.kind === 'ready')} may={false} onEdit={setEditing} />
      </Section>
      <RoleForm role={editing} onClose={() => setEditing(null)} />
    </div>
  );
}

interface RoleListProps {
  roles: readonly AccessRole[];
  may: boolean;
  onEdit: (role: AccessRole) => void;
}

function RoleList({ roles, may, onEdit }: RoleListProps) {
  if (roles.length === 0) return null;
  return (
    <ul className="border-t border-line">
      {roles.map((role) => (
        <li key={role.id} className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
          <div className="min-w-0 flex-1 basis-64">
            <p className="font-medium [overflow-wrap:anywhere]">{roleName(role.id, roles)}</p>
            <p className="text-ink-2">{roleHint(role)}</p>
          </div>
          {role.careOnly && <p className="text-ink-2">{words.careOnly}</p>}
          {may && (
            <div className="flex gap-2">
              <Button onClick={() => onEdit(role)}>{words.edit}</Button>
              <Remove role={role} />
            </div>
          )}
          <details className="basis-full">
            <summary className="cursor-pointer text-ink-2">
              {words.permissions(role.permissions.length)}
            </summary>
            <Held role={role} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Held({ role }: { role: AccessRole }) {
  const held = new Map<string, boolean>(
    role.permissions.map(({ permission, stopped }) => [permission, stopped !== null]),
  );
  if (held.size === 0) return <p className="mt-1">{words.nothing}</p>;
  return (
    <PermissionList
      permissions={[...held.keys()]}
      note={(permission) =>
        held.get(permission) === true && <span className="text-ink-2"> ({words.stoppedAbove})</span>
      }
    />
  );
}

function Remove({ role }: { role: AccessRole }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeRole(role.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
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
        title={words.removeTitle(role.name ?? role.id)}
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
