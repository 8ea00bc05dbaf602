/** A moment's day as a date field has it, in the reader's zone; without one, today. */
export function dayOf(now: Date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Days of the reader as moments: from the first's beginning to the last's end. An empty end is none. */
export function careMoments(from: string, until: string): { since: string; until: string | null } {
  return {
    since: new Date(`${from}T00:00:00`).toISOString(),
    until: until === '' ? null : new Date(`${until}T23:59:59.999`).toISOString(),
  };
}
