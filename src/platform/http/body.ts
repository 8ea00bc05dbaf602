import type { z } from 'zod';

/** A form sent by a page, `application/x-www-form-urlencoded`. Repeated fields arrive as arrays. */
export interface FormBody<Schema extends z.ZodType = z.ZodType> {
  readonly kind: 'form';
  readonly schema: Schema;
}

/** A `multipart/form-data` body, read as a stream: no part is buffered beyond `maxFieldBytes`. */
export interface MultipartBody {
  readonly kind: 'multipart';
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  readonly maxFieldBytes: number;
  readonly maxFields: number;
}

/** A body of one media type handed through as a stream, never buffered. */
export interface RawBody {
  readonly kind: 'raw';
  readonly type: string;
  readonly maxBytes: number;
}

/**
 * JSON of a protocol of others, whose schemas are open by its own rules (SCIM: RFC 7643 §3.1): the handler gets the value
 * unparsed and must take from it only what it knows. For `kind: 'scim'` routes.
 */
export interface DocumentBody {
  readonly kind: 'document';
  readonly types: readonly string[];
  readonly maxBytes: number;
}

/** What a route may take: a zod schema means JSON. */
export type BodySpec = z.ZodType | FormBody | MultipartBody | RawBody | DocumentBody;

/**
 * One part of a multipart body, in the order sent. A file's `content` must be read to its end (or `skip`ped) before the
 * next part is asked for; reading throws Refusal `too-large` past the limit.
 */
export type Part =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly fileName: string;
      readonly type: string;
      readonly content: AsyncIterable<Buffer>;
      skip(): void;
    };

export type BodyOf<Body> = Body extends z.ZodType
  ? z.output<Body>
  : Body extends FormBody<infer Schema>
    ? z.output<Schema>
    : Body extends MultipartBody
      ? AsyncIterable<Part>
      : Body extends RawBody
        ? AsyncIterable<Buffer>
        : Body extends DocumentBody
          ? unknown
          : undefined;

/** Takes a page's urlencoded form. */
export function form<Schema extends z.ZodType>(schema: Schema): FormBody<Schema> {
  return { kind: 'form', schema };
}

/** Takes a page's multipart form. Defaults: 20 files of 25 MiB each, 50 fields of 64 KiB each. */
export function multipart(limits: Partial<Omit<MultipartBody, 'kind'>> = {}): MultipartBody {
  return {
    kind: 'multipart',
    maxFileBytes: limits.maxFileBytes ?? 25 * 1024 * 1024,
    maxFiles: limits.maxFiles ?? 20,
    maxFieldBytes: limits.maxFieldBytes ?? 64 * 1024,
    maxFields: limits.maxFields ?? 50,
  };
}

/** Takes a body of that media type as a stream of at most `maxBytes` octets; Refusal `too-large` beyond. */
export function raw(type: string, options: { readonly maxBytes: number }): RawBody {
  return { kind: 'raw', type, maxBytes: options.maxBytes };
}

/** Takes a SCIM message (RFC 7644 §3.1); clients that say plain JSON are understood as well. */
export function scimDocument(options: { readonly maxBytes: number }): DocumentBody {
  return { kind: 'document', types: ['application/scim+json', 'application/json'], ...options };
}

/** True for a schema, which means a JSON body. */
export function isJsonBody(body: BodySpec): body is z.ZodType {
  return '_zod' in body;
}
