import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PolicyDocument, SensitivityClass, Stream } from '../../api-types.ts';
import { previewPolicy } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { common } from '../../text/common.ts';
import { reasonWords } from '../../text/decisions.ts';
import { policyText as words } from '../../text/policy.ts';
import { workbenchText } from '../../text/policy-workbench.ts';
import { STREAMS } from './rules.ts';
import { WhereFrom } from './where-from.tsx';

const CLASSES: readonly SensitivityClass[] = ['ordinary', 'light', 'high'];

/** Tries the policy as it stands on the page on one recipient and says in plain words what would happen. */
export function PolicyPreviewBox({ document }: { document: PolicyDocument }) {
  const [address, setAddress] = useState('');
  const [stream, setStream] = useState<Stream>('transactional');
  const [sensitivity, setSensitivity] = useState<SensitivityClass>('light');
  const preview = useMutation({
    mutationFn: () =>
      previewPolicy({ address: address.trim(), class: sensitivity, stream, policy: document }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate();
  };
  return (
    <Section title={words.preview}>
      <p className="text-ink-2">{words.previewLead}</p>
      <form onSubmit={submit} className="grid max-w-3xl gap-3 md:grid-cols-[2fr_1fr_1fr_auto] md:items-end">
        <TextField
          label={words.previewAddress}
          type="email"
          required
          autoComplete="off"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Choice
          label={words.previewClass}
          value={sensitivity}
          choices={CLASSES.map((value) => ({ value, label: common.class[value] }))}
          onChange={(event) => setSensitivity(CLASSES.find((one) => one === event.target.value) ?? 'light')}
        />
        <Choice
          label={workbenchText.previewStream}
          value={stream}
          choices={STREAMS.map((value) => ({ value, label: common.stream[value] }))}
          onChange={(event) =>
            setStream(STREAMS.find((one) => one === event.target.value) ?? 'transactional')
          }
        />
        <Button type="submit" busy={preview.isPending}>
          {words.previewGo}
        </Button>
      </form>
      <div aria-live="polite" className="empty:hidden">
        {preview.error && <ActFailure error={preview.error} />}
        {preview.data && (
          <div className="border-l-4 border-action bg-paper-2 px-4 py-3">
            <p className="text-base font-semibold">
              <SealMark name={preview.data.method} words />
            </p>
            <ol className="mt-1.5 flex list-decimal flex-col gap-0.5 pl-5">
              {preview.data.reasons.map((reason) => {
                const sentence = reasonWords(reason.code, reason.parameters);
                return <li key={sentence}>{sentence}</li>;
              })}
            </ol>
            <WhereFrom values={preview.data.values} />
          </div>
        )}
      </div>
    </Section>
  );
}
