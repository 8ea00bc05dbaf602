import { Plus, Trash2 } from 'lucide-react';
import type { Method, PolicyOverride } from '../../api-types.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
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
  rules: readonly Rule[];
  disabled: boolean;
  onChange: (rules: Rule[]) => void;
}) {
  const { rules, disabled, onChange } = props;
  const change = (index: number, part: Partial<Rule>) =>
    onChange(rules.map((rule, at) => (at === index ? { ...rule, ...part } : rule)));
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
              <TextField
                label={props.nameLabel}
                value={rule.name}
                disabled={disabled}
                required
                placeholder={props.nameHint}
                spellCheck={false}
                autoCapitalize="none"
                onChange={(event) => change(index, { name: event.target.value.trim() })}
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
            </li>
          ))}
        </ul>
      )}
      {!disabled && (
        <Button
          className="self-start"
          icon={<Plus aria-hidden="true" className="size-4" />}
          onClick={() =>
            onChange([
              ...rules,
              { key: crypto.randomUUID(), name: '', methods: ['portal'], tls: null, exclusive: null },
            ])
          }
        >
          {props.addLabel}
        </Button>
      )}
    </section>
  );
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
