import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Member, MemberAccess, Permission } from '../../api-types.ts';
import { setBoundary } from '../../data/limits.ts';
import { useMay, useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { permissionText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { limitsText as words } from '../../text/limits.ts';
import { PermissionFields } from '../roles/permission-fields.tsx';
import { PermissionList } from '../roles/permission-list.tsx';
import { wouldCut } from './standing.ts';

interface Props {
  member: Member;
  access: MemberAccess;
}

/** The most that a person may do: shown, set, changed, lifted. */
export function Boundary({ member, access }: Props) {
  const may = useMay('roles:write');
  const [open, setOpen] = useState(false);
  const { boundary } = access;
  const { displayName, id } = member.identity;
  const acts = may && (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setOpen(true)}>{boundary === null ? words.set : words.change}</Button>
      {boundary !== null && (
        <Confirm
          label={words.lift}
          of={words.liftOf}
          title={words.liftTitle(displayName)}
          lead={words.liftLead}
          act={() => setBoundary(id, null)}
        />
      )}
    </div>
  );
  return (
    <Section title={words.boundary} actions={acts}>
      <p className="prose-width text-ink-2">{words.boundaryLead}</p>
      {boundary === null && <p>{words.unbounded}</p>}
      {boundary !== null && (
        <>
          <p>{boundary.length === 0 ? words.boundedToNone : words.bounded(boundary.length)}</p>
          {boundary.length > 0 && (
            <details>
              <summary className="cursor-pointer text-ink-2">{words.show}</summary>
              <PermissionList permissions={boundary} />
            </details>
          )}
        </>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.formTitle(displayName)}
        description={words.formLead}
        wide
      >
        <Form member={member} access={access} onClose={() => setOpen(false)} />
      </Dialog>
    </Section>
  );
}

function Form({ member, access, onClose }: Props & { onClose: () => void }) {
  const { boundary, sources } = access;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(boundary ?? sources.map(({ permission }) => permission)),
  );
  const held = new Set<string>(useSession()?.permissions);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setBoundary(member.identity.id, [...chosen] as Permission[]),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  // What the boundary lets through already may be ticked again; with none, that is everything.
  const closed = (permission: string) =>
    boundary === null || boundary.some((one) => one === permission) || held.has(permission)
      ? null
      : words.notYours;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={save.error} />
      <PermissionFields chosen={chosen} onChange={setChosen} closed={closed} />
      <CutAhead cut={wouldCut(sources, chosen)} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

/** What the boundary would take away of what the roles give now, said before it is saved. */
function CutAhead({ cut }: { cut: readonly string[] }) {
  if (cut.length === 0) return <p className="text-ink-2">{words.wouldCutNothing}</p>;
  return (
    <Notice tone="held" title={words.wouldCut}>
      {cut.map((permission) => permissionText[permission] ?? permission).join('; ')}
    </Notice>
  );
}
