import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { discoverSignOn, organisationWaysQuery } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { ssoText } from '../../text/single-sign-on.ts';
import { Narrow } from './narrow.tsx';

const words = ssoText.signIn;

const leave = (startUrl: string, to: string | undefined) =>
  window.location.assign(to === undefined ? startUrl : `${startUrl}?to=${encodeURIComponent(to)}`);

/** Why a sign-in at a provider ended before the door; one word stands in the address. */
export function SignOnRefused({ refused }: { refused: string | undefined }) {
  const said = refused === undefined ? undefined : words.refused[refused];
  return said === undefined ? null : <Notice tone="failed">{said}</Notice>;
}

/** Below the passphrase: finds the provider by the domain of an address. Nothing is said of persons. */
export function SignOn({ to }: { to: string | undefined }) {
  const [address, setAddress] = useState('');
  const find = useMutation({
    mutationFn: () => discoverSignOn(address.trim()),
    onSuccess: ({ way }) => {
      if (way !== null) leave(way.startUrl, to);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    find.mutate();
  };
  return (
    <details className="mt-6 border-t border-line pt-4">
      <summary className="cursor-pointer font-medium">{words.title}</summary>
      <form onSubmit={submit} className="mt-4 flex flex-col gap-4">
        <TextField
          label={words.address}
          type="email"
          autoComplete="email"
          required
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        {find.data?.way === null && <Notice live>{words.noWay}</Notice>}
        <ActFailure error={find.error} />
        <Button type="submit" busy={find.isPending}>
          {words.go}
        </Button>
      </form>
    </details>
  );
}

const route = getRouteApi('/sign-in/$slug');

/** The sign-in link of one organisation: its providers as buttons. */
export function OrganisationSignInPage() {
  const { slug } = route.useParams();
  const ways = useQuery(organisationWaysQuery(slug));
  return (
    <Narrow title={words.organisationTitle}>
      <div className="flex flex-col gap-4">
        {ways.isPending && <RowsSkeleton rows={1} label={words.organisationTitle} />}
        {ways.isError && <Failure error={ways.error} retry={() => void ways.refetch()} />}
        {ways.data?.ways.length === 0 && <Notice>{words.organisationNone}</Notice>}
        {ways.data?.ways.map(({ id, name, startUrl }) => (
          <Button key={id} kind="primary" onClick={() => leave(startUrl, undefined)}>
            {words.with(name)}
          </Button>
        ))}
        <Link to="/sign-in" className="link">
          {words.other}
        </Link>
      </div>
    </Narrow>
  );
}
