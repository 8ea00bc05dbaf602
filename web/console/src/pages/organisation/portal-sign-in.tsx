import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PortalSignInRule } from '../../api-types.ts';
import { changePortalSignIn, portalSignInQuery } from '../../data/administration.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { portalSignInText as words } from '../../text/portal-sign-in.ts';

type FirstFactor = PortalSignInRule['first'][number];
type Question = PortalSignInRule['question'];

const FACTORS: readonly FirstFactor[] = ['mailed-code', 'texted-code', 'passkey', 'device'];
const QUESTIONS: readonly Question[] = ['always', 'high', 'never'];

/** How recipients sign in: the organisation's rule. */
export function PortalSignIn() {
  const rule = useQuery(portalSignInQuery);
  return (
    <Section title={words.title}>
      <p className="prose-width text-ink-2">{words.lead}</p>
      {rule.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {rule.isError && <Failure error={rule.error} retry={() => void rule.refetch()} />}
      {rule.data && <RuleForm kept={rule.data} />}
    </Section>
  );
}

function RuleForm({ kept }: { kept: PortalSignInRule }) {
  const may = useMay('organisation:write');
  const [first, setFirst] = useState<readonly FirstFactor[]>(kept.first);
  const [question, setQuestion] = useState<Question>(kept.question);
  const [wrongAnswers, setWrongAnswers] = useState(String(kept.wrongAnswers));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changePortalSignIn({ first: [...first], question, wrongAnswers: Number(wrongAnswers) }),
    onSuccess: (saved) => client.setQueryData(portalSignInQuery.queryKey, saved),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const noCode = !first.includes('mailed-code') && !first.includes('texted-code');
  const toggle = (factor: FirstFactor, on: boolean) =>
    setFirst(FACTORS.filter((one) => (one === factor ? on : first.includes(one))));
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      <fieldset disabled={!may} className="flex flex-col gap-3">
        <legend className="mb-2 font-medium">{words.first}</legend>
        {FACTORS.map((factor) => (
          <Tick
            key={factor}
            label={words.factors[factor]}
            hint={words.hints[factor]}
            checked={first.includes(factor)}
            onChange={(event) => toggle(factor, event.target.checked)}
          />
        ))}
      </fieldset>
      {noCode && <Notice tone="held" live title={words.needsCode} />}
      <Choice
        label={words.question}
        hint={words.questionHint}
        disabled={!may}
        value={question}
        choices={QUESTIONS.map((value) => ({ value, label: words.questions[value] }))}
        onChange={(event) => setQuestion(QUESTIONS.find((one) => one === event.target.value) ?? 'high')}
      />
      {question === 'always' && <Notice tone="held">{words.questionAlways}</Notice>}
      <TextField
        label={words.wrongAnswers}
        hint={words.wrongAnswersHint}
        type="number"
        min={3}
        max={10}
        required
        disabled={!may}
        value={wrongAnswers}
        error={fieldError(save.error, 'wrongAnswers')}
        onChange={(event) => setWrongAnswers(event.target.value)}
      />
      <ActFailure error={save.error} />
      {save.isSuccess && <Notice tone="done" live title={words.saved} />}
      {may && (
        <Button type="submit" kind="primary" busy={save.isPending} disabled={noCode} className="self-start">
          {common.save}
        </Button>
      )}
    </form>
  );
}
