import type { SensitivityClass } from '../../api-types.ts';
import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import type { Draft } from './rules.ts';

interface Props {
  draft: Draft;
  disabled: boolean;
  onChange: (part: Partial<Draft>) => void;
}

const CLASSES: readonly SensitivityClass[] = ['ordinary', 'light', 'high'];

export function TlsFields({ draft, disabled, onChange }: Props) {
  const { tls } = draft;
  return (
    <Section title={words.tls}>
      <div className="grid max-w-3xl gap-4 md:grid-cols-2">
        <Choice
          label={words.tlsMinimum}
          value={tls.minimum}
          disabled={disabled}
          choices={Object.entries(words.tlsMinimums).map(([value, label]) => ({ value, label }))}
          onChange={(event) =>
            onChange({ tls: { ...tls, minimum: event.target.value === '1.3' ? '1.3' : '1.2' } })
          }
        />
        <Choice
          label={words.tlsAuthentication}
          value={tls.authentication}
          disabled={disabled}
          choices={Object.entries(words.tlsAuthentications).map(([value, label]) => ({ value, label }))}
          onChange={(event) =>
            onChange({
              tls: {
                ...tls,
                authentication: event.target.value === 'verified' ? 'verified' : 'encrypted-only',
              },
            })
          }
        />
      </div>
      {tls.authentication === 'encrypted-only' && <Notice tone="held">{words.tlsWeak}</Notice>}
      <div className="max-w-md">
        <Choice
          label={words.highest}
          hint={words.highestHint}
          value={draft.tlsHighestClass}
          disabled={disabled}
          choices={CLASSES.map((value) => ({ value, label: common.class[value] }))}
          onChange={(event) =>
            onChange({ tlsHighestClass: CLASSES.find((one) => one === event.target.value) ?? 'light' })
          }
        />
      </div>
      <Tick
        label={words.exclusive}
        hint={words.exclusiveHint}
        checked={draft.exclusive}
        disabled={disabled}
        onChange={(event) => onChange({ exclusive: event.target.checked })}
      />
    </Section>
  );
}

export function TimesFields({ draft, disabled, onChange }: Props) {
  return (
    <Section title={words.times}>
      <div className="grid max-w-3xl gap-4 md:grid-cols-2 md:items-end">
        <TextField
          label={words.expiry}
          type="number"
          min={1}
          max={365}
          required
          disabled={disabled}
          value={draft.portalExpiryDays}
          onChange={(event) => onChange({ portalExpiryDays: event.target.valueAsNumber || 0 })}
        />
        <TextField
          label={words.giveUp}
          type="number"
          min={1}
          max={5}
          required
          disabled={disabled}
          value={draft.giveUpDays}
          onChange={(event) => onChange({ giveUpDays: event.target.valueAsNumber || 0 })}
        />
      </div>
    </Section>
  );
}
