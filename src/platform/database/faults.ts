/**
 * What PostgreSQL refused. Carries SQLSTATE and the names of things, never the server's message or detail: those quote
 * values, and a value may be PHI.
 */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  /** SQLSTATE, or one of our own: `NOT_ONE_ROW`, `ROLLED_BACK`, `CLOSED_TRANSACTION`, `BAD_STATEMENT`, `UNKNOWN`. */
  readonly code: string;
  readonly statement: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;

  constructor(fields: {
    code: string;
    statement?: string | undefined;
    constraint?: string | undefined;
    table?: string | undefined;
    column?: string | undefined;
  }) {
    const where = [fields.statement, fields.table, fields.column, fields.constraint]
      .filter(Boolean)
      .join(' ');
    super(`database fault ${fields.code}${where === '' ? '' : ` (${where})`}`);
    this.code = fields.code;
    this.statement = fields.statement;
    this.constraint = fields.constraint;
    this.table = fields.table;
    this.column = fields.column;
  }
}

/** The server cannot be reached, or went away. The pool recovers by itself; the caller may try again later. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code: string;
  /** True when the connection was lost after COMMIT was sent: nobody knows whether it took place. */
  readonly commitUnknown: boolean;

  constructor(code: string, commitUnknown = false) {
    super(`database unavailable (${code}${commitUnknown ? ', outcome of the commit unknown' : ''})`);
    this.code = code;
    this.commitUnknown = commitUnknown;
  }
}

/** True for a violated unique constraint (SQLSTATE 23505), of that name when one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): error is DatabaseFault {
  return (
    error instanceof DatabaseFault &&
    error.code === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** SQLSTATE classes that say "not now" rather than "not so": connection, resources, operator intervention. */
function saysNotNow(sqlstate: string): boolean {
  return /^(08|53|57P0|58)/.test(sqlstate);
}

const LOST = /connection terminated|not queryable|connection closed|client was closed|timeout expired/i;
const WAITED = /timeout exceeded when trying to connect/i;
const ENDED = /after calling end on the pool/i;

function textField(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Turns whatever the driver threw into one of ours, leaving every quoted value behind. */
export function toFault(error: unknown, statement?: string): DatabaseFault | DatabaseUnavailable {
  if (error instanceof DatabaseFault || error instanceof DatabaseUnavailable) return error;
  if (!(error instanceof Error)) return new DatabaseFault({ code: 'UNKNOWN', statement });
  const code = textField(error, 'code');
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && textField(error, 'severity') !== undefined) {
    if (saysNotNow(code)) return new DatabaseUnavailable(code);
    return new DatabaseFault({
      code,
      statement,
      constraint: textField(error, 'constraint'),
      table: textField(error, 'table'),
      column: textField(error, 'column'),
    });
  }
  if (code !== undefined && /^E[A-Z]{3,}$/.test(code)) return new DatabaseUnavailable(code);
  if (WAITED.test(error.message)) return new DatabaseUnavailable('POOL_EXHAUSTED');
  if (ENDED.test(error.message)) return new DatabaseUnavailable('POOL_CLOSED');
  if (LOST.test(error.message)) return new DatabaseUnavailable('CONNECTION_LOST');
  return new DatabaseFault({ code: 'BAD_STATEMENT', statement });
}
