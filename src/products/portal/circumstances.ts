import type { OrganisationId } from '#core/ids';
import type { PlaceOf } from '#core/place';
import type { Vault } from '#platform/vault';

/** What is held against a session or a remembered device: coarse enough to survive updates and a walk around the house. */
export interface Circumstances {
  /** Browser family without version. */
  readonly browser: string;
  /** Operating system without version. */
  readonly platform: string;
  /** /24 of an IPv4 address, /48 of an IPv6 address. */
  readonly network: string;
  /** By the operator's file (ISO 3166-1 alpha-2); null without one, and for an address that it does not know. */
  readonly country: string | null;
}

const BROWSERS: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['edge', /\bEdg(?:e|A|iOS)?\//],
  ['opera', /\b(?:OPR|OPiOS|Opera)\//],
  ['samsung', /\bSamsungBrowser\//],
  ['firefox', /\b(?:Firefox|FxiOS)\//],
  ['chrome', /\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//],
  ['safari', /\bSafari\//],
];

const PLATFORMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['ios', /\b(?:iPhone|iPad|iPod)\b/],
  ['android', /\bAndroid\b/],
  ['windows', /\bWindows\b/],
  ['chromeos', /\bCrOS\b/],
  ['mac', /\bMac(?:intosh| OS)/],
  ['linux', /\bLinux\b/],
];

function firstMatch(table: readonly (readonly [string, RegExp])[], text: string): string {
  return table.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}

/** An IPv4 address in an IPv6 socket (RFC 4291 §2.5.5.2) as it is. */
function unmapped(address: string): string {
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
}

/** The network an address stands in; `unknown` when there is no address. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown';
  const mapped = unmapped(address);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(mapped)) return `${mapped.split('.').slice(0, 3).join('.')}.0/24`;
  if (!mapped.includes(':')) return 'unknown';
  const [head = '', tail] = mapped.toLowerCase().split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: gap }, () => '0'), ...right];
  const prefix = groups.slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/48`;
}

/** Reads a request's circumstances. */
export function circumstancesOf(
  userAgent: string | undefined,
  address: string | null,
  placeOf?: PlaceOf | null,
): Circumstances {
  const agent = userAgent ?? '';
  return {
    browser: firstMatch(BROWSERS, agent),
    platform: firstMatch(PLATFORMS, agent),
    network: networkOf(address),
    country: address === null ? null : (placeOf?.(unmapped(address))?.country ?? null),
  };
}

const PART = 16;
const BROWSER = 0;
const PLATFORM = 1;
const NETWORK = 2;
const COUNTRY = 3;
/** Octets of a mark with a country, and of one of the release before, which has none. */
const WHOLE = PART * 4;
const WITHOUT_COUNTRY = PART * 3;
const NOWHERE = Buffer.alloc(PART);

/** What a row keeps: keyed hashes of 16 octets for browser, platform, network and country; zeros for no country. */
export async function circumstanceMarks(
  vault: Pick<Vault, 'mac'>,
  organisation: OrganisationId,
  { browser, platform, network, country }: Circumstances,
): Promise<Buffer> {
  const marks = await Promise.all([
    vault.mac(organisation, 'portal-device-browser', browser),
    vault.mac(organisation, 'portal-device-platform', platform),
    vault.mac(organisation, 'portal-device-network', network),
    country === null ? NOWHERE : vault.mac(organisation, 'portal-device-country', country),
  ]);
  return Buffer.concat(marks.map((mark) => mark.subarray(0, PART)));
}

/** The marks of whoever makes this request. */
export function marksOf(
  needs: { readonly vault: Pick<Vault, 'mac'>; readonly placeOf?: PlaceOf | null },
  organisation: OrganisationId,
  visit: {
    readonly origin: { readonly address: string | null };
    readonly userAgent: string | undefined;
  },
): Promise<Buffer> {
  const now = circumstancesOf(visit.userAgent, visit.origin.address, needs.placeOf);
  return circumstanceMarks(needs.vault, organisation, now);
}

/**
 * Whether somebody must prove themselves again. A cookie does not walk from one browser to another by itself, so another
 * browser family always asks, and so does another country, or one that is no longer known; a phone changes networks all
 * day, so another network in the same country asks only when the operating system is another one too. Where no country
 * was known before, none is compared. Marks of unknown length ask.
 */
export function circumstancesChanged(kept: Buffer, now: Buffer): boolean {
  if ((kept.length !== WHOLE && kept.length !== WITHOUT_COUNTRY) || now.length !== WHOLE) return true;
  const part = (marks: Buffer, which: number): Buffer => marks.subarray(which * PART, (which + 1) * PART);
  const same = (which: number): boolean => part(kept, which).equals(part(now, which));
  if (!same(BROWSER)) return true;
  const knewCountry = kept.length === WHOLE && !part(kept, COUNTRY).equals(NOWHERE);
  if (knewCountry && !same(COUNTRY)) return true;
  return !same(PLATFORM) && !same(NETWORK);
}
