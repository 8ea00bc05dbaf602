import { catalogue } from './catalogue.ts';

/** Words about signing in with an organisation's own patient portal. */
export const patientPortalText = catalogue({
  en: {
    title: 'Signing in with your patient portal',
    lead: 'Patients open their messages with the account of your own patient portal (OpenID Connect). Whoever comes that way sees the messages of your organisation alone.',
    loading: 'The patient portal is being loaded',
    name: 'What your patients call the portal',
    nameHint: 'It stands on the button: “Sign in with …”.',
    begin: 'Set it up',
    beginHint:
      'You get the values that the administrator of your portal needs. Nobody can sign in by it yet.',
    values: 'For the administrator of your patient portal',
    valueNames: {
      redirectUri: 'Redirect URI',
      initiateLoginUri: 'Link that begins a sign-in (initiate_login_uri)',
      messageUri: 'Link to one message, with its id',
      signInPage: 'Sign-in page of your own',
      backChannelLogoutUri: 'Back-channel logout URI',
      keysUri: 'Our public key (JWK set), for private_key_jwt',
    },
    provider: 'The portal',
    who: 'Who somebody is',
    names: 'The claim names',
    namesOf: {
      address: 'the email address that messages go to',
      account: 'an account, whose address you have told us by the API',
    },
    claim: 'Claim',
    verified: 'Only addresses that the portal has verified',
    verifiedHint:
      'email_verified must be true. Turn it off only if your portal checks every address and does not say so.',
    strong: 'Values that mean two factors',
    strongHint:
      'Of acr or amr, separated by spaces. Whoever comes with one of them opens high sensitivity at once. Empty: the portal counts like a code by mail.',
    mode: 'How it is offered',
    modes: {
      off: 'Not at all',
      beside: 'Beside the codes',
      only: 'As the only way to your messages',
    },
    onlyNote:
      'Recipients without an account there can open nothing of yours. Codes still sign them in, for other organisations.',
    danger:
      'Whoever controls this portal can read what your recipients can read. A change of who is who, or turning it off, ends every session that came by it.',
    saved: 'Saved.',
    remove: 'Remove',
    removeTitle: 'Remove sign-in by your patient portal?',
    removeLead: 'Sessions that came by it end at once. Which account is whose is forgotten.',
    reasons: {
      'needs-provider': 'Describe the portal first.',
      'needs-secret': 'Enter the client secret: it is kept for its issuer and client only.',
    } as Readonly<Record<string, string>>,
  },
});
