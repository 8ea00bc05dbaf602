import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { PolicyVersion } from '../../api-types.ts';
import { policyQuery, policyVersionsQuery, savePolicy } from '../../data/administration.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { policyText as words } from '../../text/policy.ts';
import { Conflict } from './conflict.tsx';
import { MethodOrder } from './method-order.tsx';
import { OverrideRules } from './override-rules.tsx';
import { PolicyPreviewBox } from './policy-preview.tsx';
import { PolicyVersions } from './policy-versions.tsx';
import { type Draft, sameDocument, toDocument, toDraft } from './rules.ts';
import { TimesFields, TlsFields, TriggerFields, WaiverFields } from './simple-fields.tsx';

/** Edits a copy; saving names the version it was made from, so that nobody's change is lost without being seen. */
export function PolicyForm({ policy, onReset }: { policy: PolicyVersion; onReset: () => void }) {
  const may = useMay('policies:write');
  const [draft, setDraft] = useState<Draft>(() => toDraft(policy));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (onVersion: number) => savePolicy(toDocument(draft), onVersion),
    onSuccess: (saved) => {
      client.setQueryData(policyQuery.queryKey, saved);
      setDraft(toDraft(saved));
      return client.invalidateQueries({ queryKey: policyVersionsQuery.queryKey });
    },
  });
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    if (save.isSuccess) save.reset();
  };
  const changed = !sameDocument(toDocument(draft), toDocument(toDraft(policy)));
  const conflict = save.error instanceof ApiProblem && save.error.code === 'version-conflict';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(policy.version);
  };
  return (
    <>
      {!may && <Notice>{words.readOnly}</Notice>}
      <form onSubmit={submit} className="flex flex-col gap-7">
        <Section title={words.order}>
          <p className="text-ink-2">{words.orderHint}</p>
          <MethodOrder
            label={words.order}
            order={draft.methods}
            offered={policy.offered}
            disabled={!may}
            onChange={(methods) => change({ methods })}
          />
          {!draft.methods.includes('portal') && !draft.exclusive && <Notice>{words.portalLast}</Notice>}
        </Section>
        <TlsFields draft={draft} disabled={!may} onChange={change} />
        <TriggerFields draft={draft} disabled={!may} onChange={change} />
        <WaiverFields draft={draft} disabled={!may} onChange={change} />
        <Section title={words.overrides}>
          <p className="prose-width text-ink-2">{words.overridesLead}</p>
          <OverrideRules
            title={words.domains}
            nameLabel={words.domain}
            nameHint="*.partner.example"
            addLabel={words.addDomain}
            rules={draft.domains}
            disabled={!may}
            onChange={(domains) => change({ domains })}
          />
          <OverrideRules
            title={words.recipients}
            nameLabel={words.recipient}
            addLabel={words.addRecipient}
            rules={draft.recipients}
            disabled={!may}
            onChange={(recipients) => change({ recipients })}
          />
        </Section>
        <TimesFields draft={draft} disabled={!may} onChange={change} />
        {conflict && <Conflict onTheirs={onReset} onMine={(version) => save.mutate(version)} />}
        {!conflict && <ActFailure error={save.error} />}
        {save.data && <Notice tone="done" live title={words.saved(save.data.version)} />}
        {may && (
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" kind="primary" busy={save.isPending} disabled={!changed || conflict}>
              {words.save}
            </Button>
            {changed && (
              <>
                <Button kind="quiet" onClick={() => change(toDraft(policy))}>
                  {words.discard}
                </Button>
                <span className="text-ink-2">{words.unsaved}</span>
              </>
            )}
          </div>
        )}
      </form>
      <PolicyPreviewBox document={toDocument(draft)} />
      <PolicyVersions current={policy.version} onUse={may ? (version) => change(toDraft(version)) : null} />
    </>
  );
}
