import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Member } from '../../api-types.ts';
import { firstMembersQuery, foundMembersQuery, useMemberNames } from '../../data/members.ts';
import { useMay } from '../../data/session.ts';
import { Combobox, type ComboOption } from '../../parts/combobox.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Choice, type FieldProps } from '../../parts/field.tsx';
import { useLater } from '../../parts/use-later.ts';
import { peopleText as words } from '../../text/people.ts';
import { foundWords } from './found-words.ts';

/** A search begins when nobody has typed for so long. */
const PAUSE_MS = 250;

interface Props extends FieldProps {
  /** Id of the chosen person; empty for nobody. */
  readonly value: string;
  /** The name is empty when nobody is chosen. */
  readonly onChange: (id: string, name: string) => void;
  /** What the choice of nobody is called. */
  readonly none?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  /** Ids that are not offered. */
  readonly without?: readonly string[];
  /** Offered before the people, such as groups. */
  readonly also?: readonly ComboOption[];
}

/** Chooses a person of the organisation: from a plain list where they are few, else by searching. */
export function PersonChooser(props: Props) {
  const may = useMay('members:read');
  const first = useQuery({ ...firstMembersQuery, enabled: may });
  if (first.isError) return <Failure error={first.error} retry={() => void first.refetch()} />;
  if (first.data && first.data.next !== null) return <Searching {...props} first={first.data.items} />;
  const { value, onChange, none, without = [], also = [], ...field } = props;
  const options = [...also, ...optionsOf(first.data?.items ?? [], without)];
  const choices = [{ value: '', label: none ?? words.none }, ...options];
  return (
    <Choice
      {...field}
      value={value}
      choices={choices.map((one) => ({ value: one.value, label: one.label }))}
      onChange={({ target }) =>
        onChange(target.value, options.find((one) => one.value === target.value)?.label ?? '')
      }
    />
  );
}

function Searching({
  first,
  value,
  onChange,
  none,
  without = [],
  also = [],
  ...field
}: Props & { first: Member[] }) {
  const [text, setText] = useState('');
  const [last, setLast] = useState<ComboOption | null>(null);
  const wanted = useLater(text.trim(), PAUSE_MS);
  const found = useQuery({ ...foundMembersQuery(wanted), enabled: wanted !== '' });
  const others = [...also, ...(last === null ? [] : [last])].find((one) => one.value === value);
  const { nameOf } = useMemberNames(value === '' || others !== undefined ? [] : [value]);
  const people = wanted === '' ? first : (found.data?.items ?? []);
  const matching = also.filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()));
  const options = [...matching, ...optionsOf(people, without)];
  const busy = text.trim() !== wanted || found.isFetching;
  return (
    <>
      <Combobox
        {...field}
        hint={field.hint ?? words.type}
        placeholder={none}
        value={value}
        shown={value === '' ? '' : (others?.label ?? nameOf(value))}
        options={options}
        status={
          busy
            ? words.searching
            : wanted === ''
              ? words.type
              : found.data
                ? foundWords({ ...found.data, items: options })
                : ''
        }
        onText={setText}
        onChoose={(option) => {
          setLast(option);
          onChange(option?.value ?? '', option?.label ?? '');
        }}
      />
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
    </>
  );
}

function optionsOf(members: readonly Member[], without: readonly string[]): ComboOption[] {
  return members
    .filter(({ identity }) => !without.includes(identity.id))
    .map(({ identity }) => ({ value: identity.id, label: identity.displayName, detail: identity.address }));
}
