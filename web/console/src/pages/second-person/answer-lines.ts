type Line = readonly [name: string, value: string];

/** What an act answered, by how it is shown. */
export interface Answered {
  /** What is shown this once, to be copied: a key, a code, a link by which somebody comes in. */
  readonly once: readonly Line[];
  readonly file: { readonly name: string; readonly content: string } | null;
  /** The other values, by where they stand; what is empty is left out. */
  readonly rest: readonly Line[];
}

const ONCE = /(?:^|\.)(?:secret|token|code)$/;
/** Where a token is a part of a link: the page that takes it behind `#`. */
const PAGES: Readonly<Record<string, string>> = {
  'POST /v1/members': '/invitation',
  'POST /v1/members/:id/recovery': '/recovery',
};

/** `origin`: the console's own, for links. Pure. */
export function answered(route: string, json: string, origin: string): Answered {
  const lines = linesOf(JSON.parse(json));
  const page = PAGES[route];
  const of = (wanted: string) => lines.find(([name]) => name === wanted)?.[1];
  const [name, content] = [of('fileName'), of('content')];
  const file = name !== undefined && content !== undefined ? { name, content } : null;
  const isOnce = ([one]: Line) => ONCE.test(one);
  return {
    once: lines.filter(isOnce).map(([one, value]): Line => {
      const isLink = page !== undefined && /(?:^|\.)token$/.test(one);
      return isLink ? ['link', `${origin}${page}#${value}`] : [one, value];
    }),
    file,
    rest: lines.filter(
      (line) => !isOnce(line) && (file === null || !['fileName', 'content'].includes(line[0])),
    ),
  };
}

function linesOf(answer: unknown): Line[] {
  const found: Line[] = [];
  const visit = (name: string, value: unknown): void => {
    if (value === null || value === undefined || value === '') return;
    if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
      if (value.length > 0) found.push([name, value.join(', ')]);
    } else if (typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) visit(name === '' ? key : `${name}.${key}`, one);
    } else found.push([name, String(value)]);
  };
  visit('', answer);
  return found;
}
