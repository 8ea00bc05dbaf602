import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';
import {
  decodeCursor,
  defineRoute,
  empty,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { PaperLetter } from './pickups.ts';
import { paperLetterSchema } from './schemas.ts';

/** Letters on paper that wait to be written. */
export interface PaperLetters {
  letters(caller: Caller, before: string | null, limit: number): Promise<readonly PaperLetter[]>;
  /** Refusals: `not-found`, `wrong-state` where somebody has written it. */
  letterWritten(caller: Caller, id: string): Promise<void>;
}

const TAGS = ['recipients'];

export function paperLetterRoutes(letters: PaperLetters): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/paper-letters',
      summary: 'Recipients to write a letter to, because a message was not picked up; newest first',
      tags: TAGS,
      access: { permission: 'recipients:read' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(paperLetterSchema) },
    }).handle(async ({ caller, query }) => {
      const [position] = decodeCursor(query.cursor) ?? [];
      if (position !== undefined && !isUuid(position)) throw new Refusal('invalid', { path: 'cursor' });
      const rows = await letters.letters(caller, position ?? null, query.limit + 1);
      return { status: 200, body: pageFrom(rows, query.limit, (one) => [one.id], view) };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/paper-letters/:id/written',
      summary: 'Say that the letter was written',
      tags: TAGS,
      access: { permission: 'recipients:manage' },
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await letters.letterWritten(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function view({ id, address, message, delivery, since, reason, openedAt, expiresAt }: PaperLetter) {
  return {
    ...{ id, address, message, delivery, reason },
    since: since.toISOString(),
    openedAt: openedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
