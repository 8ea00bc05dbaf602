import type { AccessScope } from '../../api-types.ts';
import { Choice, TextField } from '../../parts/field.tsx';
import { rolesText as words } from '../../text/roles.ts';

const STREAMS = ['transactional', 'business', 'marketing'];

/** Everywhere, one stream or one mailbox. The other kinds have nothing yet that could be chosen. */
export function ScopeFields({
  scope,
  onChange,
}: {
  scope: AccessScope | null;
  onChange: (scope: AccessScope | null) => void;
}) {
  const choose = (kind: string) => {
    if (kind === 'stream') onChange({ kind, id: 'transactional' });
    else if (kind === 'mailbox') onChange({ kind, id: '' });
    else onChange(null);
  };
  return (
    <>
      <Choice
        label={words.where}
        value={scope?.kind ?? ''}
        onChange={(event) => choose(event.target.value)}
        choices={[
          { value: '', label: words.everywhere },
          { value: 'stream', label: words.kinds.stream ?? '' },
          { value: 'mailbox', label: words.kinds.mailbox ?? '' },
        ]}
      />
      {scope?.kind === 'stream' && (
        <Choice
          label={words.stream}
          value={scope.id}
          onChange={(event) => onChange({ kind: 'stream', id: event.target.value })}
          choices={STREAMS.map((value) => ({ value, label: value }))}
        />
      )}
      {scope?.kind === 'mailbox' && (
        <TextField
          label={words.mailbox}
          hint={words.mailboxHint}
          type="email"
          required
          value={scope.id}
          onChange={(event) => onChange({ kind: 'mailbox', id: event.target.value })}
        />
      )}
    </>
  );
}
