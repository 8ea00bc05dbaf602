import { catalogue } from './catalogue.ts';
import { common } from './common.ts';

type Parameters = Readonly<Record<string, string | number>>;
type Wording = (parameters: Parameters) => string;

const of = (parameters: Parameters, name: string, otherwise = ''): string =>
  String(parameters[name] ?? otherwise);

/** A method's name within a sentence; an unknown one as it came. */
function method(parameters: Parameters): string {
  const name = of(parameters, 'method');
  return name in common.method ? common.method[name as keyof typeof common.method] : name;
}

const stream = (parameters: Parameters): string => {
  const name = of(parameters, 'stream');
  return name in common.stream ? common.stream[name as keyof typeof common.stream].toLowerCase() : name;
};

const host = (parameters: Parameters): string => {
  const name = of(parameters, 'host', of(parameters, 'domain'));
  return name === '' ? 'the recipient’s server' : name;
};

const sensitivity = (parameters: Parameters, name: string): string => {
  const value = of(parameters, name);
  return value in common.class ? common.class[value as keyof typeof common.class].toLowerCase() : value;
};

/** Why a key may not be used, as the end of a sentence. */
export const unusableWords = catalogue<Readonly<Record<string, string>>>({
  en: {
    'not-yet-valid': 'it is not valid yet',
    'wrong-usage': 'it is made for another purpose',
    'weak-signature': 'it is signed with SHA-1',
    'weak-key': 'it is too short',
    'other-address': 'it is made out to another address',
    'unknown-extension': 'it has a condition that is not understood here',
    'unknown-algorithm': 'it uses an algorithm that is not known here',
  },
});

/** How the password of a PDF goes to its recipient. */
const passwordWays = catalogue<Readonly<Record<string, string>>>({
  en: {
    agreed: 'It opens with the password that was agreed with the recipient.',
    text: 'Its password was lined up as a text message to the recipient’s number on record.',
    portal: 'Its password waits for the recipient in the portal.',
  },
});
const sealedBy = (parameters: Parameters): string => {
  const by = of(parameters, 'by');
  return by in common.method ? common.method[by as keyof typeof common.method] : by;
};

/** What a look at an incoming message found, in words. */
const inboundWords = catalogue<{
  readonly verdicts: Readonly<Record<string, string>>;
  readonly signatures: Readonly<Record<string, string>>;
  readonly left: Readonly<Record<string, string>>;
}>({
  en: {
    verdicts: {
      pass: 'passed',
      fail: 'failed',
      softfail: 'failed softly',
      neutral: 'said nothing',
      none: 'is not set up',
      error: 'could not be checked',
    },
    signatures: {
      good: 'Its signature is good, and its key belongs to the sender.',
      bad: 'Its signature does not fit what it says: do not trust it.',
      unknown: 'It is signed by a key that is not on record for the sender.',
      untrusted: 'Its signature fits, but its certificate is not trusted for this sender.',
      none: 'It is not signed: anybody could have encrypted it.',
    },
    left: {
      'not-for-us': 'it is encrypted for a certificate that we do not have',
      broken: 'its encryption is broken, or was changed on the way',
      unreadable: 'it is encrypted for another key, or was changed on the way',
      unsupported: 'it is encrypted or packed in a way that is not opened here',
      'too-deep': 'it is wrapped too many times',
      'too-large': 'it is too large to be opened here',
      'no-integrity': 'it is encrypted so that anybody could have changed it, and is not signed inside',
      'from-differs': 'the sender inside the encryption is not the one outside',
      nested: 'only a part of it is encrypted, and what stands around it could carry the text away',
    },
  },
});
const leftSealedWords = inboundWords.left;
const verdict = (parameters: Parameters, name: string): string =>
  inboundWords.verdicts[of(parameters, name)] ?? of(parameters, name);
/** A sentence to follow another, or nothing. */
const signatureWords = (parameters: Parameters): string => {
  const words = inboundWords.signatures[of(parameters, 'signature')];
  return words === undefined ? '' : ` ${words}`;
};

