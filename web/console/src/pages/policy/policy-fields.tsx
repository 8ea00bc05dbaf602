import type { Method } from '../../api-types.ts';
import type { Review } from '../../data/use-policy-review.ts';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { policyText as words } from '../../text/policy.ts';
import { workbenchText } from '../../text/policy-workbench.ts';
import { MethodOrder } from './method-order.tsx';
import { Notes } from './notes.tsx';
import { OverrideRules } from './override-rules.tsx';
import { type Draft, STREAMS } from './rules.ts';
import { TimesFields, TlsFields, TriggerFields, WaiverFields } from './simple-fields.tsx';

const STREAM_CHOICES = STREAMS.map((value) => ({ value, label: common.stream[value] }));

interface Props {
  draft: Draft;
  offered: readonly Method[];
  review: Review;
  disabled: boolean;
  onChange: (part: Partial<Draft>) => void;
}

/** Everything that a policy says, as fields. */
export function PolicyFields({ draft, offered, review, disabled, onChange }: Props) {
  const same = { draft, disabled, onChange, review };
  return (
    <>
      <Section title={words.order}>
        <p className="text-ink-2">{words.orderHint}</p>
        <MethodOrder
          label={words.order}
          order={draft.methods}
          offered={offered}
          disabled={disabled}
          onChange={(methods) => onChange({ methods })}
        />
        <Notes notes={review.at('methods')} />
        {!draft.methods.includes('portal') && !draft.exclusive && <Notice>{words.portalLast}</Notice>}
      </Section>
      <TlsFields {...same} />
      <TriggerFields {...same} />
      <WaiverFields draft={draft} disabled={disabled} onChange={onChange} />
      <Rules {...same} />
      <TimesFields {...same} />
    </>
  );
}

function Rules({ draft, review, disabled, onChange }: Omit<Props, 'offered'>) {
  return (
    <Section title={words.overrides}>
      <p className="prose-width text-ink-2">{words.overridesLead}</p>
      <OverrideRules
        title={workbenchText.streams}
        nameLabel={workbenchText.stream}
        addLabel={workbenchText.addStream}
        choices={STREAM_CHOICES}
        rules={draft.streams}
        notes={(index) => review.at(`streams.${index}`, true)}
        disabled={disabled}
        onChange={(streams) => onChange({ streams })}
      />
      <OverrideRules
        title={words.domains}
        nameLabel={words.domain}
        nameHint="*.partner.example"
        addLabel={words.addDomain}
        rules={draft.domains}
        notes={(index) => review.at(`domains.${index}`, true)}
        disabled={disabled}
        onChange={(domains) => onChange({ domains })}
      />
      <OverrideRules
        title={words.recipients}
        nameLabel={words.recipient}
        addLabel={words.addRecipient}
        rules={draft.recipients}
        notes={(index) => review.at(`recipients.${index}`, true)}
        disabled={disabled}
        onChange={(recipients) => onChange({ recipients })}
      />
    </Section>
  );
}
