import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants } from 'node:zlib';
import type { AssetUrls } from './views/layout.ts';

const TYPES = {
  'portal.css': 'text/css; charset=utf-8',
  'portal.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'portal.svg': 'image/svg+xml',
  'inter.woff2': 'font/woff2',
} as const;

export type AssetName = keyof typeof TYPES;

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  /** Brotli; null for what is compressed in itself. */
  readonly compressed: Buffer | null;
}

/** The portal's own files: style, script, marks, font. Read once; their URL carries their hash, so they may be kept for a year. */
export interface Assets extends AssetUrls {
  find(version: string, name: string): Asset | null;
  /** Octets of style and script as sent to a browser that takes brotli. */
  readonly compressedSize: number;
}

const WEB = new URL('../../../web/', import.meta.url);

/** Parts of the one style sheet, in the order of the cascade. A new part stands before media.css. */
const STYLE = [
  'ui/tokens.css',
  'portal/page.css',
  'portal/forms.css',
  'portal/list.css',
  'portal/message.css',
  'portal/people.css',
  'portal/media.css',
];

function read(path: string): Buffer {
  return readFileSync(new URL(path, WEB));
}

function source(name: AssetName): Buffer {
  switch (name) {
    case 'portal.css':
      return Buffer.from(STYLE.map((part) => read(part).toString()).join('\n'));
    case 'portal.js':
      return read('portal/portal.js');
    case 'icon.svg':
      return read('portal/icon.svg');
    case 'portal.svg':
      return read('ui/seal-marks/portal.svg');
    case 'inter.woff2':
      return readFileSync(
        createRequire(import.meta.url).resolve(
          '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
        ),
      );
  }
}

/** Loads the files from the installation. A missing one is a fault at start. */
export function loadAssets(): Assets {
  const names = Object.keys(TYPES) as AssetName[];
  const contents = names.map((name) => [name, source(name)] as const);
  const hash = createHash('sha256');
  for (const [name, bytes] of contents) hash.update(name).update('\0').update(bytes);
  const version = hash.digest('hex').slice(0, 16);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  const assets = new Map<string, Asset>(
    contents.map(([name, bytes]) => {
      const compressed = name === 'inter.woff2' ? null : brotliCompressSync(bytes, quality);
      return [name, { type: TYPES[name], bytes, compressed }];
    }),
  );
  return {
    url: (name) => `/assets/${version}/${name}`,
    find: (wanted, name) => (wanted === version ? (assets.get(name) ?? null) : null),
    compressedSize: ['portal.css', 'portal.js'].reduce(
      (sum, name) => sum + (assets.get(name)?.compressed?.length ?? 0),
      0,
    ),
  };
}
