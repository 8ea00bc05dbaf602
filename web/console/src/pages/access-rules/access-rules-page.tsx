import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldQuestion } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem } from '../../api.ts';
import {
  type AccessRule,
  accessRulesQuery,
  saveAccessRules,
  tryAccessRules,
} from '../../data/access-rules.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { When } from '../../parts/when.tsx';
import { ruleSentence, accessRulesText as words } from '../../text/access-rules.ts';
import { Devices } from './devices.tsx';
import { RuleEditor } from './rule-editor.tsx';
import { TimeOuts } from './time-outs.tsx';

/** Conditional access: rules and what they would do, devices, time-outs. */
export function AccessRulesPage() {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        label={words.title}
        tabs={[
          { id: 'rules', label: words.tabs.rules, content: <Rules /> },
          { id: 'devices', label: words.tabs.devices, content: <Devices /> },
          { id: 'sessions', label: words.tabs.sessions, content: <TimeOuts /> },
        ]}
      />
    </Page>
  );
}

function Rules() {
  const found = useQuery(accessRulesQuery);
  if (found.isPending) return <RowsSkeleton rows={3} label={words.loading} />;
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return <RuleList version={found.data.version} rules={found.data.rules} />;
}

function RuleList({ version, rules }: { version: number; rules: AccessRule[] }) {
  const may = useMay('access-rules:write');
  const client = useQueryClient();
  const [editing, setEditing] = useState<AccessRule | 'new' | null>(null);
  const save = useMutation({
    mutationFn: (given: { rules: AccessRule[]; confirm: boolean }) =>
      saveAccessRules(version, given.rules, given.confirm),
    onSuccess: (stored) => {
      setEditing(null);
      client.setQueryData(accessRulesQuery.queryKey, stored);
    },
  });
  const locked =
    save.error instanceof ApiProblem && save.error.problem.parameters?.reason === 'locks-you-out'
      ? String(save.error.problem.parameters.rule)
      : null;
  const put = (rule: AccessRule) => {
    const others = rules.some(({ id }) => id === rule.id);
    const next = others ? rules.map((one) => (one.id === rule.id ? rule : one)) : [...rules, rule];
    save.mutate({ rules: next, confirm: false });
  };
  return (
    <div className="flex flex-col gap-4">
      {may && (
        <Button kind="primary" className="self-start" onClick={() => setEditing('new')}>
          {words.add}
        </Button>
      )}
      {rules.length === 0 && (
        <Empty icon={<ShieldQuestion />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {rules.length > 0 && <p className="text-ink-2">{words.order}</p>}
      <ul className="border-t border-line empty:hidden">
        {rules.map((rule) => (
          <li key={rule.id} className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line py-3">
            <div className="min-w-0 flex-1 basis-72">
              <p className="font-medium [overflow-wrap:anywhere]">{rule.name}</p>
              <p className="text-ink-2 [overflow-wrap:anywhere]">
                {words.effects[rule.effect]}: {ruleSentence(rule)}
              </p>
            </div>
            <p className="text-ink-2">{words.modes[rule.mode]}</p>
            {may && (
              <div className="flex gap-2">
                <Button aria-label={words.editLabel(rule.name)} onClick={() => setEditing(rule)}>
                  {words.edit}
                </Button>
                <Button
                  kind="danger"
                  aria-label={words.removeLabel(rule.name)}
                  onClick={() =>
                    save.mutate({ rules: rules.filter(({ id }) => id !== rule.id), confirm: false })
                  }
                >
                  {words.remove}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {locked === null && editing === null && <ActFailure error={save.error} />}
      {locked !== null && (
        <Notice tone="held">
          <p>{words.lockedOut(locked)}</p>
          <Button
            className="mt-2"
            busy={save.isPending}
            onClick={() => save.variables && save.mutate({ ...save.variables, confirm: true })}
          >
            {words.saveAnyway}
          </Button>
        </Notice>
      )}
      {rules.length > 0 && <Replay rules={rules} />}
      {editing !== null && (
        <RuleEditor
          rule={editing === 'new' ? null : editing}
          busy={save.isPending}
          error={locked === null ? save.error : null}
          locked={locked}
          onConfirm={() => save.variables && save.mutate({ ...save.variables, confirm: true })}
          onSave={put}
          onClose={() => {
            save.reset();
            setEditing(null);
          }}
        />
      )}
    </div>
  );
}

function Replay({ rules }: { rules: AccessRule[] }) {
  const text = words.replay;
  const replay = useMutation({ mutationFn: () => tryAccessRules(rules) });
  return (
    <Section title={text.title}>
      <p className="text-ink-2">{text.lead}</p>
      <Button className="my-3" busy={replay.isPending} onClick={() => replay.mutate()}>
        {text.go}
      </Button>
      <ActFailure error={replay.error} />
      {replay.data && replay.data.changed.length === 0 && <p>{text.same(replay.data.signIns)}</p>}
      {replay.data && replay.data.changed.length > 0 && (
        <>
          <p>{text.changed(replay.data.changed.length, replay.data.signIns)}</p>
          <ul className="mt-2 border-t border-line">
            {replay.data.changed.map((one) => (
              <li key={one.id} className="border-b border-line py-2">
                <p>
                  {one.person?.displayName ?? text.unknown}, <When time={one.at} />
                </p>
                <p className="text-ink-2">
                  {text.row(
                    text.decisions[one.was as keyof typeof text.decisions] ?? one.was,
                    text.decisions[one.wouldBe],
                  )}
                  {one.rules.length > 0 && ` (${one.rules.join(', ')})`}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
