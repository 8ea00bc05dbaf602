import { openSync, readFileSync, writeSync } from 'node:fs';

/**
 * Counts the sends that have begun and whose outcome is not known to be committed, in a file: what a process wrote
 * into the page cache stays when it is killed. 4 octets begun, 4 octets ended, rewritten in one write.
 */
export class InFlightCounter {
  readonly #file: number;
  readonly #counts = Buffer.alloc(8);

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600);
    writeSync(this.#file, this.#counts, 0, 8, 0);
  }

  note(point: string): void {
    if (point === 'before-send') this.#raise(0);
    else if (point === 'after-outcome') this.#raise(4);
  }

  #raise(offset: number): void {
    this.#counts.writeUInt32LE(this.#counts.readUInt32LE(offset) + 1, offset);
    writeSync(this.#file, this.#counts, 0, 8, 0);
  }
}

/** How many were under way when the process that wrote the file ended. */
export function readInFlight(path: string): number {
  const counts = readFileSync(path);
  return counts.readUInt32LE(0) - counts.readUInt32LE(4);
}
