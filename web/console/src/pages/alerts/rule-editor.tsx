import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AlertRule, AlertRuleDefinition, AlertSeverity } from '../../api-types.ts';
import { alertRulesQuery, changeRule, makeRule } from '../../data/monitoring.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { ruleSentence } from '../../text/alert-rules.ts';
import { common } from '../../text/common.ts';
import { monitoringText } from '../../text/monitoring.ts';
import { SeverityChoice } from '../incidents/incidents-page.tsx';
import { RuleTry } from './rule-try.tsx';

const words = monitoringText.rules.form;

const NEW: AlertRuleDefinition = {
  match: { actions: ['session.refused'], results: [], channels: [], details: [] },
  by: 'account',
  detector: { kind: 'count', measure: { of: 'entries' }, threshold: 5, windowSeconds: 900 },
};

/** A rule's numbers; of an own one also what it looks at. What was written can be tried before it is kept. */
export function RuleEditor({ rule, onEnd }: { rule: AlertRule | null; onEnd: () => void }) {
  const own = rule === null || !rule.ready;
  const [name, setName] = useState(rule?.name ?? '');
  const [severity, setSeverity] = useState<AlertSeverity>(rule?.severity ?? 'medium');
  const [definition, setDefinition] = useState<AlertRuleDefinition>(rule?.definition ?? NEW);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      rule === null
        ? makeRule({ name: name.trim(), severity, definition })
        : changeRule(rule.id, rule.revision, { ...(own ? { name: name.trim() } : {}), severity, definition }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: alertRulesQuery.queryKey });
      onEnd();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {own && (
        <TextField
          label={words.name}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      {own && <What definition={definition} error={save.error} onChange={setDefinition} />}
      <Numbers definition={definition} onChange={setDefinition} />
      <SeverityChoice value={severity} onChange={setSeverity} />
      <div aria-live="polite">
        <p className="font-medium">{words.says}</p>
        <p className="text-ink-2 [overflow-wrap:anywhere]">{ruleSentence(definition)}</p>
      </div>
      {definition.detector.kind !== 'signal' && <RuleTry definition={definition} severity={severity} />}
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

interface Part {
  definition: AlertRuleDefinition;
  onChange: (definition: AlertRuleDefinition) => void;
}

type By = AlertRuleDefinition['by'];
const GROUPS: readonly By[] = ['account', 'actor', 'network', 'recipient', 'organisation'];
const RESULTS = ['done', 'refused', 'failed'] as const;

function What({ definition, error, onChange }: Part & { error: Error | null }) {
  const { match } = definition;
  const [actions, setActions] = useState(match.actions.join(' '));
  const write = (text: string) => {
    setActions(text);
    onChange({
      ...definition,
      match: { ...match, actions: text.split(/[\s,]+/).filter((one) => one !== '') },
    });
  };
  return (
    <>
      <TextField
        label={words.actions}
        hint={words.actionsHint}
        required
        spellCheck={false}
        autoCapitalize="none"
        value={actions}
        error={
          fieldError(error, 'definition.match.actions.0') ?? fieldError(error, 'definition.match.actions')
        }
        onChange={(event) => write(event.target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Choice
          label={words.result}
          value={match.results[0] ?? ''}
          choices={[
            { value: '', label: words.anyResult },
            ...RESULTS.map((value) => ({ value, label: words.results[value] })),
          ]}
          onChange={(event) => {
            const chosen = RESULTS.filter((one) => one === event.target.value);
            onChange({ ...definition, match: { ...match, results: chosen } });
          }}
        />
        <Choice
          label={words.by}
          value={definition.by}
          choices={GROUPS.map((value) => ({ value, label: words.groups[value] }))}
          onChange={(event) =>
            onChange({ ...definition, by: GROUPS.find((one) => one === event.target.value) ?? 'account' })
          }
        />
      </div>
    </>
  );
}

interface NumberPart {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  set(value: number): AlertRuleDefinition['detector'];
}

/** What can be turned on a detector, each as a number. */
function numbersOf(one: AlertRuleDefinition['detector']): readonly NumberPart[] {
  const part = (label: string, value: number, least: number, set: NumberPart['set']): NumberPart => ({
    ...{ label, value, least, set },
  });
  switch (one.kind) {
    case 'count':
      return [
        part(words.threshold, one.threshold, 1, (value) => ({ ...one, threshold: value })),
        part(words.minutes, one.windowSeconds / 60, 1, (value) => ({ ...one, windowSeconds: value * 60 })),
      ];
    case 'baseline':
      return [
        part(words.deviations, one.deviations, 1, (value) => ({ ...one, deviations: value })),
        part(words.floor, one.floor, 1, (value) => ({ ...one, floor: value })),
      ];
    case 'first-seen':
      return [part(words.learnDays, one.learnDays, 0, (value) => ({ ...one, learnDays: value }))];
    case 'travel':
      return [
        part(words.speed, one.speedKmh, 100, (value) => ({ ...one, speedKmh: value })),
        part(words.distance, one.leastKm, 50, (value) => ({ ...one, leastKm: value })),
      ];
    case 'off-hours':
      return [
        part(words.from, one.from, 0, (value) => ({ ...one, from: value })),
        part(words.to, one.to, 0, (value) => ({ ...one, to: value })),
        part(words.habit, one.habitDays, 1, (value) => ({ ...one, habitDays: value })),
      ];
    case 'signal':
      return [part(words.after, one.afterSeconds, 5, (value) => ({ ...one, afterSeconds: value }))];
    case 'lowered':
      return [];
  }
}

function Numbers({ definition, onChange }: Part) {
  const parts = numbersOf(definition.detector);
  if (parts.length === 0) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {parts.map(({ label, value, least, set }) => (
        <TextField
          key={label}
          label={label}
          type="number"
          required
          min={least}
          step={1}
          value={String(value)}
          onChange={(event) => {
            const given = event.target.valueAsNumber;
            if (Number.isFinite(given)) onChange({ ...definition, detector: set(Math.round(given)) });
          }}
        />
      ))}
    </div>
  );
}
