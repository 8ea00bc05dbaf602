import type { HttpServer, InjectedAnswer } from '#platform/http';
import { FIREFOX } from './page-browser.ts';

/** A server behind its real socket, for the PageBrowser. Redirects are answers, as without script. */
export function httpDoor(baseUrl: string): Pick<HttpServer, 'inject'> & {
  octets(path: string, cookies: ReadonlyMap<string, string>): Promise<Buffer>;
} {
  return {
    async inject({ method, path, headers, body }): Promise<InjectedAnswer> {
      const answer = await fetch(new URL(path, baseUrl), {
        method,
        redirect: 'manual',
        headers: { ...headers },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const cookies = answer.headers.getSetCookie();
      return {
        status: answer.status,
        headers: {
          ...Object.fromEntries(answer.headers),
          ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
        },
        text,
        json: (): unknown => JSON.parse(text),
      };
    },
    async octets(path, cookies) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(new URL(path, baseUrl), {
        headers: { cookie, 'user-agent': FIREFOX },
      });
      if (!answer.ok) throw new Error(`GET of a portal page answered ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}
