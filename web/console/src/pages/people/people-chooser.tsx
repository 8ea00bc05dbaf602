import { useQuery } from '@tanstack/react-query';
import { firstMembersQuery, useMemberNames } from '../../data/members.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { peopleText as words } from '../../text/people.ts';
import { PersonChooser } from './person-chooser.tsx';

/** Chooses several people: by ticks where they are few, else one after the other by searching. */
export function PeopleChooser({
  chosen,
  onChange,
  disabled = false,
}: {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  disabled?: boolean;
}) {
  const may = useMay('members:read');
  const first = useQuery({ ...firstMembersQuery, enabled: may });
  if (first.isError) return <Failure error={first.error} retry={() => void first.refetch()} />;
  const without = (id: string) => chosen.filter((one) => one !== id);
  if (first.data && first.data.next !== null)
    return <Chosen {...{ chosen, onChange, disabled }} without={without} />;
  return (
    <div className="flex max-h-64 flex-col gap-1 overflow-y-auto">
      {first.data?.items.map(({ identity: { id, displayName, address } }) => (
        <Tick
          key={id}
          label={displayName}
          hint={address}
          disabled={disabled}
          checked={chosen.includes(id)}
          onChange={(event) => onChange(event.target.checked ? [...chosen, id] : without(id))}
        />
      ))}
    </div>
  );
}

function Chosen(props: {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  disabled: boolean;
  without: (id: string) => string[];
}) {
  const { chosen, onChange, disabled } = props;
  const { nameOf } = useMemberNames(chosen);
  return (
    <div className="flex flex-col gap-2">
      {chosen.length > 0 && (
        <ul aria-label={words.chosen} className="border-t border-line">
          {chosen.map((id) => {
            const name = nameOf(id);
            return (
              <li key={id} className="flex items-center gap-3 border-b border-line py-1">
                <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{name}</span>
                {!disabled && (
                  <Button aria-label={words.takeAway(name)} onClick={() => onChange(props.without(id))}>
                    {common.remove}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {!disabled && (
        <PersonChooser
          label={words.add}
          value=""
          without={chosen}
          onChange={(id) => id !== '' && onChange([...chosen, id])}
        />
      )}
    </div>
  );
}
