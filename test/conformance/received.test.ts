// Third-party Received lines (see the README of the corpora): every line is read without a fault, and what is read of it is
// compared with what SpamAssassin and Stalwart expect.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { analyseHeaders } from '#platform/mail';

const corpora = process.env.SEALPOST_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora');
const folder = join(corpora, 'received');
const present = existsSync(folder);
const ABSENT = 'third-party test data is absent (SEALPOST_CORPORA names its folder)';

interface SpamAssassinLine {
  readonly header: string;
  /** `[ ip=… rdns=… helo=… by=… id=… ]`; empty where nothing is expected. */
  readonly expected: string;
}

interface StalwartLine {
  readonly header: string;
  readonly expected: {
    readonly by?: { readonly Name?: string };
    readonly from_ip?: string;
    readonly with?: string;
    readonly tls_version?: string;
    readonly tls_cipher?: string;
    readonly date?: {
      readonly year: number;
      readonly month: number;
      readonly day: number;
      readonly hour: number;
      readonly minute: number;
      readonly second: number;
      readonly tz_before_gmt: boolean;
      readonly tz_hour: number;
      readonly tz_minute: number;
    };
  };
}

function load<T>(name: string): readonly T[] {
  const parsed: readonly T[] = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return parsed;
}

/** The one hop of a line. */
function hopOf(header: string) {
  const { hops } = analyseHeaders(`Received: ${header.trim().replace(/\r?\n/g, '\r\n ')}\r\n`);
  return hops[0];
}

const received = (header: string) => hopOf(header)?.received ?? null;

/** Counts agreements by field and remembers the rest. */
class Tally {
  readonly counts = new Map<string, { same: number; of: number }>();
  readonly differ: string[] = [];

  compare(field: string, found: unknown, wanted: unknown, header: string): void {
    const count = this.counts.get(field) ?? { same: 0, of: 0 };
    this.counts.set(field, count);
    count.of += 1;
    if (found === wanted) count.same += 1;
    else this.differ.push(`${field}: ${String(found)}, expected ${String(wanted)}: ${header.slice(0, 120)}`);
  }

  share(field: string): number {
    const { same, of } = this.counts.get(field) ?? { same: 0, of: 1 };
    return same / of;
  }

  print(name: string): void {
    const words = [...this.counts].map(([field, { same, of }]) => `${field} ${same}/${of}`);
    console.log(`received conformance, ${name}: ${words.join(', ')}`);
    for (const one of this.differ) console.log(`  differs: ${one.replaceAll(/\s+/g, ' ')}`);
  }
}

const lower = (text: string | null | undefined): string => (text ?? '').toLowerCase();
const plain = (text: string | undefined): string => lower(text).replace(/^!|!$/g, '');

function momentOf(date: NonNullable<StalwartLine['expected']['date']>): string {
  const local = Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second);
  const offset = (date.tz_hour * 60 + date.tz_minute) * 60_000;
  return new Date(local + (date.tz_before_gmt ? offset : -offset)).toISOString();
}

describe('third-party Received lines', () => {
  beforeEach((context) => {
    // Skipped: the third-party data is not part of the project.
    if (!present) context.skip(ABSENT);
  });

  it('are read as SpamAssassin reads them', () => {
    const tally = new Tally();
    for (const { header, expected } of load<SpamAssassinLine>('spamassassin-rcvd-parser.json')) {
      if (!expected.startsWith('[')) continue;
      const wanted = new Map([...expected.matchAll(/(\w+)=(\S*)/g)].map(([, key, value]) => [key, value]));
      const read = received(header);
      const literal = (read?.from.claimedName ?? '').replace(/^\[|\]$/g, '');
      tally.compare('address', lower(read?.from.address), plain(wanted.get('ip')), header);
      tally.compare('resolved', lower(read?.from.resolvedName), plain(wanted.get('rdns')), header);
      tally.compare('claimed', lower(literal), plain(wanted.get('helo')), header);
      tally.compare('by', lower(read?.by.name ?? read?.by.address), plain(wanted.get('by')), header);
    }
    tally.print('SpamAssassin');
    expect(tally.counts.get('address')?.of).toBeGreaterThan(100);
    expect(tally.share('address')).toBe(1);
    expect(tally.share('by')).toBe(1);
    // Known differences: which word stands for what in formats without a rule, and names that are no names.
    expect(tally.share('resolved')).toBeGreaterThan(0.94);
    expect(tally.share('claimed')).toBeGreaterThan(0.9);
  });

  it('are read as Stalwart reads them', () => {
    const tally = new Tally();
    for (const { header, expected } of load<StalwartLine>('stalwart-received-labelled.json')) {
      const read = received(header);
      if (expected.by?.Name) tally.compare('by', lower(read?.by.name), lower(expected.by.Name), header);
      if (expected.from_ip) tally.compare('address', read?.from.address, expected.from_ip, header);
      if (expected.with) tally.compare('protocol', read?.protocol, expected.with.toUpperCase(), header);
      // TLSv1_0 of an OpenSSL that called every version so is no version here.
      const version = (expected.tls_version ?? '').replace('_0', '').replace('_', '.');
      if (version !== '' && !header.includes('TLSv1/SSLv3')) {
        tally.compare('version', read?.tls?.version, version, header);
      }
      if (expected.tls_cipher) tally.compare('cipher', read?.tls?.cipher, expected.tls_cipher, header);
      if (!expected.tls_cipher && !expected.tls_version) {
        tally.compare('no note', read?.tls ?? null, null, header);
      }
      const { date } = expected;
      // Theirs reads neither dates in the C library's order nor zones by name.
      if (date && date.year > 1950) tally.compare('time', read?.time?.toISOString(), momentOf(date), header);
    }
    tally.print('Stalwart');
    expect(tally.counts.get('by')?.of).toBeGreaterThan(150);
    expect(tally.share('no note')).toBe(1);
    expect(tally.share('version')).toBe(1);
    expect(tally.share('cipher')).toBeGreaterThan(0.9);
    expect(tally.share('by')).toBeGreaterThan(0.97);
    expect(tally.share('address')).toBeGreaterThan(0.95);
    expect(tally.share('protocol')).toBeGreaterThan(0.96);
    expect(tally.share('time')).toBeGreaterThan(0.96);
  });
});
