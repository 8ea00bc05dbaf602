import type { SealPurpose } from '#core/seal';
import { isPurpose, PURPOSE_CODES, purposeOf } from './associated-data.ts';
import type { Month } from './vault.ts';

/** Which shred-group key of an organisation: the third level of the key tree. */
export interface GroupId {
  readonly purpose: SealPurpose;
  /** Months since the year 0: `year × 12 + month - 1`. */
  readonly month: number;
  readonly generation: number;
}

/** Generations of one month; more are never needed (each is either shredded by hand or used 2^32 times). */
export const GENERATIONS = 0x10000;
export const GROUP_OCTETS = 5;

/** The month that a moment lies in, in UTC. */
export function monthOf(date: Date): number {
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function monthText(month: number): Month {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Undefined for anything but `YYYYMM` with a real month. */
export function parseMonth(text: string): number | undefined {
  const match = /^(\d{4})(0[1-9]|1[0-2])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 12 + Number(match[2]) - 1;
}

/** `message-202611-0`: the name of the file and of the group in the associated data. */
export function groupName(group: GroupId): string {
  return `${group.purpose}-${monthText(group.month)}-${group.generation}`;
}

/** Undefined for what is not a canonical group name. */
export function parseGroupName(name: string): GroupId | undefined {
  const [purpose = '', monthPart = '', generationPart = '', ...rest] = name.split('-');
  const month = parseMonth(monthPart);
  if (rest.length > 0 || month === undefined || !isPurpose(purpose)) return undefined;
  const generation = Number(generationPart);
  if (!/^(0|[1-9]\d{0,4})$/.test(generationPart) || generation >= GENERATIONS) return undefined;
  return { purpose, month, generation };
}

/** A number that is different for each group. */
export function groupNumber(group: GroupId): number {
  return (PURPOSE_CODES[group.purpose] * 0x10000 + group.month) * GENERATIONS + group.generation;
}

export function writeGroup(target: Buffer, offset: number, group: GroupId): void {
  target[offset] = PURPOSE_CODES[group.purpose];
  target.writeUInt16BE(group.month, offset + 1);
  target.writeUInt16BE(group.generation, offset + 3);
}

/** Undefined for an unknown purpose: those octets were never written by a vault. */
export function readGroup(octets: Buffer, offset: number): GroupId | undefined {
  const purpose = purposeOf(octets[offset] ?? 0);
  if (purpose === undefined) return undefined;
  return { purpose, month: octets.readUInt16BE(offset + 1), generation: octets.readUInt16BE(offset + 3) };
}
