/** TLS 1.3 as a whole, and of TLS 1.2 what has forward secrecy and authenticates what it encrypts (RFC 9325). */
const EPHEMERAL = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
];

/** For our own listeners, in OpenSSL's names. */
export const SERVER_CIPHERS = EPHEMERAL.join(':');

/** Towards verified mail servers: also the older key exchange that some of them have. */
export const VERIFIED_PEER_CIPHERS = [
  ...EPHEMERAL,
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
].join(':');
