import { readFile } from '../compose/read-file.ts';

/** A certificate file as the API takes it: PEM as it is, anything else in base64. */
export async function certificateText(file: File): Promise<string> {
  const { content } = await readFile(file);
  return asCertificateText(content);
}

/** The same from the file's octets in base64. */
export function asCertificateText(base64: string): string {
  const text = atob(base64);
  return text.includes('-----BEGIN') ? text : base64;
}
