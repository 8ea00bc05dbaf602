import { Trash2 } from 'lucide-react';
import type { SsoConnection } from '../../api-types.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { roleName as readyName } from '../roles/role-name.ts';
import type { FieldsProps } from './provider-fields.tsx';

type Rules = SsoConnection['rules'];

/** The ready roles; an own role that a row holds stays choosable by its id. */
const READY = [
  'administrator',
  'sender',
  'lowering-sender',
  'auditor',
  'compliance-officer',
  'physician',
  'nurse',
  'billing',
  'front-desk',
  'marketing',
  'it-administrator',
];
export const roleName = (role: string): string => readyName(role, undefined);

export function RuleFields({ kind, draft, set }: FieldsProps & { kind: SsoConnection['kind'] }) {
  const { rules } = draft;
  const change = (more: Partial<Rules>) => set({ rules: { ...rules, ...more } });
  return (
    <>
      <fieldset className="flex flex-col gap-2">
        <legend className="font-semibold">{words.defaultRoles}</legend>
        {[...new Set([...READY, ...rules.defaultRoles])].map((role) => (
          <Tick
            key={role}
            label={roleName(role)}
            checked={rules.defaultRoles.includes(role)}
            onChange={(event) =>
              change({
                defaultRoles: event.target.checked
                  ? [...rules.defaultRoles, role]
                  : rules.defaultRoles.filter((one) => one !== role),
              })
            }
          />
        ))}
      </fieldset>
      <MappingTable rules={rules} change={change} />
      <ClaimFields rules={rules} change={change} />
      <TextField
        label={words.requiredGroup}
        optional
        maxLength={200}
        value={rules.requiredGroup ?? ''}
        onChange={(event) => change({ requiredGroup: event.target.value === '' ? null : event.target.value })}
      />
      <Tick
        label={words.endsMembership}
        disabled={rules.requiredGroup === null}
        checked={rules.endsMembership}
        onChange={(event) => change({ endsMembership: event.target.checked })}
      />
      <Tick
        label={words.trustMethods}
        hint={words.trustMethodsHint}
        checked={rules.trustMethods}
        onChange={(event) => change({ trustMethods: event.target.checked })}
      />
      {kind === 'saml' && (
        <Tick
          label={words.providerFirst}
          hint={words.providerFirstHint}
          checked={rules.providerFirst}
          onChange={(event) => change({ providerFirst: event.target.checked })}
        />
      )}
    </>
  );
}

interface RuleProps {
  rules: Rules;
  change: (more: Partial<Rules>) => void;
}

function MappingTable({ rules: { mapping }, change }: RuleProps) {
  const put = (index: number, more: Partial<Rules['mapping'][number]>) =>
    change({ mapping: mapping.map((row, at) => (at === index ? { ...row, ...more } : row)) });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="font-semibold">{words.mapping}</legend>
      <p className="text-ink-2">{words.mappingHint}</p>
      {mapping.map((row, index) => (
        // Rows have no name of their own while their value is being typed.
        // biome-ignore lint/suspicious/noArrayIndexKey: the position is what a row is
        <div key={index} className="flex flex-wrap items-end gap-3 border-b border-line pb-3">
          <div className="min-w-0 flex-1 basis-48">
            <TextField
              label={words.group}
              required
              maxLength={200}
              value={row.value}
              onChange={(event) => put(index, { value: event.target.value })}
            />
          </div>
          <div className="min-w-0 flex-1 basis-48">
            <Choice
              label={words.role}
              value={row.roles[0] ?? ''}
              choices={[
                { value: '', label: words.noRole },
                ...[...new Set([...READY, ...row.roles])].map((value) => ({ value, label: roleName(value) })),
              ]}
              onChange={(event) =>
                put(index, { roles: event.target.value === '' ? [] : [event.target.value] })
              }
            />
          </div>
          <Tick
            label={words.keepGroup}
            checked={row.group}
            onChange={(event) => put(index, { group: event.target.checked })}
          />
          <IconButton
            label={words.removeRow(row.value)}
            icon={<Trash2 aria-hidden="true" className="size-4" />}
            onClick={() => change({ mapping: mapping.filter((_, at) => at !== index) })}
          />
        </div>
      ))}
      <div>
        <Button onClick={() => change({ mapping: [...mapping, { value: '', roles: [], group: false }] })}>
          {words.addRow}
        </Button>
      </div>
    </fieldset>
  );
}

const CLAIMS = [
  ['address', words.claimAddress],
  ['name', words.claimName],
  ['groups', words.claimGroups],
] as const;

function ClaimFields({ rules: { claims }, change }: RuleProps) {
  return (
    <div className="grid gap-4 md:grid-cols-3">
      {CLAIMS.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          required
          maxLength={200}
          autoCapitalize="none"
          spellCheck={false}
          value={claims[name]}
          onChange={(event) => change({ claims: { ...claims, [name]: event.target.value } })}
        />
      ))}
    </div>
  );
}
