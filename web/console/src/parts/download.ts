import { client, unwrap } from '../api.ts';

/**
 * Lets the browser download a file of ours. It cannot prove itself then, so that a ticket is fetched first: good once, for
 * seconds, for this address and session.
 */
export async function download(path: string, fileName = ''): Promise<void> {
  const { ticket } = await unwrap(client.POST('/v1/session/tickets', { body: { target: path } }));
  const link = document.createElement('a');
  link.href = `${path}${path.includes('?') ? '&' : '?'}ticket=${ticket}`;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Hands a text to the browser as a file; nothing of it leaves the page. */
export function downloadText(fileName: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken its own hold of the blob by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
