/** What of a sign-in is unlike those before it. Each adds its points; a person can be told them in words. */
export const RISK_POINTS = {
  'new-device': 30,
  'new-network': 20,
  'new-country': 30,
  'new-agent': 10,
  'unusual-hour': 10,
  'recovery-code': 30,
} as const;
export type RiskPoint = keyof typeof RISK_POINTS;

export interface EarlierSignIn {
  readonly network: string;
  readonly device: string | null;
  readonly agent: string | null;
  /** Minute of the day in the organisation's time zone. */
  readonly minute: number;
  /** Null where it is not known. */
  readonly country: string | null;
}

export interface SignInSigns extends EarlierSignIn {
  readonly factors: readonly string[];
}

/** Before so many sign-ins a person has no habits that something could be unlike of. */
const HABIT = 5;
const NEAR_MINUTES = 120;

/**
 * Reckons the risk of a sign-in, 0 to 100, from the person's earlier ones. A first sign-in (an enrolment) is unlike nothing.
 */
export function signInRisk(
  now: SignInSigns,
  earlier: readonly EarlierSignIn[],
): { readonly risk: number; readonly points: readonly RiskPoint[] } {
  const points: RiskPoint[] = [];
  if (earlier.length > 0) {
    if (!earlier.some(({ device }) => device !== null && device === now.device)) points.push('new-device');
    if (!earlier.some(({ network }) => network === now.network)) points.push('new-network');
    const { country } = now;
    const known = earlier.filter((one) => one.country !== null);
    if (country !== null && known.length > 0 && !known.some((one) => one.country === country))
      points.push('new-country');
    if (!earlier.some(({ agent }) => agent === now.agent)) points.push('new-agent');
  }
  if (earlier.length >= HABIT && !earlier.some(({ minute }) => apart(minute, now.minute) <= NEAR_MINUTES))
    points.push('unusual-hour');
  if (now.factors.includes('recovery-code')) points.push('recovery-code');
  return {
    risk: Math.min(
      100,
      points.reduce((sum, point) => sum + RISK_POINTS[point], 0),
    ),
    points,
  };
}

/** Minutes between two times of the day, the short way round. */
function apart(a: number, b: number): number {
  const distance = Math.abs(a - b);
  return Math.min(distance, 1440 - distance);
}
