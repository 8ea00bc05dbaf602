// Every kind of key that is not to be used, from the key server's answer to the decision: a reason of its own, the next method
// of the policy, and never mail in clear.
import { enums, generateKey, type PrivateKey, revokeKey } from 'openpgp';
import { describe, expect, it } from 'vitest';
import type { RecipientFacts } from '#core/decision';
import { DEFAULT_POLICY } from '#core/policy';
import { ProtectionUnavailable } from '#core/protection';
import { decide } from '#journey/3-decide';
import { protectWithPgp } from '#journey/4-protect';
import { createLookUp, type FoundKey, judgeKey, makePgpKey } from '#platform/keyring';
import { contentOf } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { protectRequest } from '../../test/support/protect-request.ts';
import { createSealer } from '../journey/4-protect/sealing/seal-task.ts';

const ANNA = { local: 'anna', domain: 'example.org' };
const DAY = 86_400_000;
const NOW = new Date();
const BEFORE = new Date(NOW.getTime() - 400 * DAY);
type Options = Partial<Omit<Parameters<typeof generateKey>[0], 'format'>>;

async function make(over: Options = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name: 'Anna', email: 'anna@example.org' }],
    date: BEFORE,
    ...over,
    format: 'object',
  });
  return privateKey;
}
const publicOf = (key: PrivateKey) => Buffer.from(key.toPublic().write());
const made = async (over: Options = {}) => publicOf(await make(over));

