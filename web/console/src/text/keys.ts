import { catalogue } from './catalogue.ts';

/** Words of the page of recipients' OpenPGP keys. */
export const keysText = catalogue({
  en: {
    title: 'Recipients’ keys',
    lead: 'OpenPGP keys of the people you write to. A message goes to a key where the protection policy lists PGP.',
    loading: 'The keys are being loaded',
    emptyTitle: 'No keys yet',
    empty:
      'Keys that recipients’ domains publish are found by themselves when a message is delivered. A key that somebody handed to you is added here.',
    add: 'Add a key',
    addLead:
      'You vouch for it: compare the fingerprint with its owner by telephone or in person before, not by the mail that it came in.',
    address: 'Address of the recipient',
    key: 'Public key',
    keyHint: 'The whole text, from “BEGIN PGP PUBLIC KEY BLOCK” to its end.',
    addGo: 'Vouch for this key',
    fingerprint: 'Fingerprint',
    algorithm: 'Algorithm',
    added: 'Added',
    expires: 'Expires',
    trust: 'Trust',
    vouched: (who: string) => `Vouched for by ${who}`,
    pinned: 'Taken at its first use; nobody has vouched for it',
    unvouched: 'Nobody has vouched for it yet',
    sources: {
      console: 'Added here',
      portal: 'Given by the recipient in the portal',
      wkd: 'Published by the recipient’s domain',
      hkps: 'From a key server',
      autocrypt: 'From a mail of the recipient',
    },
    source: 'Where from',
    states: {
      trusted: 'In use',
      pending: 'Waits for you',
      replaced: 'Replaced',
      rejected: 'Rejected',
      revoked: 'Withdrawn',
    },
    problems: {
      expired: 'Cannot be used: it has expired',
      revoked: 'Cannot be used: its owner has revoked it',
      weak: 'Cannot be used: too weak',
      'no-encryption-subkey': 'Cannot be used: it has no key to encrypt with',
      'not-self-signed': 'Cannot be used: nothing sound holds it together',
    },
    pendingTitle: (count: number) =>
      count === 1 ? '1 recipient’s key has changed' : `The keys of ${count} recipients have changed`,
    pendingLead:
      'Until you confirm or reject a change, messages to this recipient go by the next method of the policy. Ask the recipient by telephone or in person whether they have a new key.',
    actions: (address: string) => `Actions for the key of ${address}`,
    confirm: 'Confirm',
    confirmTitle: (address: string) => `Use the new key of ${address}?`,
    confirmLead:
      'Only confirm it when its owner has told you this fingerprint by telephone or in person. The key before it is not used any more.',
    reject: 'Reject',
    rejectTitle: (address: string) => `Reject the new key of ${address}?`,
    rejectLead: 'The key before it goes on being used. This one is not asked about again.',
    revoke: 'Withdraw',
    revokeTitle: (address: string) => `Withdraw the key of ${address}?`,
    revokeLead: 'It is never used again, and not taken again by itself from anywhere.',
    remove: 'Forget',
    removeTitle: (address: string) => `Forget this key of ${address}?`,
    removeLead: 'As if it had never been known: the next key that is found may be taken at its first use.',
    vouchTitle: (address: string) => `Vouch for the key of ${address}?`,
    vouchLead:
      'It was taken at its first use. Only vouch for it when its owner has told you this fingerprint by telephone or in person.',
    unvouchedTitle: (count: number) =>
      count === 1
        ? '1 key waits for somebody to vouch for it'
        : `${count} keys wait for somebody to vouch for them`,
    unvouchedLead:
      'Its source is not believed by itself here. Until somebody confirms it, messages to this recipient go by the next method of the policy.',
    parts: 'Parts of this page',
    recipients: 'Recipients',
    believe: 'Whom to believe',
    believeLead:
      'The first key of a recipient may be found by itself. Say for each source whether such a key carries mail at once, or waits until one of you has compared its fingerprint. A key that changes waits in any case.',
    believes: {
      'first-use': 'Use it at once',
      vouched: 'Only once somebody here vouches for it',
    },
    sourceHints: {
      wkd: 'Whoever controls the web server of the domain can put a key there.',
      hkps: 'Asked only where the operator has named key servers.',
      portal: 'The recipient is signed in to the portal when handing it over.',
      autocrypt: 'A header of mail whose sender was proven; anything else is ignored.',
    },
    saved: 'Saved. It holds for keys that are known already as well.',
    own: 'Your own key',
    ownLead:
      'It signs every message that leaves by PGP. Hand it to recipients, or let your domain publish it as a Web Key Directory.',
    ownAddress: 'In the name of',
    ownShow: 'Show the public key',
    ownPublic: 'Public key',
    made: 'Made',
    putOff: '(put off by itself half a year before)',
    extensionFailedTitle: 'The end of this key cannot be put off',
    extensionFailed:
      'Tell whoever runs this installation: the log of the worker says why. Messages go on being signed until the key ends. First tried in vain:',
    savePublic: 'Save the public key',
    save: 'Save',
    keepRevocation: 'Revocation certificate',
    keepRevocationTitle: 'Save a revocation certificate?',
    keepRevocationLead:
      'It revokes nothing by itself. Keep it locked away, for the day on which this installation and its keys are lost: whoever has it can have the key revoked everywhere.',
    rotate: 'New key',
    rotateTitle: 'Sign with a new key from now on?',
    rotateLead:
      'The key of today certifies the new one. Both are published for 90 days, and what was encrypted to the old one can still be opened.',
    revokeOwn: 'Revoke',
    revokeOwnTitle: 'Revoke this key of your organisation?',
    revokeOwnLead:
      'This cannot be undone. A new key takes its place at once, and the revocation is published with it. Recipients who have stored the old key need the new one.',
    revokeEarlierLead: 'This cannot be undone. The revocation is published beside the key that signs now.',
    reason: 'Reason',
    reasons: {
      superseded: 'A newer key has taken its place',
      compromised: 'Somebody else may have the secret part',
      retired: 'It is no longer used',
    },
    earlier: 'Keys before it',
    earlierLead: 'They sign no more, and still open what was encrypted to them.',
    ownStates: { retired: 'Retired', revoked: 'Revoked' },
    retired: 'Retired',
    revokedAt: 'Revoked',
    published: 'Published until',
  },
});
