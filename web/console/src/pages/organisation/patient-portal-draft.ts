import type { PortalDelegation, PortalDelegationChange } from '../../api-types.ts';

/** The setting as it stands in the form: texts as they are typed. */
export interface PortalDraft {
  name: string;
  mode: PortalDelegation['mode'];
  issuer: string;
  clientId: string;
  method: 'client_secret_basic' | 'private_key_jwt';
  secret: string;
  scopes: string;
  userInfo: boolean;
  claim: string;
  names: PortalDelegation['rules']['names'];
  verified: boolean;
  strong: string;
}

export function portalDraftOf({ name, mode, provider, rules }: PortalDelegation): PortalDraft {
  const { claim, names, verified, strong } = rules;
  return {
    ...{ name, mode, claim, names, verified, strong: strong.join(' '), secret: '' },
    issuer: provider?.issuer ?? '',
    clientId: provider?.clientId ?? '',
    method: provider?.method ?? 'client_secret_basic',
    scopes: provider?.scopes.join(' ') ?? 'email',
    userInfo: provider?.userInfo ?? true,
  };
}

const words = (text: string): string[] => text.split(/\s+/).filter((one) => one !== '');

/** What is sent; a portal of which nothing was entered is none. */
export function portalChangeOf(draft: PortalDraft): PortalDelegationChange {
  const { mode, method, userInfo, names, verified, secret } = draft;
  const issuer = draft.issuer.trim();
  return {
    ...{ name: draft.name.trim(), mode },
    provider:
      issuer === ''
        ? null
        : {
            ...{ issuer, clientId: draft.clientId.trim(), method, userInfo, scopes: words(draft.scopes) },
            ...(secret === '' ? {} : { secret }),
          },
    rules: { claim: draft.claim.trim(), names, verified, strong: words(draft.strong) },
  };
}

/** A setting that is begun: off, without a portal. */
export function begun(name: string): PortalDelegationChange {
  const rules = { claim: 'email', names: 'address', verified: true, strong: [] } as const;
  return { name, mode: 'off', provider: null, rules: { ...rules, strong: [] } };
}
