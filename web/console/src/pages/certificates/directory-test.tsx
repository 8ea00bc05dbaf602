import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { CertificateDirectory, CertificateDirectoryTest } from '../../api-types.ts';
import { testDirectory } from '../../data/certificates.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { certificatesText } from '../../text/certificates.ts';
import { unusableWords } from '../../text/decisions.ts';
import { directoriesText as words } from '../../text/directories.ts';

/** Asks the directory for one address now, and says what came back. */
export function DirectoryTest({ directory }: { directory: CertificateDirectory }) {
  const [address, setAddress] = useState('');
  const test = useMutation({ mutationFn: () => testDirectory(directory.id, address.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <div className="flex flex-col gap-3">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 basis-60 sm:max-w-sm">
          <TextField
            label={words.testAddress}
            required
            type="email"
            maxLength={320}
            autoComplete="off"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        </div>
        <Button type="submit" busy={test.isPending}>
          {words.test}
        </Button>
      </form>
      <ActFailure error={test.error} />
      {test.data && !test.isPending && <Tested test={test.data} />}
    </div>
  );
}

function Tested({ test }: { test: CertificateDirectoryTest }) {
  if (test.outcome === 'failed') {
    return (
      <Notice tone="failed" live title={words.failed}>
        <p>{words.failures[test.code ?? ''] ?? test.code}</p>
      </Notice>
    );
  }
  const usable = test.certificates.some(({ state }) => state === 'usable');
  const title = test.entries === 0 ? words.nobody : words.found(test.entries, test.certificates.length);
  const states = test.certificates.map(({ state, reason }, at) => {
    const text = certificatesText.states[state] ?? state;
    const why = reason === null ? undefined : unusableWords[reason];
    return { key: `${at} ${state}`, text: why === undefined ? text : `${text}: ${why}` };
  });
  return (
    <Notice tone={usable ? 'done' : 'held'} live title={title}>
      {states.length > 0 && (
        <ul className="list-disc pl-5">
          {states.map(({ key, text }) => (
            <li key={key}>{text}</li>
          ))}
        </ul>
      )}
      {test.unreadable > 0 && <p>{words.unreadable(test.unreadable)}</p>}
      {test.referrals > 0 && <p>{words.referrals(test.referrals)}</p>}
    </Notice>
  );
}