/** Reasons and results of the road in the reader's words, by code. */
export const decisions = catalogue({
  en: {
    reasons: {
      'order-from-organisation': () => 'The order of methods is the organisation’s own.',
      'order-from-stream': (p) => `A rule for the stream ${stream(p)} sets the order of methods.`,
      'order-from-domain': (p) => `A rule for ${of(p, 'domain', 'this domain')} sets the order of methods.`,
      'order-from-recipient': () => 'A rule for this recipient sets the order of methods.',
      'class-forbids-tls': (p) =>
        `The message is of ${sensitivity(p, 'class')} sensitivity; TLS alone may carry at most ${sensitivity(p, 'highest')}.`,
      'class-forbids-waiver': (p) =>
        `The recipient has a waiver, but the message is of ${sensitivity(p, 'class')} sensitivity; a waiver opens at most ${sensitivity(p, 'highest')}.`,
      'lowered-forbids-waiver': () =>
        'The recipient has a waiver, but the message was lowered by a word in its subject: that goes down to verified TLS, never to plain mail.',
      'waivers-off': () =>
        'The recipient has a waiver on record, but the organisation does not send under waivers.',
      'waiver-chosen': () =>
        'The recipient was told of the risk and asked for plain mail, and no listed method could protect this copy.',
      'sent-under-waiver': (p) => `It was sent under the waiver ${of(p, 'waiver')}.`,
      'method-not-offered': (p) => `${method(p)} is not set up on this Sealpost.`,
      'method-failed': (p) => `${method(p)} was not possible: ${failureWords(of(p, 'failure'), p)}`,
      'method-chosen': (p) => `${method(p)} is the first method of the order that can protect this copy.`,
      'protected-with': (p) =>
        of(p, 'algorithm').startsWith('PDF')
          ? `It was sealed with ${of(p, 'algorithm')}, under the password with the id ${of(p, 'key')}.`
          : `It was sealed with ${of(p, 'algorithm')}, for the recipient’s key ${of(p, 'key')}.`,
      'password-by': (p) => passwordWays[of(p, 'channel')] ?? of(p, 'channel'),
      'part-accepted': (p) =>
        `Mail ${of(p, 'part')} of ${of(p, 'of')} was accepted by ${host(p)}${p.tls === undefined ? '' : ` over ${of(p, 'tls')}`}.`,
      'parts-incomplete': (p) =>
        `Of ${of(p, 'of')} mails the recipient’s server accepted ${of(p, 'accepted')}; the others did not arrive.`,
      'portal-is-last': () => 'The portal is not in the order, but is always the last resort.',
      'exclusive-tls': () => 'The policy is exclusive: when its methods fail, nothing is delivered.',
      'nothing-left': () => 'No method was left that could protect this copy.',
      'inbound-host': (p) =>
        `It came from outside, and goes to your own mail server ${of(p, 'host')} by verified TLS.`,
      'inbound-sender': (p) =>
        `When it came in, the sender’s domain was checked: SPF ${verdict(p, 'spf')}, DKIM ${verdict(p, 'dkim')}, DMARC ${verdict(p, 'dmarc')}.`,
      'inbound-opened': (p) =>
        `It came encrypted by ${sealedBy(p)} and was decrypted here.${signatureWords(p)}`,
      'inbound-signed': (p) => `It came signed by ${sealedBy(p)}, not encrypted.${signatureWords(p)}`,
      'inbound-left-sealed': (p) =>
        `It was handed on as it came: ${leftSealedWords[of(p, 'why')] ?? 'it could not be opened'} (${sealedBy(p)}).`,
    } satisfies Record<string, Wording> as Readonly<Record<string, Wording>>,
    failures: {
      'tls-not-offered': (p) => `${host(p)} offered no encryption.`,
      'tls-handshake-failed': (p) => `the encrypted connection to ${host(p)} could not be made.`,
      'tls-version-too-low': (p) => `${host(p)} offered only an old version of TLS.`,
      'certificate-untrusted': (p) => `the certificate of ${host(p)} comes from nobody we trust.`,
      'certificate-expired': (p) => `the certificate of ${host(p)} has expired.`,
      'certificate-self-signed': (p) => `${host(p)} vouches only for itself (a self-signed certificate).`,
      'certificate-wrong-name': (p) => `the certificate of ${host(p)} is made out to another name.`,
      'dane-mismatch': (p) =>
        `the certificate of ${host(p)} is not the one that its domain’s signed DNS names (DANE).`,
      'mta-sts-host-not-listed': (p) =>
        `${host(p)} is not among the servers that the recipient’s domain lists in its MTA-STS policy.`,
      'requiretls-not-offered': (p) =>
        `the sender asked for REQUIRETLS, and ${host(p)} does not pass that demand on.`,
      'requiretls-host-not-proven': (p) =>
        `the sender asked for REQUIRETLS, and neither signed DNS nor a policy proves that ${host(p)} takes this domain’s mail.`,
      'no-verified-host': () => 'no mail server of the recipient’s domain could be verified.',
      'no-key': (p) =>
        of(p, 'reason') === 'directory-failed'
          ? 'we have no key of this recipient, and a directory could not be asked.'
          : 'we have no key of this recipient.',
      'key-expired': () => 'the recipient’s key has expired.',
      'key-revoked': () => 'the recipient’s key was revoked.',
      'key-unusable': (p) =>
        `the recipient’s key may not be used: ${unusableWords[of(p, 'reason')] ?? 'it is not fit for this'}.`,
      'key-untrusted': () =>
        'nobody whom the organisation trusts vouches for the recipient’s key or certificate.',
      'revocation-unknown': () =>
        'it could not be found out whether the recipient’s certificate was revoked.',
      'message-too-large': () => 'the message is too large for this method.',
      'no-password-channel': () =>
        'no allowed way brings the password to this recipient (Protection, PDF passwords).',
      'key-change-unconfirmed': () =>
        'the recipient’s key has changed, and nobody here has confirmed the new one yet (Protection, Recipients’ keys).',
      'requiretls-demanded': () => 'the sender asked for REQUIRETLS, which no waiver lifts.',
      'waiver-ended': () => 'the recipient’s waiver was withdrawn or has expired.',
      'not-configured': () => 'it is not set up.',
      'content-unreadable': () => 'the message could not be taken apart.',
    } satisfies Record<string, Wording> as Readonly<Record<string, Wording>>,
    /** Why the recipient's own domain would not have taken it otherwise; follows the failure. */
    demands: {
      tlsa: 'The recipient’s domain demands it by its signed DNS (DANE).',
      sts: 'The recipient’s domain demands it by its MTA-STS policy.',
    } as Readonly<Record<string, string>>,
    codes: {
      'peer-deferred': 'The recipient’s server asked us to come back later.',
      'connect-failed': 'No connection to the recipient’s server could be made.',
      'connection-lost': 'The connection broke before the server had confirmed.',
      timeout: 'The recipient’s server took too long to answer.',
      'dns-failed': 'The name servers of the recipient’s domain did not answer.',
      'dnssec-failed': 'The signed DNS of the recipient’s domain could not be verified.',
      'destination-busy': 'Enough connections to this destination were in use.',
      'system-fault': 'Sealpost met a fault of its own and will try again.',
      'peer-refused': 'The recipient’s server refused the message for good.',
      'no-such-domain': 'The recipient’s domain does not exist.',
      'null-mx': 'The recipient’s domain says that it takes no mail.',
      'domain-not-routed': 'In sandbox mode this domain is not reached.',
      'no-method': 'No method was left that could protect this copy.',
      'exclusive-tls': 'The policy is exclusive, and its methods failed: it was not delivered.',
      'too-old': 'The time to try was over.',
      'message-too-large': 'The message is larger than the recipient’s server takes.',
      'smtputf8-not-supported': 'The recipient’s server does not take international addresses.',
    } as Readonly<Record<string, string>>,
    results: {
      delivered: 'Delivered',
      deferred: 'Not yet: will be tried again',
      bounced: 'Refused for good',
      'in-portal': 'Placed in the portal',
      'protection-unavailable': 'Stopped before any content was sent, because the way was not safe',
    },
    authenticated: {
      dane: 'by DANE: the domain’s signed DNS names this certificate',
      'mta-sts': 'by the domain’s MTA-STS policy and a valid certificate',
      pkix: 'by a valid certificate for the server’s name',
      none: 'not at all',
    },
  },
});

/** Why a method failed, as the end of a sentence. */
export function failureWords(code: string, parameters: Parameters): string {
  const words = decisions.failures[code]?.(parameters) ?? code;
  const demand = decisions.demands[of(parameters, 'policy')];
  return demand === undefined ? words : `${words} ${demand}`;
}

/** A reason of a decision as a sentence; an unknown code stands for itself. */
export function reasonWords(code: string, parameters: Parameters): string {
  return decisions.reasons[code]?.(parameters) ?? code;
}

/** Code of an attempt as a sentence: what made it wait, bounce, or stop. */
export function codeWords(code: string, parameters: Parameters): string {
  const found = decisions.codes[code];
  if (found !== undefined) return found;
  const words = failureWords(code, parameters);
  // A host name at the start keeps its small letters.
  return words.startsWith(String(parameters.host ?? ' '))
    ? words
    : words.charAt(0).toUpperCase() + words.slice(1);
}
