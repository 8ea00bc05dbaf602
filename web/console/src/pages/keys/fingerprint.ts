/** A fingerprint in groups of four capitals, as people read it to each other over the telephone. */
export function fingerprintGroups(hex: string): string {
  return (hex.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');
}
