import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { PolicyDraft } from '../../api-types.ts';
import { policyQuery } from '../../data/administration.ts';
import { draftQuery, draftsQuery, dropDraft, saveDraft } from '../../data/policy-workbench.ts';
import { useMay } from '../../data/session.ts';
import { usePolicyReview } from '../../data/use-policy-review.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { policyText } from '../../text/policy.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';
import { PolicyFields } from './policy-fields.tsx';
import { PolicyPreviewBox } from './policy-preview.tsx';
import { ReviewBox } from './review-box.tsx';
import { type Draft, sameDocument, toDocument, toDraft } from './rules.ts';
import { TryBox } from './try-box.tsx';
import { TurnOn } from './turn-on.tsx';

const route = getRouteApi('/app/settings/policy/drafts/$id');

/** One policy that is being written: edited, tried, turned on. */
export function DraftPage() {
  const { id } = route.useParams();
  const draft = useQuery(draftQuery(id));
  const [saved, setSaved] = useState(false);
  const back = (
    <Link to="/settings/policy" className={buttonClass()}>
      {words.toPolicy}
    </Link>
  );
  return (
    <Page title={draft.data?.name ?? words.draftTitle} lead={words.draftLead} actions={back}>
      {draft.isPending && <RowsSkeleton rows={6} label={words.draftLoading} />}
      {draft.isError && <Failure error={draft.error} retry={() => void draft.refetch()} />}
      {draft.data && (
        <DraftForm
          key={draft.dataUpdatedAt}
          draft={draft.data}
          saved={saved}
          onSaved={setSaved}
          reload={() => void draft.refetch()}
        />
      )}
    </Page>
  );
}

interface FormProps {
  draft: PolicyDraft;
  /** It was just saved, and nothing was changed since. */
  saved: boolean;
  onSaved: (saved: boolean) => void;
  reload: () => void;
}

function DraftForm({ draft: kept, saved, onSaved, reload }: FormProps) {
  const may = useMay('policies:write');
  const policy = useQuery(policyQuery);
  const [name, setName] = useState(kept.name);
  const [draft, setDraft] = useState<Draft>(() => toDraft(kept.policy));
  const document = toDocument(draft);
  const review = usePolicyReview(document);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveDraft(kept.id, kept.revision, { name: name.trim(), policy: document }),
    onSuccess: async (next) => {
      await client.invalidateQueries({ queryKey: draftsQuery.queryKey });
      onSaved(true);
      client.setQueryData(draftQuery(kept.id).queryKey, next);
    },
  });
  const changed = name !== kept.name || !sameDocument(document, toDocument(toDraft(kept.policy)));
  const conflict = save.error instanceof ApiProblem && save.error.code === 'version-conflict';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      {!may && <Notice>{policyText.readOnly}</Notice>}
      <form onSubmit={submit} className="flex flex-col gap-7">
        <div className="max-w-md">
          <TextField
            label={words.draftName}
            hint={words.draftNameHint}
            required
            maxLength={100}
            disabled={!may}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <PolicyFields
          draft={draft}
          offered={policy.data?.offered ?? draft.methods}
          review={review}
          disabled={!may}
          onChange={(part) => {
            onSaved(false);
            setDraft((before) => ({ ...before, ...part }));
          }}
        />
        {conflict ? (
          <Notice tone="held" live title={words.draftConflict}>
            <Button className="mt-2" onClick={reload}>
              {words.reload}
            </Button>
          </Notice>
        ) : (
          <ActFailure error={save.error} />
        )}
        {saved && <Notice tone="done" live title={words.draftSaved} />}
        {may && (
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              kind="primary"
              busy={save.isPending}
              disabled={!changed || conflict || name.trim() === ''}
            >
              {words.saveDraft}
            </Button>
            <DropDraft id={kept.id} />
            {changed && <span className="text-ink-2">{policyText.unsaved}</span>}
          </div>
        )}
      </form>
      <ReviewBox review={review} />
      <PolicyPreviewBox document={document} />
      {may && <TryBox document={document} disabled={!review.sound} />}
      {may && <TurnOn document={document} baseVersion={kept.baseVersion} disabled={!review.sound} />}
    </>
  );
}

function DropDraft({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const drop = useMutation({
    mutationFn: () => dropDraft(id),
    onSuccess: async () => {
      await navigate({ to: '/settings/policy' });
      await client.invalidateQueries({ queryKey: draftsQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.dropDraft}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.dropTitle} description={words.dropLead}>
        <ActFailure error={drop.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={drop.isPending} onClick={() => drop.mutate()}>
            {words.dropDraft}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
