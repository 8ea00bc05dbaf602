import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { GuardrailRules } from '../../api-types.ts';
import { guardrailsQuery } from '../../data/limits.ts';
import { rolesQuery } from '../../data/roles.ts';
import { useMay, useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { limitsText as words } from '../../text/limits.ts';
import { GuardrailForm } from './guardrail-form.tsx';
import { organisationName } from './organisation-name.ts';
import { PermissionList } from './permission-list.tsx';
import { roleName } from './role-name.ts';

/** Guardrails: what organisations above forbid here, and what this one forbids those below. */
export function LimitsTab() {
  const guardrails = useQuery(guardrailsQuery);
  const session = useSession();
  const may = useMay('roles:write');
  const [editing, setEditing] = useState(false);
  if (guardrails.isPending) return <RowsSkeleton rows={4} label={words.loading} />;
  if (guardrails.isError) return <Failure error={guardrails.error} retry={() => void guardrails.refetch()} />;
  const { own, above } = guardrails.data;
  const binding = above.filter((one) => !isEmpty(one));
  return (
    <div className="flex flex-col gap-8">
      <p className="prose-width text-ink-2">{words.guardrailsLead}</p>
      <Section title={words.fromAbove}>
        {binding.length === 0 && <p className="text-ink-2">{words.fromAboveNone}</p>}
        {binding.map((one) => (
          <div key={one.organisation} className="border-l-2 border-line-strong pl-4">
            <h3 className="font-medium">
              {organisationName(one.organisation, session?.organisations) ?? words.organisationAbove}
            </h3>
            <Rules rules={one} />
          </div>
        ))}
      </Section>
      <Section
        title={words.own}
        actions={may && <Button onClick={() => setEditing(true)}>{words.change}</Button>}
      >
        <p className="prose-width text-ink-2">{words.ownLead}</p>
        {isEmpty(own) ? <p>{words.ownNone}</p> : <Rules rules={own} />}
      </Section>
      <Dialog
        open={editing}
        onOpenChange={setEditing}
        title={words.editTitle}
        description={words.editLead}
        wide
      >
        <GuardrailForm rules={own} onClose={() => setEditing(false)} />
      </Dialog>
    </div>
  );
}

function isEmpty({ denied, caps }: GuardrailRules): boolean {
  return denied.length === 0 && Object.keys(caps).length === 0;
}

function Rules({ rules }: { rules: GuardrailRules }) {
  const roles = useQuery(rolesQuery);
  return (
    <div className="mt-2 flex flex-col gap-4">
      {rules.denied.length > 0 && (
        <div>
          <p className="text-ink-2">{words.denied}:</p>
          <PermissionList permissions={rules.denied} />
        </div>
      )}
      {Object.entries(rules.caps).map(([role, most]) => (
        <div key={role}>
          <p className="text-ink-2">
            {words.cap(roleName(role, roles.data?.items))}
            {most.length === 0 ? ` ${words.capNothing}.` : ':'}
          </p>
          <PermissionList permissions={most} />
        </div>
      ))}
    </div>
  );
}
