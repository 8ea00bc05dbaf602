import type { SensitivityClass } from '../../api-types.ts';
import type { PlaceNotes, Review } from '../../data/use-policy-review.ts';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import { Notes } from './notes.tsx';
import type { Draft } from './rules.ts';

interface Props {
  draft: Draft;
  disabled: boolean;
  review: Review;
  onChange: (part: Partial<Draft>) => void;
}

/** What may leave without protection of its own: the high class never does. */
const OPEN_CLASSES: readonly SensitivityClass[] = ['ordinary', 'light'];
const openClass = (value: string): SensitivityClass =>
  OPEN_CLASSES.find((one) => one === value) ?? 'ordinary';
const OPEN_CHOICES = OPEN_CLASSES.map((value) => ({ value, label: common.class[value] }));

export function TlsFields({ draft, disabled, review, onChange }: Props) {
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
      <Notes notes={review.at('tls')} />
      <div className="max-w-md">
        <Choice
          label={words.highest}
          hint={words.highestHint}
          value={draft.tlsHighestClass}
          disabled={disabled}
          choices={OPEN_CHOICES}
          onChange={(event) => onChange({ tlsHighestClass: openClass(event.target.value) })}
        />
      </div>
      <Tick
        label={words.exclusive}
        hint={words.exclusiveHint}
        checked={draft.exclusive}
        disabled={disabled}
        onChange={(event) => onChange({ exclusive: event.target.checked })}
      />
      <Notes notes={review.at('exclusive')} />
    </Section>
  );
}

/** Plain mail on the recipient's recorded wish: off until somebody turns it on here. */
export function WaiverFields({ draft, disabled, onChange }: Omit<Props, 'review'>) {
  const { waivers } = draft;
  return (
    <Section title={words.waivers}>
      <p className="prose-width text-ink-2">{words.waiversLead}</p>
      <Tick
        label={words.waiversOn}
        hint={words.waiversOnHint}
        checked={waivers.enabled}
        disabled={disabled}
        onChange={(event) => onChange({ waivers: { ...waivers, enabled: event.target.checked } })}
      />
      {waivers.enabled && (
        <>
          <Notice tone="held">{words.waiversWarning}</Notice>
          <div className="max-w-md">
            <Choice
              label={words.waiversHighest}
              value={waivers.highestClass}
              disabled={disabled}
              choices={OPEN_CHOICES}
              onChange={(event) =>
                onChange({ waivers: { ...waivers, highestClass: openClass(event.target.value) } })
              }
            />
          </div>
        </>
      )}
    </Section>
  );
}

/** Words in a subject that change one message's protection; one a line. */
export function TriggerFields({ draft, disabled, review, onChange }: Props) {
  const { triggers } = draft;
  const change = (part: Partial<Draft['triggers']>) => onChange({ triggers: { ...triggers, ...part } });
  return (
    <Section title={words.triggers}>
      <p className="prose-width text-ink-2">{words.triggersLead}</p>
      <div className="max-w-md">
        <TextArea
          label={words.triggersRaise}
          hint={words.triggersHint}
          rows={3}
          spellCheck={false}
          value={triggers.raise.join('\n')}
          disabled={disabled}
          onChange={(event) => change({ raise: event.target.value.split('\n') })}
        />
      </div>
      <Notes notes={once(review.at('triggers.raise', true))} />
      <Tick
        label={words.lowering}
        hint={words.loweringHint}
        checked={triggers.lowering}
        disabled={disabled}
        onChange={(event) => change({ lowering: event.target.checked })}
      />
      {triggers.lowering && (
        <div className="max-w-md">
          <TextArea
            label={words.triggersLower}
            hint={words.triggersHint}
            rows={3}
            spellCheck={false}
            value={triggers.lower.join('\n')}
            disabled={disabled}
            onChange={(event) => change({ lower: event.target.value.split('\n') })}
          />
        </div>
      )}
      {triggers.lowering && <Notes notes={once(review.at('triggers.lower', true))} />}
    </Section>
  );
}

export function TimesFields({ draft, disabled, review, onChange }: Props) {
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
          error={review.at('portalExpiryDays').problems[0]}
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
          error={review.at('giveUpDays').problems[0]}
          value={draft.giveUpDays}
          onChange={(event) => onChange({ giveUpDays: event.target.valueAsNumber || 0 })}
        />
      </div>
      <Notes notes={{ problems: [], warnings: review.at('portalExpiryDays').warnings }} />
    </Section>
  );
}

/** Several words of a list may have the same fault: it is said once. */
function once(notes: PlaceNotes): PlaceNotes {
  return { problems: [...new Set(notes.problems)], warnings: [...new Set(notes.warnings)] };
}
