// The sandbox: local receiving mail servers of many temperaments, a DNS server and mailboxes, for trying and testing.
// In: nothing; out: a network profile that knows only sandbox domains. Owns memory only; all of it ends with stop().
export type { SandboxMail, SandboxMailboxes } from './mailboxes.ts';
export type { PeerRecord } from './peer-record.ts';
export type { PgpUser } from './pgp-users.ts';
export { type Sandbox, type SandboxOptions, type SandboxPeer, startSandbox } from './sandbox.ts';
export type { Temperament } from './temperament.ts';
export { createTextInbox, type SandboxText, type TextInbox } from './text-inbox.ts';
