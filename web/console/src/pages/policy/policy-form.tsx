import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { PolicyVersion } from '../../api-types.ts';
import { policyQuery, policyVersionsQuery, savePolicy } from '../../data/administration.ts';
import { proposalsQuery } from '../../data/policy-workbench.ts';
import { useMay } from '../../data/session.ts';
import { usePolicyReview } from '../../data/use-policy-review.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { policyText as words } from '../../text/policy.ts';
import { workbenchText } from '../../text/policy-workbench.ts';
import { Conflict } from './conflict.tsx';
import { KeepDraft } from './keep-draft.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { PolicyPreviewBox } from './policy-preview.tsx';
import { PolicyVersions } from './policy-versions.tsx';
import { ReviewBox } from './review-box.tsx';
import { type Draft, sameDocument, toDocument, toDraft } from './rules.ts';
import { TryBox } from './try-box.tsx';

/** Edits a copy; saving names the version it was made from, so that nobody's change is lost without being seen. */
export function PolicyForm({ policy, onReset }: { policy: PolicyVersion; onReset: () => void }) {
  const may = useMay('policies:write');
  const [draft, setDraft] = useState<Draft>(() => toDraft(policy));
  const document = toDocument(draft);
  const review = usePolicyReview(document);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (onVersion: number) => savePolicy(document, onVersion),
    onSuccess: (saved) => {
      if ('proposal' in saved) {
        // What was proposed stands above, with the others that wait; the form is again what is in force.
        setDraft(toDraft(policy));
        return client.invalidateQueries({ queryKey: proposalsQuery.queryKey });
      }
      client.setQueryData(policyQuery.queryKey, saved);
      setDraft(toDraft(saved));
      return client.invalidateQueries({ queryKey: policyVersionsQuery.queryKey });
    },
  });
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (save.isSuccess) save.reset();
  };
  const changed = !sameDocument(document, toDocument(toDraft(policy)));
  const conflict = save.error instanceof ApiProblem && save.error.code === 'version-conflict';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(policy.version);
  };
  return (
    <>
      {!may && <Notice>{words.readOnly}</Notice>}
      <form onSubmit={submit} className="flex flex-col gap-7">
        <PolicyFields
          draft={draft}
          offered={policy.offered}
          review={review}
          disabled={!may}
          onChange={change}
        />
        {conflict && <Conflict onTheirs={onReset} onMine={(version) => save.mutate(version)} />}
        {!conflict && <ActFailure error={save.error} />}
        {save.data && (
          <Notice
            tone="done"
            live
            title={'proposal' in save.data ? workbenchText.proposed : words.saved(save.data.version)}
          />
        )}
        {may && (
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" kind="primary" busy={save.isPending} disabled={!changed || conflict}>
              {words.save}
            </Button>
            {changed && (
              <>
                <KeepDraft
                  document={document}
                  baseVersion={policy.version}
                  label={workbenchText.keepDraft}
                  name=""
                />
                <Button kind="quiet" onClick={() => change(toDraft(policy))}>
                  {words.discard}
                </Button>
                <span className="text-ink-2">{words.unsaved}</span>
              </>
            )}
          </div>
        )}
      </form>
      <ReviewBox review={review} />
      <PolicyPreviewBox document={document} />
      {may && <TryBox document={document} disabled={!review.sound} />}
      <PolicyVersions current={policy.version} may={may} onUse={(version) => change(toDraft(version))} />
    </>
  );
}
