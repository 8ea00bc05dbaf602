// The part of fontkit 2 that is used here; the package brings no types. What `create` gives is a Font as the PDF library
// describes it.
declare module 'fontkit' {
  type Created = Awaited<
    ReturnType<Parameters<import('@cantoo/pdf-lib').PDFDocument['registerFontkit']>[0]['create']>
  >;
  export type Font = Extract<Created, { readonly characterSet: number[] }>;
  export type Glyph = ReturnType<Font['layout']>['glyphs'][number];
  export function create(octets: Uint8Array): Font;
}
