import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Ceremony, SetupDone } from '../../api-types.ts';
import { finishWithPasskey, finishWithTotp, totpEnrolment } from '../../data/sign-in.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { common } from '../../text/common.ts';
import { setupText as words } from '../../text/sign-in.ts';
import { CodeField } from '../sign-in/code-field.tsx';
import { TotpPicture } from './totp-picture.tsx';

interface StepProps {
  ceremony: Ceremony;
  onDone: (done: SetupDone) => void;
}

export function FactorStep(props: StepProps) {
  return (
    <div className="flex flex-col gap-4">
      <p>{words.factorLead}</p>
      <Tabs
        label={words.factorChoice}
        tabs={[
          { id: 'totp', label: words.totp, content: <Totp {...props} /> },
          { id: 'passkey', label: words.passkey, content: <Passkey {...props} /> },
        ].filter(({ id }) => props.ceremony.factors.some((one) => one === id))}
      />
    </div>
  );
}

function Totp({ ceremony, onDone }: StepProps) {
  const [code, setCode] = useState('');
  const enrolment = useQuery({
    queryKey: ['setup', 'totp', ceremony.ceremony],
    queryFn: () => totpEnrolment(ceremony.ceremony),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const finish = useMutation({
    mutationFn: () => finishWithTotp(ceremony.ceremony, code.replaceAll(/\s/g, '')),
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    finish.mutate();
  };
  if (enrolment.isError) return <Failure error={enrolment.error} retry={() => void enrolment.refetch()} />;
  if (!enrolment.data) return <RowsSkeleton rows={4} label={common.loading} />;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TotpPicture {...enrolment.data} />
      <ActFailure error={finish.error} />
      <CodeField kind="totp" value={code} onChange={setCode} />
      <Button type="submit" kind="primary" busy={finish.isPending} className="self-start">
        {words.totpGo}
      </Button>
    </form>
  );
}

function Passkey({ ceremony, onDone }: StepProps) {
  const [label, setLabel] = useState(words.passkeyDefault);
  const finish = useMutation({
    mutationFn: () => finishWithPasskey(ceremony.ceremony, label.trim()),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    finish.mutate();
  };
  if (!browserSupportsWebAuthn()) return <Notice tone="held">{words.passkeyUnsupported}</Notice>;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>{words.passkeyLead}</p>
      <ActFailure error={finish.error} />
      <TextField
        label={words.passkeyLabel}
        maxLength={60}
        required
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Button
        type="submit"
        kind="primary"
        busy={finish.isPending}
        icon={<Fingerprint aria-hidden="true" className="size-4" />}
        className="self-start"
      >
        {words.passkeyGo}
      </Button>
    </form>
  );
}
