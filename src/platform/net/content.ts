import type { Content } from '#core/message';

/** Wraps octets as content. They must not change afterwards. */
export function contentOf(bytes: Buffer): Content {
  return {
    size: bytes.length,
    bytes,
    open: async function* () {
      yield bytes;
    },
  };
}

/** Content up to `limit` octets as one buffer; larger content comes back as it is. */
export async function gatherSmall(content: Content, limit: number): Promise<Content> {
  if (content.size > limit || content.bytes !== null) return content;
  const parts: Buffer[] = [];
  for await (const part of content.open()) parts.push(part);
  return contentOf(Buffer.concat(parts));
}
