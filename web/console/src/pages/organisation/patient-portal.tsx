import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { PortalDelegation } from '../../api-types.ts';
import {
  portalDelegationQuery,
  removePortalDelegation,
  setPortalDelegation,
} from '../../data/portal-delegation.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { patientPortalText as words } from '../../text/patient-portal.ts';
import { begun, portalChangeOf, portalDraftOf } from './patient-portal-draft.ts';
import { PortalProviderFields, PortalRuleFields } from './patient-portal-fields.tsx';

/** How recipients sign in with the organisation's own patient portal. */
export function PatientPortal() {
  const found = useQuery(portalDelegationQuery);
  const may = useMay('organisation:write');
  const delegation = found.data?.delegation ?? null;
  return (
    <Section title={words.title} actions={may && delegation !== null && <RemovePortal />}>
      <p className="prose-width text-ink-2">{words.lead}</p>
      {found.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data && delegation === null && may && <BeginForm />}
      {delegation !== null && <PortalForm key={delegation.id} kept={delegation} may={may} />}
    </Section>
  );
}

function useSave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: setPortalDelegation,
    onSuccess: () => client.invalidateQueries({ queryKey: portalDelegationQuery.queryKey }),
  });
}

function BeginForm() {
  const [name, setName] = useState('');
  const save = useSave();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(begun(name.trim()));
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-4">
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <ActFailure error={save.error} />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={save.isPending}>
          {words.begin}
        </Button>
        <p className="min-w-0 flex-1 basis-64 text-ink-2">{words.beginHint}</p>
      </div>
    </form>
  );
}

function PortalForm({ kept, may }: { kept: PortalDelegation; may: boolean }) {
  const [draft, setDraft] = useState(() => portalDraftOf(kept));
  const save = useSave();
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(portalChangeOf(draft));
  };
  return (
    <>
      <details open={kept.provider === null} className="border-t border-line pt-3">
        <summary className="cursor-pointer font-medium">{words.values}</summary>
        <Values places={kept.places} />
      </details>
      <form onSubmit={submit}>
        <fieldset disabled={!may} className="flex max-w-xl flex-col gap-4 border-t border-line pt-3">
          <TextField
            label={words.name}
            hint={words.nameHint}
            required
            maxLength={60}
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
          <PortalProviderFields draft={draft} set={set} secretKept={kept.provider?.secretKept === true} />
          <PortalRuleFields draft={draft} set={set} />
          <SaveFailure error={save.error} />
          {save.isSuccess && <Notice tone="done" live title={words.saved} />}
          {may && (
            <div className="flex flex-wrap items-center gap-3">
              <Button type="submit" kind="primary" busy={save.isPending}>
                {common.save}
              </Button>
              <p className="min-w-0 flex-1 basis-64 text-ink-2">{words.danger}</p>
            </div>
          )}
        </fieldset>
      </form>
    </>
  );
}

const SHOWN = [
  'redirectUri',
  'initiateLoginUri',
  'messageUri',
  'signInPage',
  'backChannelLogoutUri',
  'keysUri',
] as const;

function Values({ places }: { places: PortalDelegation['places'] }) {
  return (
    <dl className="mt-3 flex flex-col gap-4">
      {SHOWN.map((name) => (
        <div key={name} className="flex flex-col gap-1">
          <dt className="text-ink-2">{words.valueNames[name]}</dt>
          <dd>
            <CopyBox label={words.valueNames[name]} text={places[name]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The server names what is wrong with the whole; then its own words say more than those for any problem. */
function SaveFailure({ error }: { error: Error | null }) {
  const reason =
    error instanceof ApiProblem ? words.reasons[String(error.problem.parameters?.reason)] : undefined;
  return reason === undefined ? <ActFailure error={error} /> : <Notice tone="failed">{reason}</Notice>;
}

function RemovePortal() {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: removePortalDelegation,
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: portalDelegationQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.removeTitle} description={words.removeLead}>
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
