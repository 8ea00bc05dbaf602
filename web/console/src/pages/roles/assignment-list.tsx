import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccessScope, AccessSubject } from '../../api-types.ts';
import { assignmentsQuery, endAssignment, rolesQuery } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { rolesText as words } from '../../text/roles.ts';
import { GiveRole } from './give-role.tsx';
import { roleName } from './role-name.ts';

export function scopeText(scope: AccessScope | null): string {
  return scope === null ? words.everywhere : `${words.kinds[scope.kind] ?? scope.kind}: ${scope.id}`;
}

/** Roles that were given to a person or a group, and giving more. */
export function AssignmentList({
  subject,
  may,
  none,
}: {
  subject: AccessSubject;
  may: boolean;
  none: string;
}) {
  const assignments = useQuery(assignmentsQuery(subject.id));
  const roles = useQuery(rolesQuery);
  const [giving, setGiving] = useState(false);
  const client = useQueryClient();
  const end = useMutation({ mutationFn: endAssignment, onSuccess: () => client.invalidateQueries() });
  const given = assignments.data?.items ?? [];
  return (
    <div className="flex flex-col gap-2">
      <h2 className="font-medium">{words.rolesTitle}</h2>
      {assignments.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {assignments.isError && <Failure error={assignments.error} retry={() => void assignments.refetch()} />}
      <ActFailure error={end.error} />
      {assignments.data && given.length === 0 && <p className="text-ink-2">{none}</p>}
      <ul>
        {given.map((one) => {
          const name = roleName(one.role, roles.data?.items);
          return (
            <li key={one.id} className="flex flex-wrap items-center gap-3 py-1">
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                {name} <span className="text-ink-2">({scopeText(one.scope)})</span>
                {one.expiresAt && (
                  <span className="text-ink-2">
                    {' '}
                    {words.until} <When time={one.expiresAt} />
                  </span>
                )}
              </span>
              {may && (
                <Button aria-label={words.endLabel(name)} onClick={() => end.mutate(one.id)}>
                  {words.end}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {may && (
        <div>
          <Button onClick={() => setGiving(true)}>{words.giveRole}</Button>
        </div>
      )}
      <Dialog open={giving} onOpenChange={setGiving} title={words.giveRole}>
        <GiveRole subject={subject} onClose={() => setGiving(false)} />
      </Dialog>
    </div>
  );
}
