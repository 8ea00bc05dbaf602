/** A chosen file as the API takes it. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  /** Base64 */
  readonly content: string;
}

/** Reads a file into base64. Rejects when the file cannot be read any more. */
export function readFile(file: File): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Error('unreadable'));
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve({
        name: file.name,
        type: file.type === '' ? 'application/octet-stream' : file.type,
        content: url.slice(url.indexOf(',') + 1),
      });
    };
    reader.readAsDataURL(file);
  });
}
