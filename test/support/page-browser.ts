import type { HttpServer, InjectedAnswer } from '#platform/http';

/** What a browser says it is, unless a test says otherwise. */
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';

/** A form as found on a page: where it goes and what it would send. */
export interface FoundForm {
  readonly action: string;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Names and values of its buttons. */
  readonly buttons: readonly { readonly name: string; readonly value: string }[];
}

export interface PageBrowserOptions {
  readonly userAgent?: string;
  readonly address?: string;
  /** A robot that keeps no cookies. */
  readonly keepsCookies?: boolean;
}

/** Every form of a page, read roughly, as a robot would. */
export function formsOf(page: string): FoundForm[] {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', inner = '']) => {
    const fields: Record<string, string> = {};
    for (const [tag] of inner.matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(tag, 'name');
      const type = attribute(tag, 'type');
      if (name !== undefined && type !== 'checkbox' && type !== 'file')
        fields[name] = attribute(tag, 'value') ?? '';
    }
    const buttons = [...inner.matchAll(/<button\b[^>]*>/g)].flatMap(([tag]) => {
      const name = attribute(tag, 'name');
      return name === undefined ? [] : [{ name, value: attribute(tag, 'value') ?? '' }];
    });
    return {
      action: attribute(attributes, 'action') ?? '',
      method: attribute(attributes, 'method') ?? 'get',
      fields,
      buttons,
    };
  });
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Cookies, forms and redirects over the server's own routes, without a socket and without script. */
export class PageBrowser {
  readonly cookies = new Map<string, string>();
  readonly #server: Pick<HttpServer, 'inject'>;
  readonly #options: PageBrowserOptions;
  /** Path and text of the page now shown. */
  path = '';
  page = '';

  constructor(server: Pick<HttpServer, 'inject'>, options: PageBrowserOptions = {}) {
    this.#server = server;
    this.#options = options;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<InjectedAnswer> {
    return this.#follow(await this.#send('GET', path, undefined, headers), path);
  }

  /** One page, no redirects. */
  once(path: string): Promise<InjectedAnswer> {
    return this.#send('GET', path, undefined, {});
  }

  /** One request, no redirects. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<InjectedAnswer> {
    const body = new URLSearchParams({ ...fields }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#send('POST', path, body, { ...type, ...headers });
  }

  /** Sends these fields and follows where they lead. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<InjectedAnswer> {
    return this.#follow(await this.post(path, fields), path);
  }

  /** Sends the shown page's form of that action, as a person's press of its button does. */
  async press(
    action: string | RegExp,
    typed: Readonly<Record<string, string>> = {},
    button?: string,
  ): Promise<InjectedAnswer> {
    const form = formsOf(this.page).find((one) =>
      typeof action === 'string' ? one.action === action : action.test(one.action),
    );
    if (form === undefined) throw new Error(`no form ${String(action)} on this page`);
    const pressed = form.buttons.find((one) => one.value === button) ?? form.buttons[0];
    const press = pressed === undefined ? {} : { [pressed.name]: pressed.value };
    return this.#follow(await this.post(form.action, { ...form.fields, ...press, ...typed }), form.action);
  }

  /** Sends a multipart form with files. */
  async pressMultipart(
    path: string,
    fields: Readonly<Record<string, string>>,
    files: readonly { readonly name: string; readonly type: string; readonly bytes: Buffer }[],
  ): Promise<InjectedAnswer> {
    const boundary = 'boundary-of-a-test';
    const parts: Buffer[] = [];
    for (const [name, value] of Object.entries(fields)) {
      parts.push(
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
      );
    }
    for (const file of files) {
      const head = `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${file.name}"\r\nContent-Type: ${file.type}\r\n\r\n`;
      parts.push(Buffer.from(head), file.bytes, Buffer.from('\r\n'));
    }
    parts.push(Buffer.from(`--${boundary}--\r\n`));
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    return this.#follow(await this.#send('POST', path, Buffer.concat(parts), headers), path);
  }

  async #follow(answer: InjectedAnswer, path: string): Promise<InjectedAnswer> {
    let current = answer;
    let at = path;
    for (let hop = 0; current.status === 303 && hop < 5; hop += 1) {
      at = String(current.headers.location);
      current = await this.#send('GET', at, undefined, {});
    }
    this.path = at;
    this.page = current.text;
    return current;
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | Buffer | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<InjectedAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#server.inject({
      method,
      path,
      headers: {
        'user-agent': this.#options.userAgent ?? FIREFOX,
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      },
      remoteAddress: this.#options.address ?? '203.0.113.7',
      ...(body === undefined ? {} : { body }),
    });
    if (this.#options.keepsCookies !== false) this.#keep(answer.headers['set-cookie']);
    return answer;
  }

  #keep(header: string | string[] | number | undefined): void {
    for (const line of Array.isArray(header) ? header : header === undefined ? [] : [String(header)]) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(name.length + 1);
      const ended = /;\s*Max-Age=0/i.test(line) || /;\s*Expires=Thu, 01 Jan 1970/i.test(line);
      if (ended) this.cookies.delete(name);
      else this.cookies.set(name, decodeURIComponent(value));
    }
  }
}
