// The part of dns-packet 5 that is used here; the package brings no types.
declare module 'dns-packet' {
  export interface Question {
    readonly name: string;
    readonly type: string;
    readonly class?: string;
  }
  interface Head {
    readonly name: string;
    readonly ttl?: number;
  }
  /** Answers of the types that are asked for; anything else that a server adds is told apart by `type`. */
  export type Answer =
    | (Head & { readonly type: 'A' | 'AAAA' | 'CNAME'; readonly data: string })
    | (Head & {
        readonly type: 'MX';
        readonly data: { readonly preference?: number; readonly exchange: string };
      })
    | (Head & { readonly type: 'TXT'; readonly data: string | Buffer | readonly (string | Buffer)[] })
    | (Head & {
        readonly type: 'TLSA';
        readonly data: {
          readonly usage: number;
          readonly selector: number;
          readonly matchingType: number;
          readonly certificate: Buffer;
        };
      })
    | (Head & {
        readonly type: 'SOA';
        readonly data: {
          readonly mname: string;
          readonly rname: string;
          readonly serial?: number;
          readonly refresh?: number;
          readonly retry?: number;
          readonly expire?: number;
          readonly minimum?: number;
        };
      })
    | {
        readonly type: 'OPT';
        readonly name: string;
        readonly udpPayloadSize: number;
        readonly flags: number;
      };
  export interface Packet {
    readonly type: 'query' | 'response';
    readonly id: number;
    readonly flags: number;
    readonly questions: readonly Question[];
    readonly answers?: readonly Answer[];
    readonly authorities?: readonly Answer[];
    readonly additionals?: readonly Answer[];
  }
  export interface DecodedPacket {
    readonly type: 'query' | 'response';
    readonly id: number;
    readonly rcode: string;
    readonly flag_tc: boolean;
    readonly flag_ad: boolean;
    readonly questions: readonly Question[];
    readonly answers: readonly Answer[];
    readonly authorities: readonly Answer[];
    readonly additionals: readonly Answer[];
  }
  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export const AUTHORITATIVE_ANSWER: number;
  export const TRUNCATED_RESPONSE: number;
  export const AUTHENTIC_DATA: number;
  export const DNSSEC_OK: number;
  export function encode(packet: Packet): Buffer;
  /** Throws on anything malformed. */
  export function decode(bytes: Uint8Array): DecodedPacket;
}
