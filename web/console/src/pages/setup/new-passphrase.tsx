import { useState } from 'react';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { setupText as words } from '../../text/sign-in.ts';
import { LEAST_PASSPHRASE, missingCharacters } from './passphrase-rule.ts';

/** A new passphrase, typed twice, with guidance. `onChange` gets it only while both are the same and long enough. */
export function NewPassphrase(props: {
  error: string | undefined;
  label?: string;
  onChange: (passphrase: string | null) => void;
}) {
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const missing = missingCharacters(first);
  const tell = (one: string, two: string) =>
    props.onChange(one === two && missingCharacters(one) === 0 ? one : null);
  return (
    <>
      <PassphraseField
        label={props.label ?? words.passphrase}
        hint={words.passphraseHint(LEAST_PASSPHRASE)}
        status={first === '' ? '' : missing > 0 ? words.passphraseShort(missing) : words.passphraseEnough}
        autoComplete="new-password"
        maxLength={256}
        required
        value={first}
        error={props.error}
        onChange={(event) => {
          setFirst(event.target.value);
          tell(event.target.value, second);
        }}
      />
      <PassphraseField
        label={words.repeat}
        autoComplete="new-password"
        required
        value={second}
        error={second !== '' && second !== first ? words.repeatDiffers : undefined}
        onChange={(event) => {
          setSecond(event.target.value);
          tell(first, event.target.value);
        }}
      />
    </>
  );
}
