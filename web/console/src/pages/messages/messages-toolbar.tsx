import { useNavigate } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { SearchTerms } from '../../data/messages.ts';
import { keepTerms } from '../../data/search-terms.ts';
import { Button } from '../../parts/button.tsx';
import { DayRangeFields } from '../../parts/day-range-fields.tsx';
import { Notice } from '../../parts/notice.tsx';
import { common } from '../../text/common.ts';
import { messagesText } from '../../text/messages.ts';
import {
  DIRECTIONS,
  FILTERS,
  isDirection,
  isMessageFilter,
  isMethodFilter,
  METHOD_FILTERS,
  type MessageNarrowing,
} from './filters.ts';

/** Search box and filters. What is typed goes into memory under an opaque id; only the id enters the URL. */
export function MessagesToolbar({
  narrowing,
  terms,
  gone,
}: {
  narrowing: MessageNarrowing;
  terms: SearchTerms | null;
  gone: boolean;
}) {
  const [text, setText] = useState(terms?.text ?? '');
  const navigate = useNavigate();
  const go = (next: MessageNarrowing, q: string | undefined) =>
    void navigate({ to: '/messages', search: { ...next, ...(q ? { q } : {}) } });
  const search = (event: FormEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    go(narrowing, wanted === '' ? undefined : keepTerms({ text: wanted }));
  };
  const narrow = (next: MessageNarrowing) => go(next, terms === null ? undefined : keepTerms(terms));
  const { state, method, direction, ...days } = narrowing;
  const states = state === undefined ? {} : { state };
  const methods = method === undefined ? {} : { method };
  const directions = direction === undefined ? {} : { direction };
  return (
    <div className="no-print flex flex-col gap-3">
      <div className="flex flex-wrap gap-3">
        <search className="flex-1 basis-72">
          <form onSubmit={search} className="flex gap-2">
            <input
              type="search"
              value={text}
              onChange={(event) => setText(event.target.value)}
              aria-label={messagesText.searchLabel}
              placeholder={messagesText.searchLabel}
              title={messagesText.searchHint}
              autoComplete="off"
              className="control"
            />
            <Button type="submit" icon={<Search aria-hidden="true" className="size-4" />}>
              {common.search}
            </Button>
          </form>
        </search>
        <select
          aria-label={messagesText.filterLabel}
          value={state ?? ''}
          onChange={({ target: { value } }) =>
            narrow({
              ...(isMessageFilter(value) ? { state: value } : {}),
              ...methods,
              ...directions,
              ...days,
            })
          }
          className="control w-auto phone:w-full"
        >
          <option value="">{messagesText.all}</option>
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {messagesText.filters[filter]}
            </option>
          ))}
        </select>
        <select
          aria-label={messagesText.methodLabel}
          value={method ?? ''}
          onChange={({ target: { value } }) =>
            narrow({ ...states, ...(isMethodFilter(value) ? { method: value } : {}), ...directions, ...days })
          }
          className="control w-auto phone:w-full"
        >
          <option value="">{messagesText.allMethods}</option>
          {METHOD_FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {common.method[filter]}
            </option>
          ))}
        </select>
        <select
          aria-label={messagesText.directionLabel}
          value={direction ?? ''}
          onChange={({ target: { value } }) =>
            narrow({ ...states, ...methods, ...(isDirection(value) ? { direction: value } : {}), ...days })
          }
          className="control w-auto phone:w-full"
        >
          <option value="">{messagesText.allDirections}</option>
          {DIRECTIONS.map((one) => (
            <option key={one} value={one}>
              {messagesText.directions[one]}
            </option>
          ))}
        </select>
        <DayRangeFields
          range={days}
          onChange={(next) => narrow({ ...states, ...methods, ...directions, ...next })}
        />
      </div>
      {terms && (
        <p className="flex flex-wrap items-center gap-2 text-ink-2">
          {messagesText.searchShown}
          <Button
            kind="quiet"
            onClick={() => go(narrowing, undefined)}
            icon={<X aria-hidden="true" className="size-4" />}
          >
            {messagesText.clearSearch}
          </Button>
        </p>
      )}
      {gone && <Notice tone="held">{messagesText.searchGone}</Notice>}
    </div>
  );
}
