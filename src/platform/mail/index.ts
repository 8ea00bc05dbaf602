// Room: mail. Internet messages as pure functions: addresses, headers, structure, reading, building. No I/O.
export { addressIndexForm, needsSmtpUtf8, normaliseDomain, parseAddress } from './address.ts';
export {
  type AttachmentContent,
  type BuiltMessage,
  buildMessage,
  type Draft,
  type DraftAttachment,
  newMessageId,
} from './build-message.ts';
export { buildNotice, type NoticeSurroundings, portalLink } from './build-notice.ts';
export { type Additions, addHeaders, isPrivateField, stripHeaders } from './edit-header.ts';
export { decodeWords } from './encoded-word.ts';
export { safeFileName } from './file-name.ts';
export { findField, formatField, type HeaderField, parseHeader } from './header-field.ts';
export { formatMailDate } from './mail-date.ts';
export { formatMailbox, type MailboxList, parseMailbox, parseMailboxes } from './mailbox.ts';
export { plainTextOf } from './plain-text.ts';
export { type ReadAttachment, type ReadMessage, readMessage } from './read-message.ts';
export {
  MessageScanner,
  SCAN_LIMITS,
  type ScanLimits,
  type ScannedMessage,
  type ScanProblem,
  type ScanResult,
  scanBuffer,
  scanMessage,
} from './scan.ts';
export { addressTerm, domainTerm, SEARCH_NORMALISATION, searchTerms, searchWords } from './search-words.ts';
export type { TopHeader } from './top-header.ts';
