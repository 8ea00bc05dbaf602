import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { AccessExplanation, AccessScope, Permission } from '../../api-types.ts';
import { explainAccess, rolesQuery } from '../../data/roles.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { permissionText } from '../../text/administration.ts';
import { limitsText } from '../../text/limits.ts';
import { PERMISSION_GROUPS, rolesText as words } from '../../text/roles.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { scopeText } from './assignment-list.tsx';
import { organisationName } from './organisation-name.ts';
import { roleName } from './role-name.ts';
import { ScopeFields } from './scope-fields.tsx';
import { stopsIn } from './stops-in.ts';

const PERMISSIONS = PERMISSION_GROUPS.flatMap(({ permissions }) => permissions);

/** Asks whether somebody may do something, and why. */
export function WhyTab() {
  const [person, setPerson] = useState({ id: '', name: '' });
  const [permission, setPermission] = useState('messages:read');
  const [scope, setScope] = useState<AccessScope | null>(null);
  const ask = useMutation({
    mutationFn: async () => ({
      person,
      told: await explainAccess({ identity: person.id, permission: permission as Permission, scope }),
    }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (person.id !== '') ask.mutate();
  };
  return (
    <div className="flex flex-col gap-5">
      <p className="prose-width text-ink-2">{words.whyLead}</p>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <PersonChooser
          label={words.person}
          required
          value={person.id}
          onChange={(id, name) => setPerson({ id, name })}
        />
        <Choice
          label={words.permission}
          value={permission}
          onChange={(event) => setPermission(event.target.value)}
          choices={PERMISSIONS.map((value) => ({ value, label: permissionText[value] ?? value }))}
        />
        <ScopeFields scope={scope} onChange={setScope} />
        <Button type="submit" kind="primary" className="self-start" busy={ask.isPending}>
          {words.ask}
        </Button>
      </form>
      <ActFailure error={ask.error} />
      {ask.data && <Answer told={ask.data.told} identity={ask.data.person.id} name={ask.data.person.name} />}
    </div>
  );
}

function Answer({ told, identity, name }: { told: AccessExplanation; identity: string; name: string }) {
  const roles = useQuery(rolesQuery);
  return (
    <div role="status">
      <Notice
        tone={told.allowed ? 'done' : 'held'}
        title={told.allowed ? words.allowed(name) : words.refused(name)}
      >
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {told.reasons.map((reason, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list is shown whole and never changes
            <li key={index}>{reasonText(reason, roles.data?.items)}</li>
          ))}
        </ul>
        <Stops told={told} identity={identity} />
      </Notice>
    </div>
  );
}

/** What a boundary or guardrail is, whose it is, and where it is seen. */
function Stops({ told, identity }: { told: AccessExplanation; identity: string }) {
  const session = useSession();
  const { boundary, organisations } = stopsIn(told.reasons);
  return (
    <>
      {boundary && (
        <p className="mt-2">
          {limitsText.stoppedByBoundary}{' '}
          <Link to="/settings/people/$id" params={{ id: identity }} className="link">
            {limitsText.seeBoundary}
          </Link>
        </p>
      )}
      {organisations.map((id) => (
        <p key={id} className="mt-2">
          {limitsText.stoppedByGuardrail(organisationName(id, session?.organisations) ?? limitsText.above)}{' '}
          <Link to="/settings/roles" search={{ part: 'limits' }} className="link">
            {limitsText.seeGuardrails}
          </Link>
        </p>
      ))}
    </>
  );
}

type Reason = AccessExplanation['reasons'][number];

function reasonText(reason: Reason, roles: Parameters<typeof roleName>[1]): string {
  const said = words.reasons[reason.code] ?? reason.code;
  if (reason.role === null) return said;
  const way = reason.group?.name ?? (reason.via === null ? '' : (words.ways[reason.via] ?? ''));
  const where = reason.scope === null ? '' : `, ${scopeText(reason.scope)}`;
  return `${roleName(reason.role, roles)} (${way}${where}) ${said}`;
}
