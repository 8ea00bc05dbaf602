import { openSync, readFileSync, writeSync } from 'node:fs';

const OCTETS = 4_096;
const ID_OCTETS = 36;

/**
 * Which deliveries are being sent, from before the first octet until the outcome is known to be committed. Kept in one
 * page of a file, rewritten whole: what a process has written into the page cache stays when it is killed.
 */
export class SendingFile {
  readonly #file: number;
  readonly #ids = new Set<string>();

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600);
    this.#write();
  }

  note(point: string, delivery: string): void {
    if (point === 'before-send') this.#ids.add(delivery);
    else if (point !== 'after-outcome' || !this.#ids.delete(delivery)) return;
    this.#write();
  }

  #write(): void {
    if (this.#ids.size * ID_OCTETS > OCTETS)
      throw new RangeError('more sends at once than the file can hold');
    const page = Buffer.alloc(OCTETS);
    page.write([...this.#ids].join(''), 'latin1');
    writeSync(this.#file, page, 0, OCTETS, 0);
  }
}

/** The deliveries that were being sent when the process that wrote the file ended. */
export function readSending(path: string): string[] {
  const text = readFileSync(path, 'latin1');
  return text.slice(0, text.indexOf('\0')).match(/.{36}/g) ?? [];
}
