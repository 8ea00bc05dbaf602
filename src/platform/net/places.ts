import { readFileSync, statSync } from 'node:fs';
import { Reader, type Response } from 'mmdb-lib';
import type { Place, PlaceOf } from '#core/place';
import { describeFault, type Logger } from '#platform/runtime';

const LOOK_EVERY_MS = 10 * 60_000;

/**
 * Places from a file in the MaxMind DB format (countries, or cities for distances too), held in memory. A newer file in
 * its place is taken within ten minutes; one that cannot be read is logged and the old one stays. Throws when the first
 * one cannot be read.
 */
export function openPlaces(path: string, logger: Logger): PlaceOf {
  const stamp = (): string => {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  };
  let loaded = stamp();
  let reader = new Reader<Response>(readFileSync(path));
  const timer = setInterval(() => {
    try {
      const now = stamp();
      if (now === loaded) return;
      reader = new Reader<Response>(readFileSync(path));
      loaded = now;
      logger.info('places.reloaded');
    } catch (error) {
      logger.warn('places.unusable', describeFault(error));
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return (address) => {
    try {
      return placeIn(reader.get(address));
    } catch {
      // The library throws on what is no address, and on IPv6 in a file that has only IPv4.
      return null;
    }
  };
}

/** Of what a record holds, the country and the point; files differ in what else they have. */
function placeIn(record: unknown): Place | null {
  const country = at(record, 'country', 'iso_code');
  if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)) return null;
  const [lat, lon] = [at(record, 'location', 'latitude'), at(record, 'location', 'longitude')];
  const point = typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : { lat: null, lon: null };
  return { country, ...point };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}
