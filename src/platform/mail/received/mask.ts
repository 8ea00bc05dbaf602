const MASK = '•••';
const ENDS_LOCAL_PART = /[\s<>()[\]",;:=]/;

/**
 * Hides every local part of an address in a text: `<ann@clinic.example>` becomes `<•••@clinic.example>`. Linear: looks
 * back from each `@`.
 */
export function maskAddresses(text: string): string {
  if (!text.includes('@')) return text;
  const parts = text.split('@');
  const last = parts.pop() ?? '';
  return parts.map((part) => `${withoutLocalPart(part)}${MASK}@`).join('') + last;
}

function withoutLocalPart(text: string): string {
  let end = text.length;
  // A quoted local part may hold anything (RFC 5321 §4.1.2).
  if (text.endsWith('"') && text.length > 1)
    return text.slice(0, Math.max(0, text.lastIndexOf('"', end - 2)));
  while (end > 0 && !ENDS_LOCAL_PART.test(text[end - 1] ?? ' ')) end -= 1;
  return text.slice(0, end);
}
