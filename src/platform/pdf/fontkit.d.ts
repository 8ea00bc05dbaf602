// The part of fontkit 2 that is used here; the package brings no types. What `create` gives is a Font of the PDF
// library's own description of fontkit.
declare module 'fontkit' {
  import type { Font } from '@cantoo/pdf-lib';
  export function create(octets: Uint8Array): Font;
}
