import { enums, type PartialConfig } from 'openpgp';

/**
 * How strictly OpenPGP is read and written here (RFC 9580 §9, §13). SHA-1 is refused in self-signatures as well, so a
 * key that nothing stronger holds together does not count; RSA starts at 2048 bits; a message without integrity
 * protection is never opened; what decompresses to more than any message of ours is refused. Nothing is compressed:
 * lengths of compressed text tell of its content.
 */
export const PGP_CONFIG: PartialConfig = {
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
  rejectMessageHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
  minRSABits: 2048,
  allowUnauthenticatedMessages: false,
  maxDecompressedMessageSize: 128 * 1024 * 1024,
  maxUserIDLength: 1024,
};
