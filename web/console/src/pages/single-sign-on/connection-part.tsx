import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { SsoConnection } from '../../api-types.ts';
import { changeSsoConnection, ssoConnectionsQuery } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { CertificateNotice } from './certificate-notice.tsx';
import { changeOf, draftOf } from './draft.ts';
import { PeopleFields } from './people-fields.tsx';
import { OidcFields, SamlFields } from './provider-fields.tsx';
import { RemoveConnection } from './remove-connection.tsx';
import { RuleFields } from './rule-fields.tsx';
import { TryConnection } from './try-connection.tsx';
import { ValuesForProvider } from './values-for-provider.tsx';

/** One connection: what the provider must be told, who it is, who comes by it, and what they get. */
export function ConnectionPart({ connection, may }: { connection: SsoConnection; may: boolean }) {
  const { kind, id } = connection;
  const [draft, setDraft] = useState(() => draftOf(connection));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changeSsoConnection(id, changeOf(kind, draft)),
    onSuccess: () => client.invalidateQueries({ queryKey: ssoConnectionsQuery.queryKey }),
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const actions = may && (
    <div className="flex flex-wrap gap-2">
      {connection.provider !== null && <TryConnection id={id} />}
      <RemoveConnection connection={connection} />
    </div>
  );
  return (
    <Section
      title={`${connection.name} · ${words.kinds[kind]} · ${connection.live ? words.on : words.off}`}
      actions={actions}
    >
      {connection.provider?.kind === 'saml' && (
        <CertificateNotice certificates={connection.provider.certificates} />
      )}
      <details open={connection.provider === null} className="border-t border-line pt-3">
        <summary className="cursor-pointer font-medium">{words.values}</summary>
        <ValuesForProvider connection={connection} />
      </details>
      <form onSubmit={submit}>
        <fieldset disabled={!may} className="flex flex-col gap-4 border-t border-line pt-3">
          <TextField
            label={words.name}
            hint={words.nameHint}
            required
            maxLength={100}
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
          {kind === 'oidc' ? (
            <OidcFields draft={draft} set={set} secretKept={keptSecret(connection)} />
          ) : (
            <SamlFields draft={draft} set={set} />
          )}
          <PeopleFields draft={draft} set={set} />
          <RuleFields kind={kind} draft={draft} set={set} />
          <Tick
            label={words.live}
            checked={draft.live}
            onChange={(event) => set({ live: event.target.checked })}
          />
          <SaveFailure error={save.error} />
          {may && (
            <div className="flex flex-wrap items-center gap-3">
              <Button type="submit" kind="primary" busy={save.isPending}>
                {words.save}
              </Button>
              <p className="min-w-0 flex-1 basis-64 text-ink-2">{words.ceiling}</p>
            </div>
          )}
        </fieldset>
      </form>
    </Section>
  );
}

function keptSecret({ provider }: SsoConnection): boolean {
  return provider?.kind === 'oidc' && provider.secretKept;
}

/** The server names what is wrong with the whole; then its own words say more than those for any problem. */
export function SaveFailure({ error }: { error: Error | null }) {
  const reason =
    error instanceof ApiProblem ? words.reasons[String(error.problem.parameters?.reason)] : undefined;
  return reason === undefined ? <ActFailure error={error} /> : <Notice tone="failed">{reason}</Notice>;
}
