import type { FailureCode, Reason } from '#core/decision';
import type { Method } from '#core/method';
import type { ProofRecord } from '#core/proof';

const METHOD: Readonly<Record<Method | 'none', string>> = {
  tls: 'Encrypted connection to the recipient’s mail server (TLS)',
  pgp: 'OpenPGP encryption',
  smime: 'S/MIME encryption',
  pdf: 'Password-protected PDF (AES-256)',
  portal: 'Portal pick-up: the content stays sealed here, only a notice without content was sent',
  waiver: 'Unprotected, on the recipient’s recorded wish',
  none: 'None: not delivered',
};

const OUTCOME: Readonly<Record<ProofRecord['outcome'], string>> = {
  delivered: 'Accepted by the recipient’s mail server',
  'portal-waiting': 'Placed in the portal',
  bounced: 'Refused by the recipient’s mail server',
  expired: 'Given up: could not be delivered in time',
  'not-delivered': 'Not delivered: no permitted method could protect it',
};

const AUTHENTICATED: Readonly<Record<ProofRecord['transport']['authenticatedBy'], string>> = {
  dane: 'DANE (RFC 7672): the domain’s signed DNS names this certificate',
  'mta-sts': 'MTA-STS (RFC 8461): the domain’s policy and a valid certificate',
  pkix: 'a valid certificate for the server’s name',
  none: 'not authenticated',
};

const FAILURE: Readonly<Record<FailureCode, string>> = {
  'tls-not-offered': 'the server offered no encryption',
  'tls-handshake-failed': 'the encrypted connection could not be made',
  'tls-version-too-low': 'the server offered only an old version of TLS',
  'certificate-untrusted': 'the server’s certificate comes from nobody we trust',
  'certificate-expired': 'the server’s certificate has expired',
  'certificate-self-signed': 'the server’s certificate is signed by itself only',
  'certificate-wrong-name': 'the server’s certificate is made out to another name',
  'no-verified-host': 'no mail server of the domain could be verified',
  'no-key': 'no key or password of this recipient is on file',
  'key-expired': 'the recipient’s key has expired',
  'key-revoked': 'the recipient’s key was revoked',
  'key-unusable':
    'the recipient’s key may not be used: wrong purpose, too weak, or made out to another address',
  'key-untrusted': 'nobody whom the organisation trusts vouches for the recipient’s key or certificate',
  'key-change-unconfirmed': 'the recipient’s key had changed, and nobody had confirmed the new one',
  'revocation-unknown': 'it could not be found out whether the recipient’s certificate was revoked',
  'dane-mismatch': 'the server’s certificate is not the one that the domain’s signed DNS names (DANE)',
  'mta-sts-host-not-listed': 'the domain’s MTA-STS policy does not name the server',
  'requiretls-not-offered': 'the sender demanded REQUIRETLS, which the server does not offer',
  'requiretls-host-not-proven':
    'the sender demanded REQUIRETLS, and nothing proved that the server is the domain’s',
  'requiretls-demanded': 'the sender demanded REQUIRETLS, which no waiver lifts',
  'waiver-ended': 'the recipient’s waiver had been withdrawn or had expired',
  'not-configured': 'it is not set up',
  'message-too-large': 'the message is too large for it',
  'no-password-channel': 'no permitted way could bring the password to the recipient',
  'content-unreadable': 'the message could not be taken apart',
};

/** A code in its reader's words; a code that this version does not know stands for itself. */
const worded = (texts: Readonly<Record<string, string>>, code: string): string => texts[code] ?? code;

const SHORT: Readonly<Record<string, string>> = {
  tls: 'Verified TLS',
  pgp: 'OpenPGP',
  smime: 'S/MIME',
  pdf: 'Protected PDF',
  portal: 'The portal',
  waiver: 'A waiver',
};

const PASSWORD_BY: Readonly<Record<string, string>> = {
  agreed: 'It opens with the password that was agreed with the recipient outside of mail.',
  text: 'The password was lined up as a text message to the recipient’s number on record.',
  portal: 'The password waits for the recipient in the portal.',
};

function reasonWords({ code, parameters }: Reason): string {
  const of = (name: string): string => String(parameters[name] ?? '');
  const method = worded(SHORT, of('method'));
  switch (code) {
    case 'order-from-organisation':
      return 'The order of methods is the organisation’s own.';
    case 'order-from-stream':
      return `A rule for the stream “${of('stream')}” sets the order of methods.`;
    case 'order-from-domain':
      return `A rule for the domain ${of('domain')} sets the order of methods.`;
    case 'order-from-recipient':
      return 'A rule for this recipient sets the order of methods.';
    case 'class-forbids-tls':
      return `The message is of sensitivity “${of('class')}”; TLS alone may carry at most “${of('highest')}”.`;
    case 'class-forbids-waiver':
      return `The message is of sensitivity “${of('class')}”; a waiver opens at most “${of('highest')}”.`;
    case 'lowered-forbids-waiver':
      return 'The recipient has a waiver, but the message was lowered by a word in its subject: that goes down to verified TLS only.';
    case 'waivers-off':
      return 'The recipient has a waiver on record, but the organisation does not send under waivers.';
    case 'waiver-chosen':
      return 'The recipient has asked in writing for plain mail, and no listed method could protect this copy.';
    case 'sent-under-waiver':
      return `It was sent under the waiver ${of('waiver')}.`;
    case 'method-not-offered':
      return `${method} is not set up on this Sealpost.`;
    case 'method-failed':
      return `${method} was not possible: ${worded(FAILURE, of('failure'))}.`;
    case 'method-chosen':
      return `${method} is the first method of the order that can protect this copy.`;
    case 'protected-with':
      return `It was sealed with ${of('algorithm')}, key ${of('key')}.`;
    case 'password-by':
      return worded(PASSWORD_BY, of('channel'));
    case 'part-accepted': {
      const tls = of('tls') === '' ? '' : ` over ${of('tls')}`;
      return `Mail ${of('part')} of ${of('of')} was accepted by ${of('host')}${tls} at ${of('at')}.`;
    }
    case 'parts-incomplete':
      return `Of ${of('of')} mails the recipient’s server accepted ${of('accepted')}; the others did not arrive.`;
    case 'portal-is-last':
      return 'The portal is not in the order, but is always the last resort.';
    case 'exclusive-tls':
      return 'The policy is exclusive: when its methods fail, nothing is delivered.';
    case 'nothing-left':
      return 'No method was left that could protect this copy.';
    case 'inbound-host':
      return `It came from outside and went to the organisation’s own mail server ${of('host')}.`;
    case 'inbound-sender':
      return `When it came in: SPF ${of('spf')}, DKIM ${of('dkim')}, DMARC ${of('dmarc')}.`;
    case 'inbound-opened':
      return `It came encrypted by ${sealedBy(of('by'))} and was decrypted here; signature: ${of('signature')}.`;
    case 'inbound-signed':
      return `It came signed by ${sealedBy(of('by'))}; signature: ${of('signature')}.`;
    case 'inbound-left-sealed':
      return `It, or a part of it, is encrypted by ${sealedBy(of('by'))} and was handed on as it came (${of('why')}).`;
    default:
      return code;
  }
}

function sealedBy(by: string): string {
  return worded(SHORT, by);
}

/** A proof record in English words, for people who read it outside of the console. */
export function proofWords(record: ProofRecord) {
  const { transport } = record;
  return {
    method: worded(METHOD, record.method),
    outcome: worded(OUTCOME, record.outcome),
    authenticatedBy: worded(AUTHENTICATED, transport.authenticatedBy),
    reasons: record.reasons.map(reasonWords),
  };
}
