import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ProvisioningConnection, ProvisioningInput } from '../../api-types.ts';
import { connectionsQuery, saveConnection } from '../../data/provisioning.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { provisioningText as words } from '../../text/provisioning.ts';

type Kind = keyof typeof words.kinds;
type People = ProvisioningInput['people'];
type Groups = NonNullable<ProvisioningInput['groups']>;

interface Preset {
  readonly people: Pick<People, 'filter' | 'attributes'>;
  readonly groups: Omit<Groups, 'base'>;
}

const NAMES = { displayName: 'displayName', givenName: 'givenName', familyName: 'sn' };

/** What a directory of a kind calls things. All of it can be set otherwise by the API. */
const PRESETS: Readonly<Record<'ad' | 'ldap', Preset>> = {
  ad: {
    people: {
      filter: '(&(objectCategory=person)(objectClass=user)(mail=*))',
      attributes: {
        ...NAMES,
        id: 'objectGUID',
        userName: 'mail',
        phone: 'telephoneNumber',
        disabled: 'userAccountControl',
      },
    },
    groups: {
      filter: '(objectClass=group)',
      id: 'objectGUID',
      name: 'cn',
      membership: 'memberOf',
      primaryGroup: false,
    },
  },
  ldap: {
    people: {
      filter: '(&(objectClass=inetOrgPerson)(mail=*))',
      attributes: { ...NAMES, id: 'entryUUID', userName: 'mail', phone: 'telephoneNumber', disabled: 'none' },
    },
    groups: {
      filter: '(objectClass=groupOfNames)',
      id: 'entryUUID',
      name: 'cn',
      membership: 'member',
      primaryGroup: false,
    },
  },
};

const NEW: ProvisioningInput = {
  name: '',
  host: '',
  port: 636,
  security: 'ldaps',
  authorities: '',
  bindDn: '',
  people: { base: '', ...PRESETS.ad.people },
  groups: { base: '', ...PRESETS.ad.groups },
  enabled: false,
  everyMinutes: 15,
  guardPercent: 10,
  guardLeast: 5,
};

function valuesOf(connection: ProvisioningConnection): ProvisioningInput {
  const { name, host, port, security, authorities, bindDn, people, groups } = connection;
  const { enabled, everyMinutes, guardPercent, guardLeast } = connection;
  const rule = { enabled, everyMinutes, guardPercent, guardLeast };
  return { name, host, port, security, authorities, bindDn, people, groups, ...rule };
}

