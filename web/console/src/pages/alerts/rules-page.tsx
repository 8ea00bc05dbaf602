import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlertRule } from '../../api-types.ts';
import { alertRulesQuery, changeRule, removeRule } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { ruleName, ruleSentence } from '../../text/alert-rules.ts';
import { common } from '../../text/common.ts';
import { monitoringText } from '../../text/monitoring.ts';
import { Severity } from '../incidents/severity.tsx';
import { RuleEditor } from './rule-editor.tsx';

const words = monitoringText.rules;

/** The rules that watch the audit log, in plain words. */
export function AlertRulesPage() {
  const rules = useQuery(alertRulesQuery);
  const may = useMay('alerts:write');
  const [making, setMaking] = useState(false);
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <Link to="/incidents" className={buttonClass()}>
            {words.incidents}
          </Link>
          <Link to="/alert-channels" className={buttonClass()}>
            {words.channels}
          </Link>
          {may && (
            <Button kind="primary" onClick={() => setMaking(true)}>
              {words.add}
            </Button>
          )}
        </>
      }
    >
      {rules.isPending && <RowsSkeleton rows={8} label={words.loading} />}
      {rules.isError && <Failure error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && <Groups rules={rules.data.items} may={may} />}
      <Dialog open={making} onOpenChange={setMaking} title={words.add} wide>
        <RuleEditor rule={null} onEnd={() => setMaking(false)} />
      </Dialog>
    </Page>
  );
}

function Groups({ rules, may }: { rules: readonly AlertRule[]; may: boolean }) {
  const own = rules.filter(({ ready }) => !ready);
  return (
    <>
      <Section title={words.own}>
        {own.length === 0 && <p className="text-ink-2">{words.noOwn}</p>}
        <List rules={own} may={may} />
      </Section>
      {Object.entries(words.groups).map(([group, title]) => (
        <Section key={group} title={title}>
          <List rules={rules.filter(({ ready, id }) => ready && id.startsWith(`${group}.`))} may={may} />
        </Section>
      ))}
    </>
  );
}

function List({ rules, may }: { rules: readonly AlertRule[]; may: boolean }) {
  if (rules.length === 0) return null;
  return (
    <ul className="border-t border-line">
      {rules.map((rule) => (
        <Row key={rule.id} rule={rule} may={may} />
      ))}
    </ul>
  );
}

function Row({ rule, may }: { rule: AlertRule; may: boolean }) {
  const client = useQueryClient();
  const turn = useMutation({
    mutationFn: () => changeRule(rule.id, rule.revision, { active: !rule.active }),
    onSettled: () => client.invalidateQueries({ queryKey: alertRulesQuery.queryKey }),
  });
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-2 border-b border-line py-3">
      <Severity value={rule.severity} />
      <div className="min-w-0 flex-1 basis-80">
        <p className={`[overflow-wrap:anywhere] ${rule.active ? 'font-medium' : 'text-ink-2'}`}>
          {ruleName(rule)}
          {!rule.active && ` (${words.off})`}
        </p>
        <p className="prose-width text-ink-2 [overflow-wrap:anywhere]">{ruleSentence(rule.definition)}</p>
        {rule.changedAt && rule.changedBy && (
          <p className="text-ink-2">
            {words.changed} <When time={rule.changedAt} />, {rule.changedBy.label}
          </p>
        )}
        <ActFailure error={turn.error} />
      </div>
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button busy={turn.isPending} onClick={() => turn.mutate()}>
            {rule.active ? words.turnOff : words.turnOn}
          </Button>
          <Edit rule={rule} />
          {(!rule.ready || rule.revision > 0) && <Remove rule={rule} />}
        </div>
      )}
    </li>
  );
}

function Edit({ rule }: { rule: AlertRule }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.edit}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={ruleName(rule)} wide>
        <RuleEditor rule={rule} onEnd={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Remove({ rule }: { rule: AlertRule }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeRule(rule.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: alertRulesQuery.queryKey });
    },
  });
  const label = rule.ready ? words.reset : words.remove;
  return (
    <>
      <Button kind={rule.ready ? 'secondary' : 'danger'} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={ruleName(rule)}
        description={rule.ready ? words.resetLead : words.removeLead}
      >
        <ActFailure error={remove.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {label}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
