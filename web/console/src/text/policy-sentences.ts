import { catalogue } from './catalogue.ts';
import { common } from './common.ts';

type Parameters = Readonly<Record<string, string | number>>;
type Wording = (parameters: Parameters) => string;

const of = (parameters: Parameters, name: string): string => String(parameters[name] ?? '');

/** Codes divided by blanks, as the names of methods in their order. */
export function methodList(codes: string): string {
  const names = codes
    .split(' ')
    .filter((code) => code !== '')
    .map((code) => (code in common.method ? common.method[code as keyof typeof common.method] : code));
  return names.length > 0 ? names.join(', then ') : 'nothing yet';
}

const classOf = (code: string): string =>
  code in common.class ? common.class[code as keyof typeof common.class].toLowerCase() : code;

const streamOf = (code: string): string =>
  code in common.stream ? common.stream[code as keyof typeof common.stream].toLowerCase() : code;

const days = (count: string): string => (count === '1' ? '1 day' : `${count} days`);

const quoted = (list: string): string =>
  list
    .split('\n')
    .map((word) => `“${word}”`)
    .join(', ');

function tlsWords(p: Parameters): string {
  const version = of(p, 'minimum') === '1.3' ? 'TLS 1.3' : 'TLS 1.2 or newer';
  return of(p, 'authentication') === 'verified'
    ? `${version} with a server that proves who it is`
    : `${version}, whoever the server is`;
}

/** What a rule says, as the end of a sentence; nothing where it is silent. */
function ruleWords(p: Parameters): string {
  const said = [
    p.methods === undefined ? '' : `use ${methodList(of(p, 'methods'))}`,
    p.minimum === undefined ? '' : `TLS means ${tlsWords(p)}`,
    p.exclusive === 'true' ? 'where that fails, do not deliver' : '',
    p.exclusive === 'false' ? 'where that fails, the portal is the last resort' : '',
  ].filter((one) => one !== '');
  return said.length > 0 ? said.join('; ') : 'nothing is said';
}

