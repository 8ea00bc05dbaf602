import { describe, expect, it } from 'vitest';
import { headerOf, MOST_CHARACTERS } from '../../data/analyser.ts';
import { delayText, peerName, spanText, tlsLine } from './hop-words.ts';

describe('words of a hop', () => {
  it.each([
    [null, ''],
    [0, '+0 s'],
    [3.4, '+3 s'],
    [-480, '−8 min'],
    [7_200, '+2 h'],
    [7_800, '+2 h 10 min'],
    [400_000, '+5 d'],
  ])('a delay of %j', (seconds, text) => {
    expect(delayText(seconds)).toBe(text);
  });

  it('a span has no sign', () => {
    expect(spanText(-30)).toBe('30 s');
  });

  it('TLS without a version says so', () => {
    const tls = { version: null, cipher: 'AES256-SHA', bits: 256, clientCertificate: null };
    expect(tlsLine({ tls })).toBe('version not told · AES256-SHA · 256 bits');
    expect(tlsLine({ tls: { ...tls, version: 'TLSv1.3', cipher: null, bits: null } })).toBe('TLS 1.3');
    expect(tlsLine({ tls: { ...tls, version: 'TLSv1' } })).toMatch(/^TLS 1\.0 /);
    expect(tlsLine({ tls: { ...tls, version: 'SSLv3' } })).toMatch(/^SSLv3 /);
    expect(tlsLine({ tls: null })).toBe('');
  });

  it('a peer is shown by the name that was looked up', () => {
    const verdict = {
      kind: 'not-recorded',
      basis: 'no-note',
      confidence: 'high',
      weak: false,
      receiver: null,
    } as const;
    const from = { claimedName: 'lab', resolvedName: 'mx.lab.example', address: '198.51.100.7' };
    expect(peerName({ from, verdict })).toBe('mx.lab.example');
    expect(peerName({ from: { ...from, resolvedName: null }, verdict })).toBe('lab');
    expect(peerName({ from: { claimedName: null, resolvedName: null, address: null }, verdict })).toBe(
      'not told',
    );
  });
});

describe('headerOf', () => {
  it('leaves the body in the browser', () => {
    expect(headerOf('\n\nA: b\r\nC: d\r\n\r\nsecret')).toBe('A: b\r\nC: d');
    expect(headerOf('A: b\n \nsecret')).toBe('A: b');
    expect(headerOf('A: b')).toBe('A: b');
    expect(headerOf('x'.repeat(MOST_CHARACTERS + 9))).toHaveLength(MOST_CHARACTERS);
  });
});
