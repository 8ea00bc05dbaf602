import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { readSsoMetadata } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { SaveFailure } from './connection-part.tsx';
import type { Draft } from './draft.ts';

export interface FieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

const METHODS = ['client_secret_basic', 'private_key_jwt'] as const;
const PLAIN = { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false } as const;

export function OidcFields({ draft, set, secretKept }: FieldsProps & { secretKept: boolean }) {
  return (
    <>
      <h3 className="font-semibold">{words.provider}</h3>
      <TextField
        {...PLAIN}
        label={words.issuer}
        hint={words.issuerHint}
        type="url"
        value={draft.issuer}
        onChange={(event) => set({ issuer: event.target.value })}
      />
      <TextField
        {...PLAIN}
        label={words.clientId}
        required={draft.issuer !== ''}
        value={draft.clientId}
        onChange={(event) => set({ clientId: event.target.value })}
      />
      <Choice
        label={words.proof}
        value={draft.method}
        choices={METHODS.map((value) => ({ value, label: words.proofs[value] }))}
        onChange={(event) =>
          set({
            method: event.target.value === 'private_key_jwt' ? 'private_key_jwt' : 'client_secret_basic',
          })
        }
      />
      {draft.method === 'client_secret_basic' && (
        <TextField
          {...PLAIN}
          label={words.secret}
          hint={secretKept ? words.secretKept : undefined}
          type="password"
          value={draft.secret}
          onChange={(event) => set({ secret: event.target.value })}
        />
      )}
      <TextField
        {...PLAIN}
        label={words.scopes}
        hint={words.scopesHint}
        value={draft.scopes}
        onChange={(event) => set({ scopes: event.target.value })}
      />
      <Tick
        label={words.userInfo}
        hint={words.userInfoHint}
        checked={draft.userInfo}
        onChange={(event) => set({ userInfo: event.target.checked })}
      />
    </>
  );
}

export function SamlFields({ draft, set }: FieldsProps) {
  const [metadata, setMetadata] = useState('');
  const read = useMutation({
    mutationFn: () => {
      const text = metadata.trim();
      return readSsoMetadata(text.startsWith('https://') ? { url: text } : { xml: text });
    },
    onSuccess: ({ entityId, signInUrl, signOutUrl, certificates }) =>
      set({
        ...{ entityId, signInUrl, signOutUrl: signOutUrl ?? '' },
        certificates: certificates.map(({ pem }) => pem).join('\n'),
      }),
  });
  return (
    <>
      <h3 className="font-semibold">{words.provider}</h3>
      <TextArea
        {...PLAIN}
        label={words.metadata}
        hint={words.metadataHint}
        rows={3}
        value={metadata}
        onChange={(event) => setMetadata(event.target.value)}
      />
      <div>
        <Button busy={read.isPending} disabled={metadata.trim() === ''} onClick={() => read.mutate()}>
          {words.read}
        </Button>
      </div>
      <SaveFailure error={read.error} />
      <TextField
        {...PLAIN}
        label={words.entityId}
        value={draft.entityId}
        onChange={(event) => set({ entityId: event.target.value })}
      />
      <TextField
        {...PLAIN}
        label={words.signInUrl}
        type="url"
        required={draft.entityId !== ''}
        value={draft.signInUrl}
        onChange={(event) => set({ signInUrl: event.target.value })}
      />
      <TextField
        {...PLAIN}
        label={words.signOutUrl}
        type="url"
        optional
        value={draft.signOutUrl}
        onChange={(event) => set({ signOutUrl: event.target.value })}
      />
      <TextArea
        {...PLAIN}
        label={words.certificates}
        hint={words.certificatesHint}
        required={draft.entityId !== ''}
        className="font-mono text-xs"
        value={draft.certificates}
        onChange={(event) => set({ certificates: event.target.value })}
      />
    </>
  );
}
