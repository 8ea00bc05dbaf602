import type { Clause } from './scan-received.ts';

/** RFC 3848, RFC 6531 §4.3, RFC 2033, the registry of mail transmission types, and what is seen beside them. */
const MAIL = /^(?:UTF8)?(?:E?SMTP|LMTP)S?A?$/;
const OTHERS: Readonly<Record<string, string>> = {
  ASMTP: 'ESMTPA', // Exim before 4.5
  BSMTP: 'BSMTP',
  SMTPSVC: 'SMTP', // Microsoft's SMTP service
  HTTP: 'HTTP',
  HTTPS: 'HTTPS',
  HTTPREST: 'HTTP',
  HTTPU: 'HTTP',
  MAPI: 'MAPI',
  LOCAL: 'LOCAL',
  STDIO: 'LOCAL',
  STDIN: 'LOCAL',
  IMAP: 'IMAP',
  POP3: 'POP3',
  UUCP: 'UUCP',
  QMTP: 'QMTP',
  QMQP: 'QMQP',
  NNFMP: 'NNFMP', // between Yahoo's own servers
  ECSTREAM: 'ECSTREAM', // between a Momentum cluster's own servers
  THRIFT: 'THRIFT',
};

/** True where the name itself says that the connection was encrypted. */
export function meansTls(protocol: string): boolean {
  return protocol === 'HTTPS' || /^(?:UTF8)?(?:E?SMTP|LMTP)SA?$/.test(protocol);
}

/** True where the sender had signed in: a submission, not a relay. */
export function isSubmission(protocol: string): boolean {
  return /^(?:UTF8)?E?SMTPS?A$/.test(protocol);
}

/** True for plain SMTP of any kind: said without an S. */
export function isPlainSmtp(protocol: string): boolean {
  return /^(?:UTF8)?E?SMTPA?$/.test(protocol);
}

/** The protocol that `with` or `via` names, in capitals and without its ornaments; null when there is none. */
export function readProtocol(
  clauses: readonly (Clause | undefined)[],
  comments: readonly string[],
): string | null {
  for (const clause of clauses) {
    for (const word of clause?.words.slice(0, 12) ?? []) {
      const found = protocolIn(word);
      if (found !== null) return found;
    }
  }
  const via = comments.map((text) => /^via (\S{1,20})/i.exec(text)?.[1]).find((word) => word !== undefined);
  return via === undefined ? null : protocolIn(via);
}

function protocolIn(word: string): string | null {
  for (const piece of word
    .slice(0, 80)
    .toUpperCase()
    .replace(/^LOCAL-(?=.)/, '')
    .split(/[\s/[\]]+/)) {
    if (piece === 'ESMTP-TLS') return 'ESMTPS'; // CommuniGate before 4.2
    if (MAIL.test(piece)) return piece;
    const other = OTHERS[piece];
    if (other !== undefined && Object.hasOwn(OTHERS, piece)) return other;
  }
  return null;
}
