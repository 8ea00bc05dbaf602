import { useState } from 'react';
import type { CertificateDirectory, CertificateDirectorySettings } from '../../api-types.ts';
import { addDirectory, replaceDirectory } from '../../data/certificates.ts';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { directoriesText as words } from '../../text/directories.ts';
import { ActDialog } from './act-dialog.tsx';

interface Draft {
  host: string;
  port: string;
  security: 'ldaps' | 'starttls';
  authorities: string;
  baseDn: string;
  bindDn: string;
  password: string;
}

const PORTS = { ldaps: '636', starttls: '389' } as const;

function draftOf(directory: CertificateDirectory | null): Draft {
  if (directory === null) {
    return {
      host: '',
      port: PORTS.ldaps,
      security: 'ldaps',
      authorities: '',
      baseDn: '',
      bindDn: '',
      password: '',
    };
  }
  const { host, port, security, authorities, baseDn, bindDn } = directory;
  return { host, port: String(port), security, authorities, baseDn, bindDn: bindDn ?? '', password: '' };
}

function settingsOf({ port, bindDn, password, ...draft }: Draft): CertificateDirectorySettings {
  const name = bindDn.trim();
  return {
    ...draft,
    host: draft.host.trim(),
    baseDn: draft.baseDn.trim(),
    port: Number(port),
    bindDn: name === '' ? null : name,
    ...(name === '' || password === '' ? {} : { password }),
  };
}

/** Adds a directory, or changes one: its password then stays unless another is given. */
export function DirectoryDialog({ directory }: { directory: CertificateDirectory | null }) {
  const [draft, setDraft] = useState(() => draftOf(directory));
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const label = directory === null ? words.add : words.change;
  const act = () =>
    directory === null ? addDirectory(settingsOf(draft)) : replaceDirectory(directory.id, settingsOf(draft));
  return (
    <ActDialog
      label={label}
      title={directory === null ? words.add : words.changeTitle(directory.host)}
      description={words.protectedLead}
      confirm={common.save}
      act={act}
      onDone={() => (directory === null ? setDraft(draftOf(null)) : set({ password: '' }))}
    >
      <TextField
        label={words.host}
        required
        maxLength={253}
        spellCheck={false}
        autoComplete="off"
        value={draft.host}
        onChange={(event) => set({ host: event.target.value })}
      />
      <Choice
        label={words.security}
        value={draft.security}
        choices={(['ldaps', 'starttls'] as const).map((value) => ({ value, label: words.securities[value] }))}
        onChange={(event) => {
          const security = event.target.value === 'starttls' ? 'starttls' : 'ldaps';
          const usual = draft.port === PORTS[draft.security];
          set({ security, ...(usual ? { port: PORTS[security] } : {}) });
        }}
      />
      <TextField
        label={words.port}
        required
        inputMode="numeric"
        pattern="[0-9]{1,5}"
        value={draft.port}
        onChange={(event) => set({ port: event.target.value })}
      />
      <TextField
        label={words.baseDn}
        hint={words.baseDnHint}
        required
        maxLength={1000}
        spellCheck={false}
        value={draft.baseDn}
        onChange={(event) => set({ baseDn: event.target.value })}
      />
      <TextField
        label={words.bindDn}
        hint={words.bindDnHint}
        optional
        maxLength={1000}
        spellCheck={false}
        autoComplete="off"
        value={draft.bindDn}
        onChange={(event) => set({ bindDn: event.target.value })}
      />
      {draft.bindDn.trim() !== '' && (
        <TextField
          label={words.password}
          hint={directory?.bindDn ? words.passwordKept : undefined}
          type="password"
          required={!directory?.bindDn}
          maxLength={1000}
          autoComplete="new-password"
          value={draft.password}
          onChange={(event) => set({ password: event.target.value })}
        />
      )}
      <TextArea
        label={words.authorities}
        hint={words.authoritiesHint}
        optional
        rows={3}
        spellCheck={false}
        value={draft.authorities}
        onChange={(event) => set({ authorities: event.target.value })}
      />
    </ActDialog>
  );
}
