import type { components } from './generated/api.ts';

/** RFC 9457 problem document of the API. */
export type Problem = components['schemas']['Problem'];

/** An answer that is no success, or none at all (`status` 0, code `no-answer`). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  /** What support asks for. */
  get reference(): string | null {
    return this.problem.request === '' ? null : this.problem.request;
  }
}

function isProblem(value: unknown): value is Problem {
  return (
    value !== null &&
    typeof value === 'object' &&
    'code' in value &&
    typeof value.code === 'string' &&
    'status' in value &&
    typeof value.status === 'number'
  );
}

/** A problem out of whatever a server or a proxy in front of it answered. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  if (isProblem(body)) return new ApiProblem(body);
  const code =
    response.status === 401 ? 'not-authenticated' : response.status >= 500 ? 'unavailable' : 'invalid';
  return new ApiProblem({
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code,
    request: '',
  });
}

/** The problem of a request that got no answer. */
export function noAnswer(): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'No answer',
    status: 0,
    code: 'no-answer',
    request: '',
  });
}

/** An act that was not done yet because a second person must approve it; `parameters.id` names it. */
export function heldProblem(response: Response, id: string): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'A second person must approve this',
    status: response.status,
    code: 'held',
    request: '',
    parameters: { id },
  });
}
