// Room: mail. Internet messages as pure functions: addresses, headers, structure, reading, building. No I/O.
export { addressIndexForm, parseAddress } from './address.ts';
export { base64Octets } from './body-encoding.ts';
export {
  type AttachmentContent,
  type BuiltMessage,
  buildMessage,
  type Draft,
  type DraftAttachment,
  newMessageId,
} from './build-message.ts';
export { buildNotice, type NoticeSurroundings, portalLink } from './build-notice.ts';
export { buildTlsReportMail, type TlsReportMail } from './build-tls-report.ts';
export { type Additions, addHeaders, isPrivateField, replaceSubject, stripHeaders } from './edit-header.ts';
export { decodeWords } from './encoded-word.ts';
export { safeFileName } from './file-name.ts';
export { findField, formatField, type HeaderField, parseHeader } from './header-field.ts';
export { canonicalLineEnds } from './line-ends.ts';
export { formatMailDate } from './mail-date.ts';
export { type MailboxList, parseMailbox, parseMailboxes } from './mailbox.ts';
export { type OpenedPgpMail, openPgpMail } from './open-pgp-mail.ts';
export { type Parameterised, parseParameters } from './parameters.ts';
export { buildPgpMime, readPgpSigned } from './pgp-mime.ts';
export { protectHeaders, splitMessage } from './protect-headers.ts';
export { type ReadAttachment, type ReadMessage, readMessage } from './read-message.ts';
export { analyseHeaders } from './received/analyse-headers.ts';
export { RECEIVED_LIMITS } from './received/header-lines.ts';
export type { HeaderAnalysis, Hop } from './received/types.ts';
export {
  MessageScanner,
  SCAN_LIMITS,
  type ScanLimits,
  type ScannedMessage,
  type ScanProblem,
  type ScanResult,
  scanBuffer,
} from './scan.ts';
export { addressTerm, domainTerm, searchTerms, searchWords } from './search-words.ts';
export type { TopHeader } from './top-header.ts';
