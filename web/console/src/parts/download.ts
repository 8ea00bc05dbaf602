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