/** Made by gpg: DSA 2048 with ElGamal 2048, held together by SHA-256. */
const DSA_ELGAMAL = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mQMuBGsI6iQRCACtFp08XJEOcwpwAdlb7E75cp8kKga5vqegJ9wXrq0Wx+vLvt8a
E+tVxxDT8bvlJ15w/mXN7r5YqgmfijiG1xbTwmpl6dnhHy7vkMRfdA+oklyOTcqA
CpyAOeTPPVH4EKnMvwYgLPLacZRYizZLA5St0Zoi0bBoeBqvZvnCPLOjBVC0Re2b
lZRdLVWNEJU0uWIZTJFcO6tsuMw4lKeLNKZgCbWHtwJBGK/RQJ+tF/411DNEKHqD
/nB81ZzdrGgdGgUotKohMtHhJRsr7tdKyB2whYaOre0FS7idnq3D7iAz0C3EX7d9
myq/6lbtauuBnzHl+/ZktSxCFHILZHr8Hg+HAQC0FhiOwN81/rntLaqjqs8q344X
orXO3nvZmmisEuND1Qf9FywTN1pTFxr1JpKIvK0boLlKTxXTkLyILYAX83dZLMa3
QtwhVc2vP/NlBUFr5yL1+L1W7vDOGwDFYkc5f5k40M+Ki3hqRtS2F0/Z/abNL2mG
iv3ZO22ytW4N4xsF/5kcegCws0zdTCcLM8gbGPw16iTbnjSw0JA63VbUUPwHQHZq
t7GaE62HlB6peM7rKOpiS8bHvrKp4FYzfFIDHrgyoRbl8NSw8GtHux18aTVnaGpz
HaUeV1vD0cYgDsX3NyyeZKyuFcV6nbdbnltyPaNmlJOM5yYqx9xB9o+a1jQIVqD1
Tp/5ssZ/bLPrvm4MpcfO8q2SV54UoaxgSbQyxNmSTAgApF+qudRLWTMlTSXe5UCi
gTU5hxvTJcFve/xiQs50iyZCsbZuDREeZTavbtgAtXDFubH/AIRWkiaZAhHMXwvv
+7MRwsNfON6wWECWoZbmLWMsCrFtELZjssIm4jpXhHRRnFX/ZAIuvDZBlDlOUILF
AELaZhw+RCOD8zP+xUAPbueO+hsLL7BWGtxD7lIeJc/7qFi4SXjx1Bzmj6u8BqdD
Qv6zch5i3PV40015mgiwrD8LuvwfuAqZaxy2wjjNhJKk2BsNTJIwbu+HBKO9hRGd
7oeWa7MwMox9OUhTfoCzCMdrtGmmYGUH2q/JFdh1uYgqDGOigkPVeHJasSY0UiER
frQXQW5uYSA8YW5uYUBleGFtcGxlLm9yZz6IkAQTEQgAOBYhBEQqC8DV3BNZXFCt
EMOnxoTdFALrBQJrCOokAhsjBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEMOn
xoTdFALr7isBAJWjYq0BEQwBPciqudcDw4kgxcFEgx3voKtXsYJa4FnjAQCJPsLr
eN5yHbteWYwXYkwpaomBBtz/F/PwRQqGjqUZ6bkCDQRrCOokEAgAuiYRuJXwkl2j
VsURYvBqUF07Y3mAaKDcT31k4W/qE58CbHP1NNs2oWcyjzXmj4vJtHL9YiExwYXS
YYJoAJYPYBeOnWPN42HhoM/s/jKMin/Dy72EIqQW/btP5Z1Wy+wBbq4cnwhAHilV
8JX7Jt+lYQ4zd3QrhlW6+ywpa6PMOwByBHUUE0WmtTbfzN3KJiAbMK0BtVrWD9k2
rVhYVSIS0zFL1GQiz7d1GIo8dGax8rFoWHefL2ivmkXbsCXCNBX/7Nthm6lRv0M5
IytppiL9nfERf1tlp2AgjgIif7ks7GBSI0qUGppSXLamEUv31IXZhAnZ2fVNqpnu
EkygZw+uRwADBQgArFPD5FqTmsa5ZAdIc862ygb1Zr2r3oEZ2ZESKrgJ2sqi0YDO
3fWjGLz+nB3b7yD45AeiT10Rofmu9Kwwx/rGbnF1ITbcjGBmLfenA29sGvcQ2YCQ
ACmaOv+yodUN0pimPJZ6mXN4Ky+70/fPKKuGHQ08fayWGV2YV4yR/F92ViMebk/w
fjgyAYb19Qx011FQ1YiSEvprHmrV9S17UK/CzvVEwtGqt1gghz7d86D3JuS1lEJK
tlNnm3X6VV07kzN7Tpi5Ip1KACQ+/FDkNlpoBeB/nqtWsXRo0qmJ2kwq/L1CdMp6
+7tDPJ0Th6eFfuwWLa8J3lHLeCM7SgFf/zVGMYh4BBgRCAAgFiEERCoLwNXcE1lc
UK0Qw6fGhN0UAusFAmsI6iQCGwwACgkQw6fGhN0UAusdUgD8De1DuBIDIo1jQF7U
0Tj/pQYM0e5vnxQYNFYyT4ZZFJ0A/2J/UpQd0RC/emy/WcJhsgrx2/ehIJScRk8U
a5ElP3+i
=Klj+
-----END PGP PUBLIC KEY BLOCK-----
`;

const SHA1 = {
  preferredHashAlgorithm: enums.hash.sha1,
  rejectHashAlgorithms: new Set<enums.hash>(),
  nonDeterministicSignaturesViaNotation: false,
};

/** What it is, the key as handed out, the code on record, and its reason where it has one. */
type Row = readonly [what: string, key: () => Promise<Buffer | string>, code: string, reason: string | null];
const ROWS: readonly Row[] = [
  ['expired', () => made({ keyExpirationTime: 300 * 86_400 }), 'key-expired', 'expired'],
  [
    'its encryption subkey has expired',
    () => made({ subkeys: [{ keyExpirationTime: 86_400 }] }),
    'key-expired',
    'expired',
  ],
  [
    'revoked',
    async () => {
      const date = new Date(NOW.getTime() - DAY);
      return publicOf((await revokeKey({ key: await make(), date, format: 'object' })).privateKey);
    },
    'key-revoked',
    'revoked',
  ],
  ['for signing only', () => made({ subkeys: [{ sign: true }] }), 'key-unusable', 'no-encryption-subkey'],
  ['for certifying only', () => made({ subkeys: [] }), 'key-unusable', 'no-encryption-subkey'],
  // Nothing sound says that it names her, so that it is not taken at all.
  ['held together by SHA-1', () => made({ type: 'rsa', rsaBits: 2048, config: SHA1 }), 'no-key', null],
  [
    'RSA 1024',
    () => made({ type: 'rsa', rsaBits: 1024, config: { minRSABits: 1024 } }),
    'key-unusable',
    'weak',
  ],
  ['DSA and ElGamal', async () => DSA_ELGAMAL, 'key-unusable', null],
  ['of another address', () => made({ userIDs: [{ email: 'eve@example.org' }] }), 'no-key', null],
  [
    'with somebody else’s user id stuck on',
    async () => {
      const [eve, anna] = [await make({ userIDs: [{ email: 'eve@example.org' }] }), await make()];
      eve.users.push(...anna.users);
      return publicOf(eve);
    },
    'no-key',
    null,
  ],
  [
    'with a subkey that its owner did not bind',
    async () => {
      const [forged, other] = [await make({ subkeys: [] }), await make()];
      forged.subkeys.push(...other.subkeys);
      return publicOf(forged);
    },
    'key-unusable',
    null,
  ],
  ['cut short', async () => (await made()).subarray(0, -20), 'no-key', null],
];

/** What the finder answers for a key that a key server has handed out. */
async function found(key: Buffer | string): Promise<FoundKey> {
  const body = typeof key === 'string' ? Buffer.from(key) : Buffer.from(armoured(key));
  const lookUp = createLookUp({
    clock: systemClock,
    keyServers: ['keys.example.net'],
    fetch: async (url) =>
      url.startsWith('https://keys.example.net/')
        ? { kind: 'answered', status: 200, headers: {}, body }
        : { kind: 'failed', code: 'name-not-found' },
  });
  const looked = await lookUp(ANNA);
  const first = looked.kind === 'found' ? looked.keys[0] : undefined;
  if (first === undefined) return { kind: 'none', code: 'no-key', parameters: {} };
  const verdict = await judgeKey(first, NOW);
  return verdict.kind === 'usable'
    ? { kind: 'key', id: 'key', key: first, verdict }
    : { kind: 'none', code: verdict.code, parameters: { reason: verdict.reason } };
}

function armoured(octets: Buffer): string {
  const lines = octets.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${lines}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

const MESSAGE = Buffer.from('From: office@clinic.test\r\nTo: anna@example.org\r\n\r\nx\r\n');

/** The failure that the protector reports, or null where it protected. */
async function refusal(recipientKey: () => Promise<FoundKey>) {
  const privateKey = await makePgpKey('Clinic', 'office@clinic.test', NOW);
  const protector = protectWithPgp({
    clock: systemClock,
    sealing: { seal: createSealer() },
    recipientKey,
    ownKey: async () => ({
      privateKey,
      fingerprint: privateKey.getFingerprint(),
      address: 'office@clinic.test',
      createdAt: NOW,
      octets: Buffer.alloc(0),
      armoured: '',
    }),
  });
  try {
    await protector.protect(protectRequest(contentOf(MESSAGE)));
    return null;
  } catch (error) {
    if (error instanceof ProtectionUnavailable) return error.failure;
    throw error;
  }
}

/** What is decided next, for a policy with this order, on the recipient's facts. */
function next(failure: RecipientFacts['failures'][number], methods: readonly ('pgp' | 'tls' | 'portal')[]) {
  const facts: RecipientFacts = {
    domain: 'example.org',
    addressIndex: 'index',
    stream: 'business',
    class: 'light',
    offered: ['tls', 'pgp', 'portal'],
    waiver: false,
    lowered: false,
    failures: [failure],
  };
  return decide(facts, { ...DEFAULT_POLICY, methods });
}

function expectNeverClear(failure: RecipientFacts['failures'][number]): void {
  const verified = next(failure, ['pgp', 'tls', 'portal']);
  expect(verified.method).toBe('tls');
  expect(verified.tls).toEqual(DEFAULT_POLICY.tls);
  expect(JSON.stringify(verified.reasons)).toContain(failure.code);
  expect(next(failure, ['pgp', 'portal']).method).toBe('portal');
  // With nothing else in the policy it waits in the portal or is not delivered: never sent another way.
  expect(['portal', 'none']).toContain(next(failure, ['pgp']).method);
}

describe('a key that is not to be used', () => {
  it.each<Row>(ROWS)('%s', async (_what, key, code, reason) => {
    const answer = await found(await key());
    const failure = await refusal(async () => answer);
    expect(failure).toMatchObject({
      method: 'pgp',
      code,
      ...(reason === null ? {} : { parameters: { reason } }),
    });
    if (failure !== null) expectNeverClear(failure);
  });

  it.each(['key-change-unconfirmed', 'key-untrusted', 'key-revoked'] as const)(
    'that the rules of trust hold back: %s',
    async (code) => {
      const failure = await refusal(async () => ({ kind: 'none', code, parameters: {} }));
      expect(failure).toMatchObject({ method: 'pgp', code });
      if (failure !== null) expectNeverClear(failure);
    },
  );

  it('while a good one protects', async () => {
    const answer = await found(await made());
    expect(await refusal(async () => answer)).toBeNull();
  });
});
