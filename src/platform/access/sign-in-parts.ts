import { randomToken } from '#platform/runtime';
import { verifyPassphrase } from './passphrase-hash.ts';
import type { AccessPorts, GuardedPorts } from './ports.ts';
import { judgeCertificate, judgePasskey, judgeRecoveryCode, judgeTotp } from './prove-factor.ts';
import { judgeFactorsFor, requireFactorsFor } from './require-factors.ts';
import type { Throttle } from './throttle.ts';
import { createThrottle } from './throttle.ts';

/** What a sign-in is judged by, and what its session goes under. In the system always these; a test puts another in its place to see what it keeps out. */
export interface SignInParts {
  readonly throttle: Throttle;
  readonly verifyPassphrase: typeof verifyPassphrase;
  readonly judgeTotp: typeof judgeTotp;
  readonly judgeRecoveryCode: typeof judgeRecoveryCode;
  readonly judgePasskey: typeof judgePasskey;
  readonly judgeCertificate: typeof judgeCertificate;
  readonly judgeFactorsFor: typeof judgeFactorsFor;
  readonly requireFactorsFor: typeof requireFactorsFor;
  /** The token of a session that starts, and of one that goes on with more rights: never one that was known before. */
  readonly freshToken: typeof randomToken;
}

/** Ports and parts of the sign-in, as its files receive them. */
export type SignInPorts = GuardedPorts & { readonly parts: SignInParts };

export function signInParts(ports: AccessPorts): SignInParts {
  return {
    throttle: createThrottle(ports),
    verifyPassphrase,
    judgeTotp,
    judgeRecoveryCode,
    judgePasskey,
    judgeCertificate,
    judgeFactorsFor,
    requireFactorsFor,
    freshToken: randomToken,
  };
}
