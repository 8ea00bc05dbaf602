import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { patientPortalText as words } from '../../text/patient-portal.ts';
import { ssoText as protocol } from '../../text/single-sign-on.ts';
import type { PortalDraft } from './patient-portal-draft.ts';

interface FieldsProps {
  draft: PortalDraft;
  set: (change: Partial<PortalDraft>) => void;
}

const METHODS = ['client_secret_basic', 'private_key_jwt'] as const;
const NAMES = ['address', 'account'] as const;
const MODES = ['off', 'beside', 'only'] as const;
const PLAIN = { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false } as const;

/** The portal as a provider of OpenID Connect; in the words that the staff's own provider is described in. */
export function PortalProviderFields({ draft, set, secretKept }: FieldsProps & { secretKept: boolean }) {
  return (
    <>
      <h3 className="font-semibold">{words.provider}</h3>
      <TextField
        {...PLAIN}
        label={protocol.issuer}
        hint={protocol.issuerHint}
        type="url"
        required={draft.mode !== 'off'}
        value={draft.issuer}
        onChange={(event) => set({ issuer: event.target.value })}
      />
      <TextField
        {...PLAIN}
        label={protocol.clientId}
        required={draft.issuer !== ''}
        value={draft.clientId}
        onChange={(event) => set({ clientId: event.target.value })}
      />
      <Choice
        label={protocol.proof}
        value={draft.method}
        choices={METHODS.map((value) => ({ value, label: protocol.proofs[value] }))}
        onChange={(event) =>
          set({ method: METHODS.find((one) => one === event.target.value) ?? 'client_secret_basic' })
        }
      />
      {draft.method === 'client_secret_basic' && (
        <TextField
          {...PLAIN}
          label={protocol.secret}
          hint={secretKept ? protocol.secretKept : undefined}
          type="password"
          value={draft.secret}
          onChange={(event) => set({ secret: event.target.value })}
        />
      )}
      <TextField
        {...PLAIN}
        label={protocol.scopes}
        hint={protocol.scopesHint}
        value={draft.scopes}
        onChange={(event) => set({ scopes: event.target.value })}
      />
      <Tick
        label={protocol.userInfo}
        hint={protocol.userInfoHint}
        checked={draft.userInfo}
        onChange={(event) => set({ userInfo: event.target.checked })}
      />
    </>
  );
}

/** Who somebody is by what the portal says, what that proves, and how it is offered. */
export function PortalRuleFields({ draft, set }: FieldsProps) {
  return (
    <>
      <h3 className="font-semibold">{words.who}</h3>
      <Choice
        label={words.names}
        value={draft.names}
        choices={NAMES.map((value) => ({ value, label: words.namesOf[value] }))}
        onChange={(event) => set({ names: NAMES.find((one) => one === event.target.value) ?? 'address' })}
      />
      <TextField
        {...PLAIN}
        label={words.claim}
        required
        maxLength={200}
        value={draft.claim}
        onChange={(event) => set({ claim: event.target.value })}
      />
      {draft.names === 'address' && (
        <Tick
          label={words.verified}
          hint={words.verifiedHint}
          checked={draft.verified}
          onChange={(event) => set({ verified: event.target.checked })}
        />
      )}
      <TextField
        {...PLAIN}
        label={words.strong}
        hint={words.strongHint}
        value={draft.strong}
        onChange={(event) => set({ strong: event.target.value })}
      />
      <Choice
        label={words.mode}
        value={draft.mode}
        choices={MODES.map((value) => ({ value, label: words.modes[value] }))}
        onChange={(event) => set({ mode: MODES.find((one) => one === event.target.value) ?? 'off' })}
      />
      {draft.mode === 'only' && <Notice tone="held">{words.onlyNote}</Notice>}
    </>
  );
}
