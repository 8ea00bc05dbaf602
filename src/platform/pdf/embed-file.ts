import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { type PDFDocument, PDFHexString, PDFName, PDFRawStream, type PDFRef } from '@cantoo/pdf-lib';

const compress = promisify(deflate);

/** A file to put into a document. */
export interface PdfFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Puts a file's octets into the document (ISO 32000-2 §7.11.4), compressed off the main thread; returns its file
 * specification. No media type and no dates: what is a name and not a string would stand in clear in a sealed document.
 */
export async function embedFile(document: PDFDocument, file: PdfFile): Promise<PDFRef> {
  const { context } = document;
  const dictionary = context.obj({
    Type: 'EmbeddedFile',
    Filter: 'FlateDecode',
    Params: { Size: file.content.length },
  });
  const stream = context.register(PDFRawStream.of(dictionary, await compress(file.content)));
  const specification = context.obj({ Type: 'Filespec', EF: { F: stream } });
  const name = PDFHexString.fromText(file.name);
  specification.set(PDFName.of('F'), name);
  specification.set(PDFName.of('UF'), name);
  return context.register(specification);
}

/** Lists the files where readers look for attachments (§7.7.4): a name tree, in the order of its names. */
export function listFiles(document: PDFDocument, files: ReadonlyMap<string, PDFRef>): void {
  if (files.size === 0) return;
  const { context } = document;
  const named = [...files].map(([name, file]) => ({ key: PDFHexString.fromText(name), file }));
  named.sort((a, b) => Buffer.compare(Buffer.from(a.key.asBytes()), Buffer.from(b.key.asBytes())));
  const names = context.obj(named.flatMap(({ key, file }) => [key, file]));
  document.catalog.set(PDFName.of('Names'), context.obj({ EmbeddedFiles: { Names: names } }));
}
