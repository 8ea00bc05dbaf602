import { useQuery } from '@tanstack/react-query';
import { organisationQuery } from '../../data/administration.ts';
import { Failure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { PeopleChooser } from '../people/people-chooser.tsx';
import type { FieldsProps } from './provider-fields.tsx';

const toggled = (all: readonly string[], one: string, on: boolean): string[] =>
  on ? [...all, one] : all.filter((each) => each !== one);

/** Which domains are led here, whether they must, and who stands aside. */
export function PeopleFields({ draft, set }: FieldsProps) {
  const organisation = useQuery(organisationQuery);
  const names = [
    ...new Set([...(organisation.data?.domains.map(({ name }) => name) ?? []), ...draft.domains]),
  ];
  return (
    <>
      <fieldset className="flex flex-col gap-2">
        <legend className="font-semibold">{words.people}</legend>
        <p className="text-ink-2">{names.length === 0 ? words.domainsNone : words.domainsHint}</p>
        {organisation.isError && (
          <Failure error={organisation.error} retry={() => void organisation.refetch()} />
        )}
        {names.map((name) => (
          <Tick
            key={name}
            label={name}
            checked={draft.domains.includes(name)}
            onChange={(event) => set({ domains: toggled(draft.domains, name, event.target.checked) })}
          />
        ))}
      </fieldset>
      <Tick
        label={words.jit}
        hint={words.jitHint}
        checked={draft.rules.jit}
        onChange={(event) => set({ rules: { ...draft.rules, jit: event.target.checked } })}
      />
      <Tick
        label={words.enforced}
        hint={words.enforcedHint}
        checked={draft.enforced}
        onChange={(event) => set({ enforced: event.target.checked })}
      />
      {draft.enforced && (
        <fieldset className="flex flex-col gap-2 pl-6">
          <legend className="font-medium">{words.exempt}</legend>
          <PeopleChooser chosen={draft.exempt} onChange={(exempt) => set({ exempt })} />
        </fieldset>
      )}
    </>
  );
}
