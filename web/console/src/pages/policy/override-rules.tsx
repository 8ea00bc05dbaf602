import { Plus, Trash2 } from 'lucide-react';
import type { Method, PolicyOverride } from '../../api-types.ts';
import type { PlaceNotes } from '../../data/use-policy-review.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import { Notes } from './notes.tsx';
import { type Rule, readTls, tlsValue } from './rules.ts';

const TLS_CHOICES = Object.entries(words.tlsChoices).map(([value, label]) => ({ value, label }));

/** Orders that a rule commonly sets; a rule that came with another order keeps it as a choice of its own. */
const ORDERS: readonly (readonly Method[])[] = [['portal'], ['tls', 'portal'], ['tls']];

/** Rules for domains or for recipients. */
export function OverrideRules(props: {
  title: string;
  nameLabel: string;
  nameHint?: string;
  addLabel: string;
  /** Where names are chosen, not typed. */
  choices?: readonly { value: string; label: string }[];
  /** What is said of the rule at this place of the document. */
  notes: (index: number) => PlaceNotes;
  rules: readonly Rule[];
  disabled: boolean;
  onChange: (rules: Rule[]) => void;
}) {
  const { rules, disabled, onChange } = props;
  const change = (index: number, part: Partial<Rule>) =>
    onChange(rules.map((rule, at) => (at === index ? { ...rule, ...part } : rule)));
  const free = freeName(rules, props.choices);
  return (
    <section aria-label={props.title} className="flex flex-col gap-2">
      <h3 className="font-semibold">{props.title}</h3>
      {rules.length > 0 && (
        <ul className="flex flex-col border-t border-line">
          {rules.map((rule, index) => (
            <li
              key={rule.key}
              className="grid gap-3 border-b border-line py-3 md:grid-cols-[1.5fr_1.3fr_1.3fr_1.2fr_auto] md:items-end"
            >
              <RuleName
                label={props.nameLabel}
                hint={props.nameHint}
                choices={props.choices}
                name={rule.name}
                disabled={disabled}
                onChange={(name) => change(index, { name })}
              />
              <OrderChoice
                rule={rule}
                disabled={disabled}
                onChange={(methods) => change(index, { methods })}
              />
              <Choice
                label={words.overrideTls}
                value={tlsValue(rule.tls)}
                disabled={disabled}
                choices={TLS_CHOICES}
                onChange={(event) => change(index, { tls: readTls(event.target.value) })}
              />
              <Choice
                label={words.overrideExclusive}
                value={rule.exclusive === null ? '' : String(rule.exclusive)}
                disabled={disabled}
                choices={[
                  { value: '', label: words.inherit },
                  { value: 'true', label: common.yes },
                  { value: 'false', label: common.no },
                ]}
                onChange={(event) => change(index, { exclusive: readFlag(event.target.value) })}
              />
              <IconButton
                className="justify-self-start"
                label={words.removeRule(rule.name)}
                disabled={disabled}
                icon={<Trash2 aria-hidden="true" className="size-4" />}
                onClick={() => onChange(rules.filter((_, at) => at !== index))}
              />
              <Notes notes={props.notes(placeOf(rules, index))} />
            </li>
          ))}
        </ul>
      )}
      {!disabled && free !== null && (
        <Button
          className="self-start"
          icon={<Plus aria-hidden="true" className="size-4" />}
          onClick={() =>
            onChange([
              ...rules,
              { key: crypto.randomUUID(), name: free, methods: ['portal'], tls: null, exclusive: null },
            ])
          }
        >
          {props.addLabel}
        </Button>
      )}
    </section>
  );
}

function RuleName(props: {
  label: string;
  hint: string | undefined;
  choices: readonly { value: string; label: string }[] | undefined;
  name: string;
  disabled: boolean;
  onChange: (name: string) => void;
}) {
  if (props.choices) {
    return (
      <Choice
        label={props.label}
        value={props.name}
        disabled={props.disabled}
        choices={props.choices}
        onChange={(event) => props.onChange(event.target.value)}
      />
    );
  }
  return (
    <TextField
      label={props.label}
      value={props.name}
      disabled={props.disabled}
      required
      placeholder={props.hint}
      spellCheck={false}
      autoCapitalize="none"
      onChange={(event) => props.onChange(event.target.value.trim())}
    />
  );
}

/** Rules without a name do not stand in the document. */
function placeOf(rules: readonly Rule[], index: number): number {
  return rules.slice(0, index).filter(({ name }) => name !== '').length;
}

/** The name that a new rule begins with; null where every name that can be chosen is taken. */
function freeName(
  rules: readonly Rule[],
  choices: readonly { value: string; label: string }[] | undefined,
): string | null {
  if (!choices) return '';
  return choices.find(({ value }) => rules.every(({ name }) => name !== value))?.value ?? null;
}

function OrderChoice(props: {
  rule: PolicyOverride;
  disabled: boolean;
  onChange: (methods: Method[] | null) => void;
}) {
  const own = props.rule.methods;
  const known = ORDERS.some((order) => order.join() === own?.join());
  const orders = own && !known ? [...ORDERS, own] : ORDERS;
  return (
    <Choice
      label={words.overrideMethods}
      value={own?.join() ?? ''}
      disabled={props.disabled}
      choices={[
        { value: '', label: words.inherit },
        ...orders.map((order) => ({
          value: order.join(),
          label: order.map((method) => common.method[method]).join(' → '),
        })),
      ]}
      onChange={(event) => {
        const chosen = orders.find((order) => order.join() === event.target.value);
        props.onChange(chosen ? [...chosen] : null);
      }}
    />
  );
}

function readFlag(value: string): boolean | null {
  return value === '' ? null : value === 'true';
}
