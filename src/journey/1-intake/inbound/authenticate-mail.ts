import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { authenticate, type DNSResolver } from 'mailauth';
import type { MailVerdict } from '#core/message';
import type { Looked, Resolver } from '#core/network';

/** Who handed the message to us, and what was said in the envelope. */
export interface Handed {
  readonly address: string;
  /** Name of EHLO; may be anything. */
  readonly helo: string;
  /** `local@domain`; empty for the null reverse-path. */
  readonly sender: string;
}

export interface Verdicts {
  readonly spf: MailVerdict;
  readonly dkim: MailVerdict;
  readonly dmarc: MailVerdict;
}

const NOT_KNOWN: Verdicts = { spf: 'error', dkim: 'error', dmarc: 'error' };
/** Look-ups of one message: a header full of signatures must not make us a tool against name servers. */
const MOST_LOOKUPS = 60;
/** The sender waits for our answer; RFC 5321 §4.5.3.2.6 gives us ten minutes, and nobody wants to wait for them. */
const LONGEST_MS = 10_000;

/** Octets go in as they arrive; the verdicts of SPF, DKIM and DMARC (RFC 7208, 6376, 7489) come out at the end. */
export interface MailAuthentication {
  write(octets: Buffer): Promise<void>;
  /** Never rejects: what could not be found out is `error`. */
  end(): Promise<Verdicts>;
}

export function authenticateMail(handed: Handed, resolver: Resolver, hostName: string): MailAuthentication {
  const stream = new PassThrough();
  let over = false;
  const verdicts = authenticate(stream, {
    ip: handed.address,
    helo: handed.helo,
    sender: handed.sender,
    mta: hostName,
    resolver: boundedResolver(resolver),
    rejectRsaSha1: true,
    disableArc: true,
    disableBimi: true,
  })
    .then(verdictsOf, () => NOT_KNOWN)
    .finally(() => {
      over = true;
      // Whoever still writes must not wait for a reader that has left.
      stream.resume();
    });
  return {
    async write(octets) {
      if (!over && !stream.write(octets)) await Promise.race([once(stream, 'drain'), verdicts]);
    },
    async end() {
      stream.end();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Verdicts>((resolve) => {
        timer = setTimeout(() => resolve(NOT_KNOWN), LONGEST_MS);
      });
      try {
        return await Promise.race([verdicts, late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

type Result = Awaited<ReturnType<typeof authenticate>>;

function verdictsOf({ spf, dkim, dmarc }: Result): Verdicts {
  const signatures = dkim.results.map((one) => wordOf(one.status.result));
  return {
    spf: spf === false ? 'none' : wordOf(spf.status.result),
    // One good signature is enough; which domain it speaks for is DMARC's question.
    dkim: signatures.includes('pass') ? 'pass' : (signatures[0] ?? 'none'),
    dmarc: dmarc === false ? 'none' : wordOf(dmarc.status.result),
  };
}

function wordOf(result: string | undefined): MailVerdict {
  switch (result) {
    case 'pass':
    case 'fail':
    case 'softfail':
    case 'neutral':
    case 'none':
      return result;
    default:
      return 'error';
  }
}

/** Our resolver in the manner of node:dns, as the library asks it. */
function boundedResolver(resolver: Resolver): DNSResolver {
  let asked = 0;
  const answer = async (name: string, type: string): Promise<unknown[]> => {
    asked += 1;
    if (asked > MOST_LOOKUPS) throw dnsError('ETIMEOUT');
    switch (type.toUpperCase()) {
      case 'TXT':
        return found(await resolver.txt(name)).map((text) => [text]);
      case 'A':
        return found(await resolver.addresses(name)).filter((address) => !address.includes(':'));
      case 'AAAA':
        return found(await resolver.addresses(name)).filter((address) => address.includes(':'));
      case 'MX':
        return found(await resolver.mx(name)).map(({ exchange, preference }) => ({
          exchange,
          priority: preference,
        }));
      default:
        // Reverse names are asked for by the `ptr` mechanism alone, which RFC 7208 §5.5 tells not to use.
        throw dnsError('ENODATA');
    }
  };
  // The declared type knows text records only; MX answers are objects, as node:dns gives them.
  return answer as DNSResolver;
}

function found<T>(looked: Looked<T>): T[] {
  if (looked.kind === 'found') return [...looked.records];
  throw dnsError(looked.kind === 'failed' ? 'ESERVFAIL' : looked.nameExists ? 'ENODATA' : 'ENOTFOUND');
}

function dnsError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