export function ConnectionForm({ connection }: { connection: ProvisioningConnection | null }) {
  const [open, setOpen] = useState(false);
  const title = connection === null ? words.addTitle : words.editTitle(connection.name);
  return (
    <>
      <Button kind={connection === null ? 'primary' : 'secondary'} onClick={() => setOpen(true)}>
        {connection === null ? words.add : words.edit}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={title} description={words.formLead} wide>
        {open && <Form connection={connection} close={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Form({ connection, close }: { connection: ProvisioningConnection | null; close: () => void }) {
  const [values, setValues] = useState(connection === null ? NEW : valuesOf(connection));
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveConnection(connection?.id ?? null, bodyOf(values, password)),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: connectionsQuery.queryKey });
    },
  });
  const set = (change: Partial<ProvisioningInput>) => setValues({ ...values, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={words.name}
        required
        maxLength={100}
        value={values.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <ServerFields values={values} set={set} error={save.error} />
      <TextField
        label={words.password}
        type="password"
        autoComplete="off"
        required={connection === null}
        {...(connection === null ? {} : { hint: words.passwordKept })}
        value={password}
        error={fieldError(save.error, 'password')}
        onChange={(event) => setPassword(event.target.value)}
      />
      <ReadingFields values={values} set={set} error={save.error} kept={connection !== null} />
      <RuleFields values={values} set={set} />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

function bodyOf(values: ProvisioningInput, password: string): ProvisioningInput {
  const groups = values.groups === null || values.groups.base.trim() === '' ? null : values.groups;
  return { ...values, groups, ...(password === '' ? {} : { password }) };
}

interface Part {
  values: ProvisioningInput;
  set: (change: Partial<ProvisioningInput>) => void;
}

function ServerFields({ values, set, error }: Part & { error: Error | null }) {
  return (
    <>
      <TextField
        label={words.host}
        hint={words.hostHint}
        required
        maxLength={253}
        autoCapitalize="none"
        spellCheck={false}
        value={values.host}
        error={fieldError(error, 'host')}
        onChange={(event) => set({ host: event.target.value })}
      />
      <Choice
        label={words.security}
        value={values.security}
        choices={(['ldaps', 'starttls'] as const).map((value) => ({ value, label: words.securities[value] }))}
        onChange={(event) => {
          const security = event.target.value === 'starttls' ? 'starttls' : 'ldaps';
          set({ security, port: security === 'ldaps' ? 636 : 389 });
        }}
      />
      <NumberField label={words.port} value={values.port} most={65_535} set={(port) => set({ port })} />
      <TextArea
        label={words.authorities}
        optional
        rows={2}
        spellCheck={false}
        value={values.authorities}
        error={fieldError(error, 'authorities')}
        onChange={(event) => set({ authorities: event.target.value })}
      />
      <TextField
        label={words.bindDn}
        required
        spellCheck={false}
        value={values.bindDn ?? ''}
        error={fieldError(error, 'bindDn')}
        onChange={(event) => set({ bindDn: event.target.value })}
      />
    </>
  );
}

function ReadingFields({ values, set, error, kept }: Part & { error: Error | null; kept: boolean }) {
  const [kind, setKind] = useState<Kind>(kept ? 'kept' : 'ad');
  const groups = values.groups ?? { base: '', ...PRESETS.ldap.groups };
  const choose = (next: string) => {
    if (next !== 'ad' && next !== 'ldap') return;
    setKind(next);
    const preset = PRESETS[next];
    set({ people: { ...values.people, ...preset.people }, groups: { ...groups, ...preset.groups } });
  };
  const kinds = kept ? (['kept', 'ad', 'ldap'] as const) : (['ad', 'ldap'] as const);
  return (
    <>
      <Choice
        label={words.kind}
        value={kind}
        choices={kinds.map((value) => ({ value, label: words.kinds[value] }))}
        onChange={(event) => choose(event.target.value)}
      />
      <TextField
        label={words.peopleBase}
        required
        spellCheck={false}
        value={values.people.base}
        error={fieldError(error, 'base')}
        onChange={(event) => set({ people: { ...values.people, base: event.target.value } })}
      />
      <TextField
        label={words.peopleFilter}
        required
        spellCheck={false}
        value={values.people.filter}
        error={fieldError(error, 'filter')}
        onChange={(event) => set({ people: { ...values.people, filter: event.target.value } })}
      />
      <TextField
        label={words.groupsBase}
        hint={words.groupsHint}
        optional
        spellCheck={false}
        value={groups.base}
        onChange={(event) => set({ groups: { ...groups, base: event.target.value } })}
      />
      <TextField
        label={words.groupsFilter}
        required
        spellCheck={false}
        value={groups.filter}
        error={fieldError(error, 'filter')}
        onChange={(event) => set({ groups: { ...groups, filter: event.target.value } })}
      />
    </>
  );
}

function RuleFields({ values, set }: Part) {
  return (
    <>
      <NumberField
        label={words.everyMinutes}
        value={values.everyMinutes ?? 15}
        most={1_440}
        set={(everyMinutes) => set({ everyMinutes })}
      />
      <NumberField
        label={words.guard}
        value={values.guardPercent ?? 10}
        most={100}
        set={(guardPercent) => set({ guardPercent })}
      />
      <Tick
        label={words.enabled}
        checked={values.enabled}
        onChange={(event) => set({ enabled: event.target.checked })}
      />
    </>
  );
}

function NumberField({
  label,
  value,
  most,
  set,
}: {
  label: string;
  value: number;
  most: number;
  set: (value: number) => void;
}) {
  return (
    <TextField
      label={label}
      type="number"
      required
      min={most === 100 ? 0 : 1}
      max={most}
      value={Number.isNaN(value) ? '' : String(value)}
      onChange={(event) => set(event.target.valueAsNumber)}
    />
  );
}
