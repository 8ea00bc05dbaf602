/** The addresses of a field: one a line, or with commas, semicolons or spaces between; each once. */
export function splitRecipients(text: string): string[] {
  const seen = new Set<string>();
  for (const part of text.split(/[\s,;]+/)) {
    const address = part.replace(/^<|>$/g, '');
    if (address !== '') seen.add(address);
  }
  return [...seen];
}

/** The first address that cannot be one; the server's parser has the last word. */
export function wrongRecipient(addresses: readonly string[]): string | null {
  return addresses.find((address) => !/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(address)) ?? null;
}