/** The policy in sentences, by code; the API gives codes and parameters, the words stand here alone. */
export const policySentences = catalogue({
  en: {
    sentences: {
      order: (p) => `Each copy is protected by the first of these that can: ${methodList(of(p, 'methods'))}.`,
      exclusive: () => 'Where none of them can, the copy is not delivered, and the sender is told.',
      'portal-is-last': () => 'Where none of them can, the copy waits in the portal.',
      tls: (p) => `TLS counts as protection with ${tlsWords(p)}.`,
      'tls-highest': (p) =>
        `TLS alone may carry messages up to ${classOf(of(p, 'class'))} sensitivity; anything above goes on to the next method.`,
      raising: (p) => `${quoted(of(p, 'words'))} in a subject makes a message one of high sensitivity.`,
      'no-raising': () => 'No word in a subject raises a message’s protection.',
      lowering: (p) => `${quoted(of(p, 'words'))} in a subject lowers a message to what TLS may carry.`,
      'no-lowering': () => 'No word in a subject lowers a message’s protection.',
      waivers: (p) =>
        `Recipients with a waiver on record get plain mail up to ${classOf(of(p, 'class'))} sensitivity, where no listed method can protect it.`,
      'waivers-off': () => 'Nobody gets plain mail, waiver or not.',
      'stream-rule': (p) => `For the stream ${streamOf(of(p, 'stream'))}: ${ruleWords(p)}.`,
      'domain-rule': (p) =>
        of(p, 'domain').startsWith('*.')
          ? `For everybody below ${of(p, 'domain').slice(2)}: ${ruleWords(p)}.`
          : `For everybody at ${of(p, 'domain')}: ${ruleWords(p)}.`,
      'recipient-rule': (p) => `For ${of(p, 'address')}: ${ruleWords(p)}.`,
      'portal-expiry': (p) => `Copies in the portal are destroyed after ${days(of(p, 'days'))}.`,
      'give-up': (p) => `What cannot be delivered is given up after ${days(of(p, 'days'))}.`,
    } satisfies Record<string, Wording> as Readonly<Record<string, Wording>>,
    problems: {
      'empty-order': 'At least one method is needed.',
      'waiver-in-order': 'A waiver is the recipient’s own wish and cannot be ordered.',
      'repeated-method': 'A method stands here twice.',
      'repeated-stream': 'There is a rule for this stream already.',
      'repeated-domain': 'There is a rule for this domain already.',
      'repeated-recipient': 'There is a rule for this address already.',
      'domain-invalid':
        'This is not a domain name. Write partner.example, or *.partner.example for all below.',
      'address-invalid': 'This is not a mail address.',
      'trigger-invalid':
        'One of the words cannot be used: 3 to 40 letters and signs without accents, no blank at the ends.',
      'repeated-trigger': 'A word stands here twice, or in both lists.',
      'out-of-range': 'This number is outside of what is possible.',
      'class-too-high': 'High sensitivity never travels without protection of its own.',
    } as Readonly<Record<string, string>>,
    warnings: {
      'tls-not-verified': () =>
        'Whoever stands on the way could pose as the recipient’s server. Choose this only for a known partner.',
      'waivers-on': () => 'Plain mail can leave: read on its way by whoever can listen.',
      'lowering-on': () => 'Every sender can lower a message’s protection by a word.',
      'long-expiry': (p) =>
        `What lies in the portal can be stolen from it until it is destroyed: ${days(of(p, 'days'))} is long.`,
      'may-not-deliver': () => 'Copies that these methods cannot protect are not delivered at all.',
      'high-never-delivered': () =>
        'TLS alone never carries high sensitivity, and nothing else is allowed: such messages are never delivered.',
      'rule-says-nothing': () => 'This rule says nothing, so it changes nothing.',
      'rule-changes-nothing': () => 'This rule says only what holds anyhow.',
      'wider-rule-not-asked': (p) =>
        `The rule for ${of(p, 'wider')} is not asked here: what this rule leaves open comes from the stream or the organisation.`,
    } satisfies Record<string, Wording> as Readonly<Record<string, Wording>>,
    values: {
      methods: 'Methods',
      'tls-minimum': 'Lowest TLS',
      'tls-authentication': 'TLS server',
      exclusive: 'Exclusive',
      'tls-highest-class': 'TLS alone, up to',
      waiver: 'Plain mail by waiver, up to',
    } as Readonly<Record<string, string>>,
    layers: {
      always: () => 'holds always',
      organisation: () => 'from the organisation',
      stream: (rule) => `from the stream ${streamOf(rule)}`,
      domain: (rule) => `from the rule for ${rule}`,
      recipient: () => 'from the rule for this recipient',
    } as Readonly<Record<string, (rule: string) => string>>,
    instead: {
      always: () => 'always',
      organisation: () => 'the organisation’s',
      stream: (rule) => `the stream ${streamOf(rule)}’s`,
      domain: (rule) => `that of ${rule}`,
      recipient: () => 'the recipient’s',
    } as Readonly<Record<string, (rule: string) => string>>,
  },
});

/** A sentence of a policy; an unknown code stands for itself. */
export function sentenceWords(code: string, parameters: Parameters): string {
  return policySentences.sentences[code]?.(parameters) ?? code;
}

export function problemText(code: string): string {
  return policySentences.problems[code] ?? code;
}

export function warningText(code: string, parameters: Parameters): string {
  return policySentences.warnings[code]?.(parameters) ?? code;
}

/** A value of a policy as it is shown to people. */
export function valueWords(name: string, value: string): string {
  switch (name) {
    case 'methods':
      return methodList(value);
    case 'tls-minimum':
      return `TLS ${value}`;
    case 'tls-authentication':
      return value === 'verified' ? 'verified' : 'not verified';
    case 'exclusive':
      return value === 'true' ? common.yes : common.no;
    default:
      return value === 'off' ? 'off' : classOf(value);
  }
}

interface Word {
  readonly layer: string;
  readonly rule: string | null;
  readonly value: string;
}

/** Where a value comes from, and what it was put over. */
export function originWords(name: string, word: Word, over: readonly Word[]): string {
  const from = policySentences.layers[word.layer]?.(word.rule ?? '') ?? word.layer;
  const other = over.filter((one) => one.value !== word.value);
  if (other.length === 0) return from;
  const would = other.map((one) => {
    const whose = policySentences.instead[one.layer]?.(one.rule ?? '') ?? one.layer;
    return `${whose} would have been ${valueWords(name, one.value)}`;
  });
  return `${from}; ${would.join('; ')}`;
}
