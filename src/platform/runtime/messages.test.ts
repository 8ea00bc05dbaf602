import { describe, expect, it } from 'vitest';
import { defineCatalogue, knowsCode, nearestLocale, word } from './messages.ts';

const catalogue = defineCatalogue({
  en: { 'test.plain': 'Sealed', 'test.two': '{count} of {total} delivered' },
  es: { 'test.plain': 'Sellado', 'test.two': 'Entregados {count} de {total}' },
});

describe('catalogues', () => {
  it('word in both languages', () => {
    expect(catalogue.word('en', 'test.two', { count: 1, total: 2 })).toBe('1 of 2 delivered');
    expect(catalogue.word('es', 'test.plain')).toBe('Sellado');
    expect(word('es', 'test.two', { count: 1, total: 2 })).toBe('Entregados 1 de 2');
  });

  it('do not compile with unknown codes or missing parameters', () => {
    // @ts-expect-error unknown code
    expect(catalogue.word('en', 'test.none')).toBe('test.none');
    // @ts-expect-error missing parameter
    expect(catalogue.word('en', 'test.two', { count: 1 })).toBe('1 of {total} delivered');
    // @ts-expect-error missing parameters
    catalogue.word('en', 'test.two');
  });

  it('refuse languages that differ in parameters, and codes defined twice', () => {
    expect(() => defineCatalogue({ en: { 'test.a': '{x}' }, es: { 'test.a': '{y}' } })).toThrow('differ');
    expect(() => defineCatalogue({ en: { 'test.plain': 'Other' }, es: { 'test.plain': 'Otro' } })).toThrow(
      'twice',
    );
    // @ts-expect-error a code without Spanish does not compile
    expect(() => defineCatalogue({ en: { 'test.b': '{x}' }, es: {} })).toThrow('differ');
  });

  it('do not fill in from the prototype, nor fill in twice', () => {
    const tricky = defineCatalogue({
      en: { 'test.t': '{toString} {a}' },
      es: { 'test.t': '{a} {toString}' },
    });
    expect(word('en', 'test.t', { a: '{b}', b: 'no' })).toBe('{toString} {b}');
    expect(tricky.codes).toEqual(['test.t']);
  });

  it('leave an unknown code readable and say so', () => {
    expect(word('en', 'test.unknown')).toBe('test.unknown');
    expect(knowsCode('test.unknown')).toBe(false);
    expect(knowsCode('test.plain')).toBe(true);
  });

  it('find the nearest locale', () => {
    expect([
      nearestLocale('es-MX'),
      nearestLocale('ES'),
      nearestLocale('de'),
      nearestLocale(undefined),
    ]).toEqual(['es', 'es', 'en', 'en']);
  });
});
