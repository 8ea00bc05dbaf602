/** Where a network address is, by a database that the operator holds; null where it is not known. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly lat: number | null;
  readonly lon: number | null;
}

export type PlaceOf = (address: string) => Place | null;

const EARTH_KM = 6371;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;

/** Kilometres between two points on the globe (haversine). */
export function distanceKm(a: readonly [number, number], b: readonly [number, number]): number {
  const [dLat, dLon] = [rad(b[0] - a[0]), rad(b[1] - a[1])];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(rad(a[0])) * Math.cos(rad(b[0])) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
