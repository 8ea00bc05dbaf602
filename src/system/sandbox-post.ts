import type { OrganisationId } from '#core/ids';
import type { Content } from '#core/message';

/**
 * Whose mail is whose in the sandbox. Its mailboxes stand for the servers of strangers and know no organisations; what
 * an organisation may look at there is what it has sent itself, told apart by the Message-ID. In memory and bounded,
 * as the mailboxes are.
 */
export interface SandboxPost {
  note(organisation: OrganisationId, content: Content): Promise<void>;
  noteBytes(organisation: OrganisationId, bytes: Buffer): void;
  sentBy(organisation: OrganisationId, bytes: Buffer): boolean;
  clear(): void;
}

const MOST = 20_000;
/** Signatures stand in front of the field; nothing of ours puts more than this before it. */
const HEADER_OCTETS = 64 * 1024;

export function createSandboxPost(): SandboxPost {
  const senders = new Map<string, OrganisationId>();
  const noteBytes = (organisation: OrganisationId, bytes: Buffer): void => {
    const id = messageIdOf(bytes);
    // The first to use an identifier keeps it: another organisation cannot claim mail by repeating its Message-ID.
    if (id === null || senders.has(id)) return;
    senders.set(id, organisation);
    if (senders.size <= MOST) return;
    const oldest = senders.keys().next();
    if (!oldest.done) senders.delete(oldest.value);
  };
  return {
    noteBytes,
    async note(organisation, content) {
      noteBytes(organisation, content.bytes ?? (await beginningOf(content)));
    },
    sentBy(organisation, bytes) {
      const id = messageIdOf(bytes);
      return id !== null && senders.get(id) === organisation;
    },
    clear: () => senders.clear(),
  };
}

async function beginningOf(content: Content): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content.open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEADER_OCTETS) break;
  }
  return Buffer.concat(chunks);
}

function messageIdOf(bytes: Buffer): string | null {
  const text = bytes.subarray(0, HEADER_OCTETS).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const header = end < 0 ? text : text.slice(0, end + 2);
  return /^message-id:\s*(<[^>\r\n]+>)/im.exec(header)?.[1] ?? null;
}
