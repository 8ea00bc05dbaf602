/** A message as a sandbox peer took it. */
export interface SandboxMail {
  readonly id: string;
  /** The recipient's address, lower-case domain. */
  readonly mailbox: string;
  /** Null for the empty reverse-path. */
  readonly envelopeFrom: string | null;
  readonly receivedAt: Date;
  readonly host: string;
  /** TLS version of the connection; null where it came in clear. */
  readonly tlsVersion: string | null;
  readonly bytes: Buffer;
}

export interface SandboxMailboxes {
  /** Addresses that hold mail, with how many, in order of their newest. */
  list(): readonly { readonly address: string; readonly count: number; readonly newest: Date }[];
  /** Oldest first. */
  messages(address: string): readonly SandboxMail[];
  message(address: string, id: string): SandboxMail | null;
  /** Resolves when at least `count` messages are there; rejects after `timeoutMs` (default 10 s). */
  waitFor(address: string, count: number, timeoutMs?: number): Promise<readonly SandboxMail[]>;
  clear(): void;
}

export interface MailboxBounds {
  readonly messages: number;
  readonly bytes: number;
}

/** In memory only, and bounded: what was received first goes first. */
export class Mailboxes implements SandboxMailboxes {
  readonly #bounds: MailboxBounds;
  readonly #byAddress = new Map<string, SandboxMail[]>();
  readonly #all: SandboxMail[] = [];
  readonly #watchers = new Set<() => void>();
  #bytes = 0;
  #next = 1;

  constructor(bounds: MailboxBounds) {
    this.#bounds = bounds;
  }

  put(mail: Omit<SandboxMail, 'id' | 'mailbox'>, recipient: string): void {
    const kept: SandboxMail = { ...mail, id: String(this.#next), mailbox: boxName(recipient) };
    this.#next += 1;
    const box = this.#byAddress.get(kept.mailbox);
    if (box === undefined) this.#byAddress.set(kept.mailbox, [kept]);
    else box.push(kept);
    this.#all.push(kept);
    this.#bytes += kept.bytes.length;
    while (this.#all.length > this.#bounds.messages || this.#bytes > this.#bounds.bytes) this.#dropOldest();
    for (const watcher of [...this.#watchers]) watcher();
  }

  list() {
    const boxes = [...this.#byAddress].map(([address, mails]) => ({
      address,
      count: mails.length,
      newest: mails[mails.length - 1]?.receivedAt ?? new Date(0),
    }));
    return boxes.sort((a, b) => b.newest.getTime() - a.newest.getTime());
  }

  messages(address: string): readonly SandboxMail[] {
    return [...(this.#byAddress.get(boxName(address)) ?? [])];
  }

  message(address: string, id: string): SandboxMail | null {
    return this.#byAddress.get(boxName(address))?.find((mail) => mail.id === id) ?? null;
  }

  waitFor(address: string, count: number, timeoutMs = 10_000): Promise<readonly SandboxMail[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const mails = this.messages(address);
        if (mails.length < count) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(mails);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`a sandbox mailbox has ${this.messages(address).length} of ${count} messages`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  clear(): void {
    this.#byAddress.clear();
    this.#all.length = 0;
    this.#bytes = 0;
  }

  #dropOldest(): void {
    const oldest = this.#all.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes.length;
    const left = (this.#byAddress.get(oldest.mailbox) ?? []).filter((mail) => mail !== oldest);
    if (left.length === 0) this.#byAddress.delete(oldest.mailbox);
    else this.#byAddress.set(oldest.mailbox, left);
  }
}

function boxName(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase();
}
