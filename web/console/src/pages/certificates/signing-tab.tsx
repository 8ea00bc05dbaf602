import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { SmimeSettings } from '../../api-types.ts';
import {
  importSigning,
  retireSigning,
  saveSmimeSettings,
  signingQuery,
  smimeSettingsQuery,
} from '../../data/certificates.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { common } from '../../text/common.ts';
import { readFile } from '../compose/read-file.ts';
import { ActDialog } from './act-dialog.tsx';
import { CertificateRow } from './certificate-row.tsx';
import { FileField } from './file-field.tsx';

export function SigningTab() {
  const settings = useQuery(smimeSettingsQuery);
  return (
    <div className="flex flex-col gap-6">
      <Own />
      <Section title={words.choices}>
        {settings.isPending && <RowsSkeleton rows={4} label={words.loading} />}
        {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
        {settings.data && <Choices settings={settings.data} />}
      </Section>
    </div>
  );
}

function Own() {
  const may = useMay('certificates:write');
  const signing = useQuery(signingQuery);
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const own = signing.data?.certificate;
  return (
    <Section title={words.signing}>
      <p className="prose-width text-ink-2">{words.signingLead}</p>
      {may && (
        <div>
          <ActDialog
            label={words.import}
            title={words.importTitle}
            description={words.importLead}
            confirm={words.import}
            act={async () => file && importSigning((await readFile(file)).content, passphrase)}
            onDone={() => setPassphrase('')}
          >
            <FileField label={words.p12} hint={words.p12Hint} accept=".p12,.pfx" onFile={setFile} />
            <TextField
              label={words.passphrase}
              type="password"
              autoComplete="off"
              value={passphrase}
              onChange={(event) => setPassphrase(event.target.value)}
            />
          </ActDialog>
        </div>
      )}
      {signing.isPending && <RowsSkeleton rows={1} label={words.loading} />}
      {signing.isError && <Failure error={signing.error} retry={() => void signing.refetch()} />}
      {own === null && <p>{words.signingNone}</p>}
      {own && (
        <ul className="border-t border-line">
          <CertificateRow
            name={own.subject}
            note={`${words.addresses}: ${own.addresses.join(', ')}`}
            certificate={own}
            standing={own.standing}
            actions={
              may && (
                <ActDialog
                  danger
                  label={words.retire}
                  title={words.retireTitle}
                  description={words.retireLead}
                  confirm={words.retire}
                  act={retireSigning}
                />
              )
            }
          />
        </ul>
      )}
    </Section>
  );
}

type Choosable = keyof SmimeSettings;

const LABELS: Readonly<Record<Choosable, readonly [string, Readonly<Record<string, string>>]>> = {
  revocation: [words.revocation, words.revocations],
  cipher: [words.cipher, words.ciphers],
  keyTransport: [words.keyTransport, words.keyTransports],
  signature: [words.signature, words.signatures],
};
const ORDER: readonly Choosable[] = ['revocation', 'cipher', 'keyTransport', 'signature'];

function Choices({ settings }: { settings: SmimeSettings }) {
  const may = useMay('certificates:write');
  const [draft, setDraft] = useState(settings);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveSmimeSettings(draft),
    onSuccess: (saved) => client.setQueryData(smimeSettingsQuery.queryKey, saved),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-5">
      {ORDER.map((name) => {
        const [label, choices] = LABELS[name];
        return (
          <Choice
            key={name}
            label={label}
            disabled={!may}
            value={draft[name]}
            choices={Object.entries(choices).map(([value, text]) => ({ value, label: text }))}
            onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
          />
        );
      })}
      <ActFailure error={save.error} />
      {save.isSuccess && <Notice tone="done" live title={words.saved} />}
      {may && (
        <Button type="submit" kind="primary" busy={save.isPending} className="self-start">
          {common.save}
        </Button>
      )}
    </form>
  );
}
