import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Organisation } from '../api-types.ts';
import { changeOrganisation, organisationQuery } from '../data/administration.ts';
import { sessionQuery, useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../parts/failure.tsx';
import { Choice, TextField, Tick } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { settingsText } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { PatientPortal } from './organisation/patient-portal.tsx';
import { PortalSignIn } from './organisation/portal-sign-in.tsx';

const words = settingsText.organisation;
const MOST_UNREAD_DAYS = 60;

export function OrganisationPage() {
  const organisation = useQuery(organisationQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {organisation.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {organisation.isError && (
        <Failure error={organisation.error} retry={() => void organisation.refetch()} />
      )}
      {organisation.data && <OrganisationForm organisation={organisation.data} />}
    </Page>
  );
}

function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const may = useMay('organisation:write');
  const [name, setName] = useState(organisation.name);
  const [timeZone, setTimeZone] = useState(organisation.timeZone);
  const [locale, setLocale] = useState<'en' | 'es'>(organisation.locale === 'es' ? 'es' : 'en');
  const [unread, setUnread] = useState(String(organisation.unreadNoticeDays));
  const unreadNoticeDays = /^\d{1,2}$/.test(unread.trim()) ? Number(unread) : Number.NaN;
  const unreadWrong = !(unreadNoticeDays <= MOST_UNREAD_DAYS);
  const [separateSignIn, setSeparateSignIn] = useState(organisation.separateSignIn);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      changeOrganisation({ name: name.trim(), timeZone, locale, unreadNoticeDays, separateSignIn }),
    onSuccess: async (saved) => {
      client.setQueryData(organisationQuery.queryKey, saved);
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!unreadWrong) save.mutate();
  };
  const zones = [...new Set(['UTC', organisation.timeZone, ...Intl.supportedValuesOf('timeZone')])];
  return (
    <>
      <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
        <TextField
          label={words.name}
          required
          maxLength={120}
          disabled={!may}
          value={name}
          error={fieldError(save.error, 'name')}
          onChange={(event) => setName(event.target.value)}
        />
        <Choice
          label={words.timeZone}
          hint={words.timeZoneHint}
          disabled={!may}
          value={timeZone}
          choices={zones.map((value) => ({ value, label: value }))}
          onChange={(event) => setTimeZone(event.target.value)}
        />
        <Choice
          label={words.locale}
          disabled={!may}
          value={locale}
          choices={Object.entries(words.locales).map(([value, label]) => ({ value, label }))}
          onChange={(event) => setLocale(event.target.value === 'es' ? 'es' : 'en')}
        />
        <TextField
          label={words.unreadNotice}
          hint={words.unreadNoticeHint}
          inputMode="numeric"
          maxLength={2}
          disabled={!may}
          value={unread}
          className="max-w-24"
          error={unreadWrong ? words.unreadNoticeProblem : fieldError(save.error, 'unreadNoticeDays')}
          onChange={(event) => setUnread(event.target.value)}
        />
        <Tick
          label={words.separateSignIn}
          hint={words.separateSignInHint}
          disabled={!may}
          checked={separateSignIn}
          onChange={(event) => setSeparateSignIn(event.target.checked)}
        />
        <ActFailure error={save.error} />
        {save.isSuccess && <Notice tone="done" live title={words.saved} />}
        {may && (
          <Button type="submit" kind="primary" busy={save.isPending} className="self-start">
            {common.save}
          </Button>
        )}
      </form>
      <Section title={words.domains}>
        {organisation.domains.length === 0 ? (
          <p className="text-ink-2">{words.domainsNone}</p>
        ) : (
          <ul className="border-t border-line">
            {organisation.domains.map((domain) => (
              <li key={domain.id} className="border-b border-line py-2">
                {domain.name}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <PortalSignIn />
      <PatientPortal />
    </>
  );
}
