import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Ceremony, SetupDone, SetupState } from '../../api-types.ts';
import { adoptSession, sessionQuery } from '../../data/session.ts';
import { setupState } from '../../data/sign-in.ts';
import { buttonClass } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { common } from '../../text/common.ts';
import { setupText as words } from '../../text/sign-in.ts';
import { Narrow } from '../sign-in/narrow.tsx';
import { AdministratorStep } from './administrator-step.tsx';
import { FactorStep } from './factor-step.tsx';
import { OrganisationStep } from './organisation-step.tsx';
import { RecoveryStep } from './recovery-step.tsx';
import type { SetupForm } from './setup-form.ts';
import { takeToken } from './take-token.ts';

/** First run: organisation, administrator, second factor, recovery. */
export function SetupPage() {
  const [token] = useState(takeToken);
  const state = useQuery({ queryKey: ['setup'], queryFn: setupState, staleTime: Number.POSITIVE_INFINITY });
  if (state.isError) {
    return (
      <Narrow title={words.title}>
        <Failure error={state.error} retry={() => void state.refetch()} />
      </Narrow>
    );
  }
  if (!state.data) {
    return (
      <Narrow title={words.title} wide>
        <RowsSkeleton rows={4} label={common.loading} />
      </Narrow>
    );
  }
  return <Wizard token={token} state={state.data} />;
}

function Wizard({ token, state }: { token: string; state: SetupState }) {
  const [step, setStep] = useState<'organisation' | 'administrator' | 'factor' | 'recovery'>('organisation');
  const [form, setForm] = useState<SetupForm>({
    organisationName: '',
    consoleUrl: state.consoleUrl ?? window.location.origin,
    portalUrl: state.portalUrl ?? '',
    displayName: '',
    address: '',
  });
  const [ceremony, setCeremony] = useState<Ceremony | null>(null);
  const [done, setDone] = useState<SetupDone | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const change = (part: Partial<SetupForm>) => setForm((before) => ({ ...before, ...part }));

  if (done) {
    return (
      <Narrow title={words.recoveryTitle} lead={<Progress now={4} />} wide>
        <RecoveryStep codes={done.recoveryCodes} onDone={() => void navigate({ to: '/getting-secure' })} />
      </Narrow>
    );
  }
  if (state.state === 'done') {
    return (
      <Narrow title={words.doneTitle} lead={words.done}>
        <Link to="/sign-in" className={buttonClass('primary')}>
          {words.signIn}
        </Link>
      </Narrow>
    );
  }
  if (token === '')
    return (
      <Narrow title={words.noTokenTitle} lead={words.noToken}>
        {null}
      </Narrow>
    );
  if (step === 'organisation') {
    return (
      <Narrow title={words.title} lead={<Progress now={1} lead />} wide>
        <OrganisationStep form={form} onChange={change} onNext={() => setStep('administrator')} />
      </Narrow>
    );
  }
  if (step === 'administrator' || !ceremony) {
    return (
      <Narrow title={words.steps.administrator} lead={<Progress now={2} />} wide>
        <AdministratorStep
          token={token}
          form={form}
          onChange={change}
          onBack={() => setStep('organisation')}
          onCeremony={(started) => {
            setCeremony(started);
            setStep('factor');
          }}
        />
      </Narrow>
    );
  }
  return (
    <Narrow title={words.steps.factor} lead={<Progress now={3} />} wide>
      <FactorStep
        ceremony={ceremony}
        onDone={(finished) => {
          client.setQueryData(sessionQuery.queryKey, adoptSession(finished.session));
          setDone(finished);
        }}
      />
    </Narrow>
  );
}

function Progress({ now, lead = false }: { now: number; lead?: boolean }) {
  const steps = Object.values(words.steps);
  return (
    <>
      {lead && <p className="mb-3">{words.lead}</p>}
      <p className="mb-2">{words.step(now, steps.length)}</p>
      <ol className="flex gap-1.5">
        {steps.map((name, index) => (
          <li
            key={name}
            aria-current={index + 1 === now ? 'step' : undefined}
            className={`flex-1 border-t-4 pt-1 text-xs ${index < now ? 'border-action text-ink' : 'border-line'}`}
          >
            {name}
          </li>
        ))}
      </ol>
    </>
  );
}
