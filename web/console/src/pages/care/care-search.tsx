import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CareSearch } from '../../data/care.ts';
import { groupsQuery } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { careText as words } from '../../text/care.ts';
import { PersonChooser } from '../people/person-chooser.tsx';

/** Narrows the list. What is typed is posted when the form is sent; it stands in no address. */
export function CareSearchForm({
  narrowed,
  onSearch,
  error,
}: {
  narrowed: boolean;
  onSearch: (search: CareSearch) => void;
  error: Error | null;
}) {
  const groups = useQuery(groupsQuery);
  const [address, setAddress] = useState('');
  const [subject, setSubject] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = address.trim();
    onSearch({ ...(text === '' ? {} : { address: text }), ...(subject === '' ? {} : { subject }) });
  };
  const clear = () => {
    setAddress('');
    setSubject('');
    onSearch({});
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3" autoComplete="off">
      <div className="w-72 max-w-full phone:w-full">
        <TextField
          label={words.forSearch}
          type="email"
          value={address}
          error={fieldError(error, 'address')}
          onChange={(event) => setAddress(event.target.value)}
        />
      </div>
      <div className="w-56 max-w-full phone:w-full">
        <PersonChooser
          label={words.bySearch}
          value={subject}
          onChange={setSubject}
          none={words.everybody}
          also={(groups.data?.items ?? []).map(({ id, name }) => ({
            value: id,
            label: `${name} (${words.groupMark})`,
          }))}
        />
      </div>
      <Button type="submit">{words.search}</Button>
      {narrowed && (
        <Button kind="quiet" onClick={clear}>
          {words.showAll}
        </Button>
      )}
    </form>
  );
}
