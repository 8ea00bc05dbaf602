import type { OrganisationId } from '#core/ids';
import type { Vault } from '#platform/vault';

/** What is held against a remembered device: coarse enough to survive updates and a walk around the house. */
export interface Circumstances {
  /** Browser family without version. */
  readonly browser: string;
  /** Operating system without version. */
  readonly platform: string;
  /** /24 of an IPv4 address, /48 of an IPv6 address. */
  readonly network: string;
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

/** The network an address stands in; `unknown` when there is no address. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown';
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
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
export function circumstancesOf(userAgent: string | undefined, address: string | null): Circumstances {
  const agent = userAgent ?? '';
  return {
    browser: firstMatch(BROWSERS, agent),
    platform: firstMatch(PLATFORMS, agent),
    network: networkOf(address),
  };
}

const PART = 16;

/** What the device row keeps: three keyed hashes of 16 octets, for browser, platform and network. */
export async function circumstanceMarks(
  vault: Vault,
  organisation: OrganisationId,
  { browser, platform, network }: Circumstances,
): Promise<Buffer> {
  const marks = await Promise.all([
    vault.mac(organisation, 'portal-device-browser', browser),
    vault.mac(organisation, 'portal-device-platform', platform),
    vault.mac(organisation, 'portal-device-network', network),
  ]);
  return Buffer.concat(marks.map((mark) => mark.subarray(0, PART)));
}

/**
 * Whether a device must prove itself again. A cookie does not walk from one browser to another by itself, so another
 * browser family always asks; a phone changes networks all day, so another network asks only when the operating
 * system is another one too. A mark of unknown length (an older format) asks.
 */
export function circumstancesChanged(kept: Buffer, now: Buffer): boolean {
  if (kept.length !== PART * 3 || now.length !== PART * 3) return true;
  const same = (part: number): boolean =>
    kept.subarray(part * PART, (part + 1) * PART).equals(now.subarray(part * PART, (part + 1) * PART));
  return !same(0) || (!same(1) && !same(2));
}
