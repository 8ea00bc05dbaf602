import { type FormEvent, useState } from 'react';
import type { AccessConditions, AccessRule } from '../../data/access-rules.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { accessRulesText } from '../../text/access-rules.ts';

const words = accessRulesText.editor;

function choicesOf(names: Readonly<Record<string, string>>): { value: string; label: string }[] {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}

function pick<Value extends string>(all: readonly Value[], value: string): Value | undefined {
  return all.find((one) => one === value);
}

const parts = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** What is typed; conditions that this form does not show are kept as they are. */
function readConditions(before: AccessConditions, form: FormData): AccessConditions {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const {
    roles: _roles,
    networks: _networks,
    countries: _countries,
    device: _device,
    posture: _posture,
    riskAtLeast: _risk,
    hours: _hours,
    factors: _factors,
    ...kept
  } = before;
  const next: AccessConditions = { ...kept };
  const roles = parts(text('roles'));
  if (roles.length > 0) next.roles = roles;
  const list = parts(text('networks'));
  if (list.length > 0) next.networks = { except: form.has('networksExcept'), list };
  const countries = parts(text('countries')).map((one) => one.toUpperCase());
  if (countries.length > 0) next.countries = { except: form.has('countriesExcept'), list: countries };
  const device = pick(['new', 'not-trusted', 'trusted'] as const, text('device'));
  if (device) next.device = device;
  const posture = pick(['compliant', 'not-compliant'] as const, text('posture'));
  if (posture) next.posture = posture;
  if (text('risk') !== '') next.riskAtLeast = Number(text('risk'));
  if (text('from') !== '' && text('to') !== '') {
    const [from, to] = [Number(text('from')) * 60, Number(text('to')) * 60];
    next.hours = { except: form.has('hoursExcept'), days: [1, 2, 3, 4, 5], from, to };
  }
  if (form.has('withoutPasskey')) next.factors = { except: true, list: ['passkey'] };
  return next;
}

/** One rule, in plain words. */
export function RuleEditor(props: {
  rule: AccessRule | null;
  busy: boolean;
  error: Error | null;
  locked: string | null;
  onSave: (rule: AccessRule) => void;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { rule } = props;
  const [id] = useState(() => rule?.id ?? crypto.randomUUID());
  const when = rule?.when ?? {};
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    props.onSave({
      id,
      name: String(form.get('name')),
      effect: pick(['allow', 'alert', 'step-up', 'deny'] as const, String(form.get('effect'))) ?? 'step-up',
      mode: pick(['enforce', 'dry-run', 'off'] as const, String(form.get('mode'))) ?? 'dry-run',
      when: readConditions(when, form),
    });
  };
  return (
    <Dialog open wide onOpenChange={props.onClose} title={rule ? words.title : words.newTitle}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label={words.name}
          hint={words.nameHint}
          name="name"
          required
          maxLength={100}
          defaultValue={rule?.name ?? ''}
        />
        <div className="grid items-end gap-4 sm:grid-cols-2">
          <Choice
            label={words.effect}
            name="effect"
            choices={choicesOf(accessRulesText.effects)}
            defaultValue={rule?.effect ?? 'step-up'}
          />
          <Choice
            label={words.mode}
            hint={words.modeHint}
            name="mode"
            choices={choicesOf(accessRulesText.modes)}
            defaultValue={rule?.mode ?? 'dry-run'}
          />
        </div>
        <Conditions when={when} />
        <ActFailure error={props.error} />
        {props.locked !== null && (
          <Notice tone="held">
            <p>{accessRulesText.lockedOut(props.locked)}</p>
            <Button className="mt-2" busy={props.busy} onClick={props.onConfirm}>
              {accessRulesText.saveAnyway}
            </Button>
          </Notice>
        )}
        <Button type="submit" kind="primary" className="self-start" busy={props.busy}>
          {words.save}
        </Button>
      </form>
    </Dialog>
  );
}

function Countries({ when }: { when: AccessConditions }) {
  return (
    <>
      <TextField
        label={words.countries}
        hint={words.countriesHint}
        name="countries"
        defaultValue={when.countries?.list.join(', ') ?? ''}
      />
      <Tick
        label={words.countriesExcept}
        name="countriesExcept"
        defaultChecked={when.countries?.except ?? true}
      />
    </>
  );
}

function Conditions({ when }: { when: AccessConditions }) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-2 font-semibold">{words.when}</legend>
      <TextField
        label={words.roles}
        hint={words.rolesHint}
        name="roles"
        defaultValue={when.roles?.join(', ') ?? ''}
      />
      <TextArea
        label={words.networks}
        hint={words.networksHint}
        name="networks"
        rows={3}
        defaultValue={when.networks?.list.join('\n') ?? ''}
      />
      <Tick
        label={words.networksExcept}
        name="networksExcept"
        defaultChecked={when.networks?.except ?? true}
      />
      <Countries when={when} />
      <div className="grid items-end gap-4 sm:grid-cols-2">
        <Choice
          label={words.device}
          name="device"
          choices={choicesOf(words.devices)}
          defaultValue={when.device ?? ''}
        />
        <Choice
          label={words.posture}
          name="posture"
          choices={choicesOf(words.postures)}
          defaultValue={when.posture ?? ''}
        />
        <TextField
          label={words.from}
          name="from"
          type="number"
          min={0}
          max={23}
          defaultValue={when.hours ? when.hours.from / 60 : ''}
        />
        <TextField
          label={words.to}
          name="to"
          type="number"
          min={1}
          max={24}
          defaultValue={when.hours ? when.hours.to / 60 : ''}
        />
      </div>
      <Tick label={words.hoursExcept} name="hoursExcept" defaultChecked={when.hours?.except ?? true} />
      <TextField
        label={words.risk}
        hint={words.riskHint}
        name="risk"
        type="number"
        min={1}
        max={100}
        defaultValue={when.riskAtLeast ?? ''}
      />
      <Tick
        label={words.withoutPasskey}
        name="withoutPasskey"
        defaultChecked={when.factors?.except === true && when.factors.list.includes('passkey')}
      />
    </fieldset>
  );
}
