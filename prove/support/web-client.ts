import type { IncomingHttpHeaders } from 'node:http';
import { request as send } from 'node:http';
import { formsOf } from '../../test/support/page-browser.ts';
import { makeProver, type Prover } from '../../test/support/prover.ts';

/** An answer over a real socket, read to its end. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json<T>(): T;
}

export interface WebRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects go as JSON; parameters as a form; anything else as it is. */
  readonly body?: object | string | Buffer;
  /** Reads an answer that does not end by itself for so long, then hangs up. */
  readonly readForMs?: number;
}

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';

/** A program or a browser on a real socket: keeps cookies and a key, presses forms, runs no script. */
export class WebClient {
  readonly cookies = new Map<string, string>();
  /** What the console's sessions of this client are bound to. */
  prover: Prover | null;
  readonly base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #localAddress: string | undefined;
  /** Path and text of the page now shown. */
  path = '';
  page = '';
  /** The Set-Cookie lines of all answers, as they came. */
  readonly setCookies: string[] = [];

  /** With `localAddress` it calls from there. */
  constructor(base: string, headers: Readonly<Record<string, string>> = {}, localAddress?: string) {
    this.base = new URL(base);
    this.#headers = headers;
    this.prover = headers.authorization === undefined ? makeProver() : null;
    this.#localAddress = localAddress;
  }

  /** One request, no redirects. The path is sent as it is given. */
  ask(method: string, path: string, given: WebRequest = {}): Promise<WebAnswer> {
    const { body, type } = encode(given.body);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const csrf = given.headers?.['x-sealpost-csrf'] ?? '';
    return new Promise((resolve, reject) => {
      const request = send(
        {
          host: this.base.hostname === 'localhost' ? '127.0.0.1' : this.base.hostname,
          port: this.base.port,
          method,
          path,
          agent: false,
          ...(this.#localAddress === undefined ? {} : { localAddress: this.#localAddress }),
          headers: {
            host: this.base.host,
            'user-agent': USER_AGENT,
            ...(type === null ? {} : { 'content-type': type }),
            ...(body === null ? {} : { 'content-length': String(body.length) }),
            ...(cookie === '' ? {} : { cookie }),
            ...(path.startsWith('/v1/') ? this.prover?.headers(method, path, csrf) : {}),
            ...this.#headers,
            ...given.headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let cut: NodeJS.Timeout | null = null;
          const finish = (): void => {
            if (cut !== null) clearTimeout(cut);
            const bytes = Buffer.concat(chunks);
            const { headers, statusCode = 0 } = response;
            this.#keep(headers['set-cookie'] ?? []);
            const text = bytes.toString('utf8');
            resolve({ status: statusCode, headers, bytes, text, json: <T>() => JSON.parse(text) as T });
          };
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', finish);
          response.on('error', finish);
          if (given.readForMs !== undefined) {
            cut = setTimeout(() => {
              finish();
              request.destroy();
            }, given.readForMs);
          }
        },
      );
      request.on('error', reject);
      request.setTimeout(60_000, () => request.destroy(new Error(`${method} took more than a minute`)));
      request.end(body ?? undefined);
    });
  }

  /** Opens a page as a person does: follows redirects. */
  async open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.#follow(await this.ask('GET', path, { headers }), path);
  }

  /** Presses a button of the shown page's form of that action. */
  async press(
    action: string | RegExp,
    typed: Readonly<Record<string, string>> = {},
    button?: string,
  ): Promise<WebAnswer> {
    const form = this.form(action);
    const pressed = form.buttons.find((one) => one.value === button) ?? form.buttons[0];
    const press = pressed === undefined ? {} : { [pressed.name]: pressed.value };
    const body = new URLSearchParams({ ...form.fields, ...press, ...typed });
    return this.#follow(await this.ask('POST', form.action, { body }), form.action);
  }

  /** The shown page's form of that action. */
  form(action: string | RegExp) {
    const form = formsOf(this.page).find((one) =>
      typeof action === 'string' ? one.action === action : action.test(one.action),
    );
    if (form === undefined)
      throw new Error(`the page at ${this.path} has no form ${String(action)}: ${this.page.slice(0, 3_000)}`);
    return form;
  }

  /** Sends a multipart form with files, as a browser does. */
  async upload(
    path: string,
    fields: Readonly<Record<string, string>>,
    files: readonly { readonly name: string; readonly type: string; readonly bytes: Buffer }[],
  ): Promise<WebAnswer> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    for (const file of files)
      body.append('files', new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name);
    const encoded = new Response(body);
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
    const octets = Buffer.from(await encoded.arrayBuffer());
    return this.#follow(await this.ask('POST', path, { headers, body: octets }), path);
  }

  async #follow(answer: WebAnswer, path: string): Promise<WebAnswer> {
    let current = answer;
    let at = path;
    for (let hop = 0; current.status === 303 && hop < 5; hop += 1) {
      at = current.headers.location ?? '/';
      current = await this.ask('GET', at);
    }
    this.path = at;
    this.page = current.text;
    return current;
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      this.setCookies.push(line);
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const ended = /;\s*Max-Age=0/i.test(line) || /;\s*Expires=Thu, 01 Jan 1970/i.test(line);
      if (ended) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(name.length + 1));
    }
  }
}

function encode(body: WebRequest['body']): { readonly body: Buffer | null; readonly type: string | null } {
  if (body === undefined) return { body: null, type: null };
  if (Buffer.isBuffer(body)) return { body, type: null };
  if (typeof body === 'string') return { body: Buffer.from(body), type: null };
  if (body instanceof URLSearchParams)
    return { body: Buffer.from(body.toString()), type: 'application/x-www-form-urlencoded' };
  return { body: Buffer.from(JSON.stringify(body)), type: 'application/json' };
}
