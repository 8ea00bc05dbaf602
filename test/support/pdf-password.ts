import { createCipheriv, createHash } from 'node:crypto';

/**
 * Whether a document sealed by revision 6 opens with this password, judged by the user's entry alone (ISO 32000-2
 * §7.6.4.4.10): written apart from the code that seals.
 */
export function opensPdf(pdf: Buffer, password: string): boolean {
  const entry = /\/U\s*<([0-9a-fA-F]{96})>/.exec(pdf.toString('latin1'))?.[1];
  if (entry === undefined) throw new Error('no user entry of revision 6');
  const user = Buffer.from(entry, 'hex');
  return hardened(Buffer.from(password), user.subarray(32, 40)).equals(user.subarray(0, 32));
}

function hardened(password: Buffer, salt: Buffer): Buffer {
  let key = createHash('sha256').update(password).update(salt).digest();
  for (let round = 1, end = 0; round <= 64 || end > round - 33; round += 1) {
    const block = Buffer.concat([password, key]);
    const input = Buffer.concat(Array.from({ length: 64 }, () => block));
    const cipher = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32));
    cipher.setAutoPadding(false);
    const output = cipher.update(input);
    const number = BigInt(`0x${output.subarray(0, 16).toString('hex')}`) % 3n;
    const algorithm = ['sha256', 'sha384', 'sha512'][Number(number)] ?? '';
    key = createHash(algorithm).update(output).digest();
    end = output.at(-1) ?? 0;
  }
  return key.subarray(0, 32);
}
