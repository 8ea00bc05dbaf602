import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { OpenpgpSettings } from '../../api-types.ts';
import { recipientKeysQuery } from '../../data/administration.ts';
import { keySettingsQuery, saveKeySettings } from '../../data/keys.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { keysText as words } from '../../text/keys.ts';

/** Which sources of keys are believed by themselves. */
export function TrustSettings() {
  const settings = useQuery(keySettingsQuery);
  return (
    <Section title={words.believe}>
      <p className="prose-width text-ink-2">{words.believeLead}</p>
      {settings.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Sources settings={settings.data} />}
    </Section>
  );
}

const SOURCES = ['wkd', 'hkps', 'portal', 'autocrypt'] as const;

function isTrust(value: string): value is OpenpgpSettings['wkd'] {
  return value === 'first-use' || value === 'vouched';
}

function Sources({ settings }: { settings: OpenpgpSettings }) {
  const may = useMay('recipient-keys:write');
  const [draft, setDraft] = useState(settings);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveKeySettings(draft),
    onSuccess: async (saved) => {
      client.setQueryData(keySettingsQuery.queryKey, saved);
      await client.invalidateQueries({ queryKey: recipientKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      {SOURCES.map((source) => (
        <Choice
          key={source}
          label={words.sources[source]}
          hint={words.sourceHints[source]}
          disabled={!may}
          value={draft[source]}
          choices={(['first-use', 'vouched'] as const).map((value) => ({
            value,
            label: words.believes[value],
          }))}
          onChange={({ target }) => isTrust(target.value) && setDraft({ ...draft, [source]: target.value })}
        />
      ))}
      <ActFailure error={save.error} />
      {save.isSuccess && <Notice tone="done" live title={words.saved} />}
      {may && (
        <Button type="submit" kind="primary" busy={save.isPending} className="self-start">
          {common.save}
        </Button>
      )}
    </form>
  );
}
