/**
 * Text that people read is kept as a code with parameters and worded when it is read. Each room defines a catalogue
 * of its codes; English is complete, other languages may lack nothing either (the types demand it).
 */
export const LOCALES = ['en', 'es'] as const;
export type Locale = (typeof LOCALES)[number];

export type MessageParams = Readonly<Record<string, string | number>>;

/** A worded thing not yet worded: what is stored, sent between rooms, and given to `word`. */
export interface Worded<Code extends string = string> {
  readonly code: Code;
  readonly params?: MessageParams;
}

type ParamNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** `word`'s last argument: required with exactly the names that the text holds, absent when it holds none. */
export type ParamsOf<Text extends string> = [ParamNames<Text>] extends [never]
  ? readonly []
  : readonly [params: Readonly<Record<ParamNames<Text>, string | number>>];

export interface Catalogue<English extends Readonly<Record<string, string>>> {
  readonly codes: readonly (keyof English & string)[];
  /** The text in that language. Unknown codes and missing parameters do not compile. */
  word<Code extends keyof English & string>(
    locale: Locale,
    code: Code,
    ...params: ParamsOf<English[Code]>
  ): string;
}

const registry = new Map<string, Readonly<Record<Locale, string>>>();

/** The locale asked for, or the nearest we have: `es-MX` → `es`, unknown → `en`. */
export function nearestLocale(tag: string | undefined): Locale {
  const language = tag?.trim().toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((locale) => locale === language) ?? 'en';
}

const PLACE = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

function placesOf(text: string): string {
  return [...new Set([...text.matchAll(PLACE)].map((match) => match[1]))].sort().join(',');
}

function fill(text: string, params: MessageParams | undefined): string {
  return text.replace(PLACE, (place, name: string) => {
    const value = params === undefined || !Object.hasOwn(params, name) ? undefined : params[name];
    return value === undefined ? place : String(value);
  });
}

/**
 * Registers a room's texts. A code defined twice with other text, or whose languages differ in their `{parameters}`,
 * is a fault at load.
 */
export function defineCatalogue<const English extends Readonly<Record<string, string>>>(texts: {
  readonly en: English;
  readonly es: Readonly<Record<keyof English, string>>;
}): Catalogue<English> {
  const other: Readonly<Record<string, string>> = texts.es;
  for (const code of Object.keys(texts.en)) {
    const en = texts.en[code] ?? '';
    const es = other[code] ?? '';
    if (placesOf(en) !== placesOf(es))
      throw new Error(`catalogue: parameters of "${code}" differ between languages`);
    const known = registry.get(code);
    if (known !== undefined && known.en !== en) throw new Error(`catalogue: code "${code}" is defined twice`);
    registry.set(code, { en, es });
  }
  return {
    codes: Object.keys(texts.en),
    word: (locale, code, ...[params]) => word(locale, code, params),
  };
}

/**
 * Words any registered code, for stored reasons whose code is only known at run time. An unknown code is returned as it
 * is, so that a page stays readable while an older node meets a newer node's code; tests use `knowsCode`.
 */
export function word(locale: Locale, code: string, params?: MessageParams): string {
  const text = registry.get(code)?.[locale];
  return text === undefined ? code : fill(text, params);
}

/** Whether a catalogue with this code has been loaded. */
export function knowsCode(code: string): boolean {
  return registry.has(code);
}

/** Every registered code, for tests that look for gaps. */
export function registeredCodes(): readonly string[] {
  return [...registry.keys()];
}
