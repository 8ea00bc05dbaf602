import { localDay } from '../../parts/time.ts';
import { common } from '../../text/common.ts';
import { messagesText } from '../../text/messages.ts';
import type { MessageNarrowing } from './filters.ts';

/** Each filter that is set, as the page words it: what an empty list is empty by. */
export function filtersInWords({ state, method, direction, since, until }: MessageNarrowing): string[] {
  return [
    ...(state === undefined ? [] : [messagesText.filters[state]]),
    ...(method === undefined ? [] : [common.method[method]]),
    ...(direction === undefined ? [] : [messagesText.directions[direction]]),
    ...(since === undefined ? [] : [messagesText.from(localDay(since))]),
    ...(until === undefined ? [] : [messagesText.until(localDay(until))]),
  ];
}
