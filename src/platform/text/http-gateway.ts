import type { Fetched, SafeFetchOptions } from '#platform/net';
import type { HandedOver, ReadyText, TextGateway } from './gateway.ts';

/** How a gateway that speaks as Twilio's Messages resource does is reached. */
export interface GatewaySettings {
  /** `https://api.twilio.com` or that of a compatible service, without a trailing slash. */
  readonly baseUrl: string;
  readonly account: string;
  readonly token: string;
  /** A number in E.164, a short code, or the SID of a messaging service (`MG…`). */
  readonly sender: string;
  readonly perDay: number;
}

/** A web request by the rules of platform/net: public addresses only, each look-up once. */
export type GatewayFetch = (url: string, options: Omit<SafeFetchOptions, 'network'>) => Promise<Fetched>;

const TIMEOUT_MS = 15_000;
const LARGEST = 64 * 1024;
/** Twilio's error for a number whose owner answered STOP. */
const UNSUBSCRIBED = 21610;

/**
 * POST /2010-04-01/Accounts/{account}/Messages.json with Basic authentication, as Twilio and services compatible with it
 * take it. It knows no idempotency key: what is sent twice arrives twice, hence the class `unknown`.
 */
export function httpGateway(settings: GatewaySettings, fetch: GatewayFetch): TextGateway {
  const { baseUrl, account, token, sender, perDay } = settings;
  const url = `${baseUrl}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`;
  const from = /^MG[0-9a-f]{32}$/i.test(sender) ? 'MessagingServiceSid' : 'From';
  return {
    name: 'http',
    perDay,
    async handOver({ number, words }: ReadyText): Promise<HandedOver> {
      const body = new URLSearchParams({ To: number, [from]: sender, Body: words }).toString();
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
      const options = { method: 'POST', headers, body, timeoutMs: TIMEOUT_MS, maxBytes: LARGEST } as const;
      return judgeAnswer(await fetch(url, options));
    },
  };
}

/** What an answer means for the text. Status and Twilio's numeric code count; its words may hold the number and go nowhere. */
export function judgeAnswer(fetched: Fetched): HandedOver {
  if (fetched.kind === 'failed') {
    switch (fetched.code) {
      case 'bad-address':
      case 'forbidden-address':
      case 'name-not-found':
      case 'dns-failed':
      case 'connect-failed':
      case 'tls-failed':
        return { kind: 'later', code: `gateway-${fetched.code}` };
      default:
        // The request may have been read before the connection broke.
        return { kind: 'unknown', code: `gateway-${fetched.code}` };
    }
  }
  const { status } = fetched;
  const answer = readAnswer(fetched.body);
  const code = answer.code === null ? `gateway-status-${status}` : `gateway-code-${answer.code}`;
  if (status >= 200 && status < 300) return { kind: 'taken', reference: answer.sid };
  // A wrong account or token, a service in maintenance, too many at once: mended by people or by time.
  if ([401, 403, 404, 408, 425, 429, 503].includes(status)) return { kind: 'later', code };
  if (status >= 500) return { kind: 'unknown', code };
  // A redirect is not followed: it would carry the account's secret to another place.
  if (status < 400) return { kind: 'later', code };
  return { kind: 'refused', code, stopped: answer.code === UNSUBSCRIBED };
}

function readAnswer(body: Buffer): { readonly sid: string | null; readonly code: number | null } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // Whatever stands before the service may answer in HTML: the status alone counts then.
    return { sid: null, code: null };
  }
  if (typeof parsed !== 'object' || parsed === null) return { sid: null, code: null };
  const sid = 'sid' in parsed && typeof parsed.sid === 'string' ? parsed.sid : '';
  const code = 'code' in parsed && typeof parsed.code === 'number' ? parsed.code : -1;
  return {
    sid: /^[A-Za-z0-9_-]{1,64}$/.test(sid) ? sid : null,
    code: Number.isInteger(code) && code >= 0 && code <= 999_999 ? code : null,
  };
}
