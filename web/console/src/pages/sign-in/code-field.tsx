import { TextField } from '../../parts/field.tsx';
import { signInText as words } from '../../text/sign-in.ts';

/** A code to type: six digits of an app, or a recovery code. */
export function CodeField(props: {
  kind: 'totp' | 'recovery-code' | 'mailed-code' | 'texted-code';
  value: string;
  onChange: (value: string) => void;
}) {
  const totp = props.kind !== 'recovery-code';
  const leads = { totp: words.codeLead, 'mailed-code': words.mailedLead, 'texted-code': words.textedLead };
  const lead = props.kind === 'recovery-code' ? words.recoveryLead : leads[props.kind];
  return (
    <TextField
      key={props.kind}
      label={totp ? words.code : words.recovery}
      hint={lead}
      inputMode={totp ? 'numeric' : 'text'}
      autoComplete={totp ? 'one-time-code' : 'off'}
      pattern={totp ? '\\s*\\d{3}\\s*\\d{3}\\s*' : undefined}
      spellCheck={false}
      autoCapitalize="none"
      required
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
      className={`font-mono text-base ${totp ? 'tracking-[0.3em]' : ''}`}
    />
  );
}
