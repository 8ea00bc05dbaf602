import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { SignInLevel, SignInPolicy, SignInRule } from '../../api-types.ts';
import { changeSignInRule, signInRuleQuery } from '../../data/account.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { signInRuleText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { readyRoleText } from '../../text/roles.ts';
import { roleName } from '../roles/role-name.ts';

const LEVELS: readonly SignInLevel[] = ['any', 'phishing-resistant', 'device-bound'];
const CHOICES = LEVELS.map((value) => ({ value, label: words.levels[value] }));

const WORTHS: readonly SignInRule['certificate'][] = ['off', 'phishing-resistant', 'device-bound'];
const CERTIFICATES = WORTHS.map((value) => ({ value, label: words.certificates[value] }));
const certificateOf = (value: string) => WORTHS.find((one) => one === value) ?? 'off';

const levelOf = (value: string): SignInLevel => LEVELS.find((one) => one === value) ?? 'any';

/** What the organisation asks of people who sign in. */
export function SignInRulesPage() {
  const policy = useQuery(signInRuleQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {policy.isPending && <RowsSkeleton rows={6} label={words.loading} />}
      {policy.isError && <Failure error={policy.error} retry={() => void policy.refetch()} />}
      {policy.data && <RuleForm kept={policy.data} />}
    </Page>
  );
}

function RuleForm({ kept }: { kept: SignInPolicy }) {
  const may = useMay('sign-in:write');
  const [rule, setRule] = useState<SignInRule>(kept.rule);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changeSignInRule(rule),
    onSuccess: (saved) => client.setQueryData(signInRuleQuery.queryKey, saved),
  });
  const change = (part: Partial<SignInRule>) => {
    save.reset();
    setRule({ ...rule, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="max-w-2xl">
      <fieldset disabled={!may} className="flex flex-col gap-8">
        <Levels rule={rule} onChange={change} />
        <Section title={words.allowed}>
          <Tick
            label={words.totp}
            hint={words.totpHint}
            checked={rule.totp}
            onChange={(event) => change({ totp: event.target.checked })}
          />
          <Tick
            label={words.mailed}
            hint={words.mailedHint}
            checked={rule.mailedCode}
            onChange={(event) => change({ mailedCode: event.target.checked })}
          />
          <Tick
            label={words.texted}
            hint={words.textedHint}
            checked={rule.textedCode}
            onChange={(event) => change({ textedCode: event.target.checked })}
          />
          <Choice
            label={words.certificate}
            hint={words.certificateHint}
            value={rule.certificate}
            choices={CERTIFICATES}
            onChange={(event) => change({ certificate: certificateOf(event.target.value) })}
          />
        </Section>
        <Grace rule={rule} since={kept.demandedSince} error={save.error} onChange={change} />
        <Passphrases rule={rule} error={save.error} onChange={change} />
        <div className="flex flex-col gap-3">
          <ActFailure error={save.error} />
          {save.isSuccess && <Notice tone="done" live title={words.saved} />}
          {may && (
            <Button type="submit" kind="primary" busy={save.isPending} className="self-start">
              {common.save}
            </Button>
          )}
        </div>
      </fieldset>
    </form>
  );
}

interface PartProps {
  rule: SignInRule;
  onChange: (part: Partial<SignInRule>) => void;
}

function Levels({ rule, onChange }: PartProps) {
  const ofRole = (role: string) => rule.roles.find((one) => one.role === role)?.level ?? '';
  const setRole = (role: string, value: string) => {
    const others = rule.roles.filter((one) => one.role !== role);
    onChange({ roles: value === '' ? others : [...others, { role, level: levelOf(value) }] });
  };
  // Roles of the organisation's own may stand in the rule without a name here: they are kept, and shown by their id.
  const names = [...new Set([...Object.keys(readyRoleText), ...rule.roles.map(({ role }) => role)])];
  return (
    <div className="flex flex-col gap-4">
      <Choice
        label={words.everyone}
        value={rule.everyone}
        choices={CHOICES}
        onChange={(event) => onChange({ everyone: levelOf(event.target.value) })}
      />
      <Choice
        label={words.administrators}
        hint={words.administratorsHint}
        value={rule.administrators}
        choices={CHOICES}
        onChange={(event) => onChange({ administrators: levelOf(event.target.value) })}
      />
      {rule.administrators === 'any' && rule.everyone === 'any' && (
        <Notice tone="held" live>
          {words.weak}
        </Notice>
      )}
      <details>
        <summary className="w-fit font-medium">{words.roles}</summary>
        <p className="mt-1 mb-3 text-ink-2">{words.rolesHint}</p>
        <div className="flex flex-col gap-3">
          {names.map((role) => (
            <Choice
              key={role}
              label={words.role(roleName(role, undefined))}
              value={ofRole(role)}
              choices={[{ value: '', label: words.asEverybody }, ...CHOICES]}
              onChange={(event) => setRole(role, event.target.value)}
            />
          ))}
        </div>
      </details>
    </div>
  );
}

function Grace({ rule, since, error, onChange }: PartProps & { since: string; error: Error | null }) {
  return (
    <div className="flex flex-col gap-4">
      <TextField
        label={words.grace}
        hint={words.graceHint}
        type="number"
        min={0}
        max={90}
        required
        value={String(rule.graceDays)}
        error={fieldError(error, 'graceDays')}
        onChange={(event) => onChange({ graceDays: Number(event.target.value) })}
      />
      <TextField
        label={words.newGrace}
        type="number"
        min={0}
        max={30}
        required
        value={String(rule.newPeopleGraceDays)}
        error={fieldError(error, 'newPeopleGraceDays')}
        onChange={(event) => onChange({ newPeopleGraceDays: Number(event.target.value) })}
      />
      <p className="text-ink-2">
        {words.since} <When time={since} />
      </p>
    </div>
  );
}

function Passphrases({ rule, error, onChange }: PartProps & { error: Error | null }) {
  const { passphrase } = rule;
  return (
    <Section title={words.passphrase}>
      <TextField
        label={words.minimum}
        hint={words.minimumHint}
        type="number"
        min={8}
        max={64}
        required
        value={String(passphrase.minimum)}
        error={fieldError(error, 'minimum')}
        onChange={(event) => onChange({ passphrase: { ...passphrase, minimum: Number(event.target.value) } })}
      />
      <TextField
        label={words.maxAge}
        hint={words.maxAgeHint}
        type="number"
        min={30}
        max={3650}
        value={passphrase.maxAgeDays === null ? '' : String(passphrase.maxAgeDays)}
        error={fieldError(error, 'maxAgeDays')}
        onChange={(event) => {
          const days = event.target.value;
          onChange({ passphrase: { ...passphrase, maxAgeDays: days === '' ? null : Number(days) } });
        }}
      />
      <Tick
        label={words.mixture}
        hint={words.mixtureHint}
        checked={passphrase.mixture}
        onChange={(event) => onChange({ passphrase: { ...passphrase, mixture: event.target.checked } })}
      />
    </Section>
  );
}
