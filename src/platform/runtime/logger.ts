/**
 * JSON lines by allow-list: only the fields named here are ever written, and only as short strings, numbers and
 * booleans. There is no free-text message on purpose: `code` says what happened, and the catalogue words it.
 */
export interface LogFields {
  readonly organisation?: string | undefined;
  readonly message?: string | undefined;
  readonly delivery?: string | undefined;
  readonly recipient?: string | undefined;
  readonly attempt?: number | undefined;
  readonly identity?: string | undefined;
  readonly session?: string | undefined;
  readonly request?: string | undefined;
  readonly object?: string | undefined;
  readonly job?: string | undefined;
  readonly stage?: string | undefined;
  readonly role?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly status?: number | string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly error?: string | undefined;
  readonly at?: string | undefined;
  readonly cause?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  readonly queue?: number | undefined;
  readonly port?: number | undefined;
  /** The address we listen on; never a person's. */
  readonly bind?: string | undefined;
  readonly host?: string | undefined;
  readonly pid?: number | undefined;
  readonly signal?: string | undefined;
  readonly version?: string | undefined;
  readonly migration?: string | undefined;
  readonly setting?: string | undefined;
  readonly tls?: string | undefined;
  readonly cipher?: string | undefined;
  readonly key?: string | undefined;
  readonly dueAt?: string | undefined;
}

export type LogField = keyof LogFields;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Logger {
  debug(code: string, fields?: LogFields): void;
  info(code: string, fields?: LogFields): void;
  warn(code: string, fields?: LogFields): void;
  error(code: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  with(fields: LogFields): Logger;
}

/** Every field that a line may have beside time, level and code. The type keeps the list complete. */
export const LOG_FIELDS: Readonly<Record<LogField, true>> = {
  organisation: true,
  message: true,
  delivery: true,
  recipient: true,
  attempt: true,
  identity: true,
  session: true,
  request: true,
  object: true,
  job: true,
  stage: true,
  role: true,
  method: true,
  route: true,
  status: true,
  outcome: true,
  reason: true,
  error: true,
  at: true,
  cause: true,
  durationMs: true,
  count: true,
  bytes: true,
  queue: true,
  port: true,
  bind: true,
  host: true,
  pid: true,
  signal: true,
  version: true,
  migration: true,
  setting: true,
  tls: true,
  cipher: true,
  key: true,
  dueAt: true,
};

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const MAX_STRING = 200;
const CODE = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/i;

/** A bounded value, or undefined when it is not one that a log line may hold (objects could carry anything). */
function bounded(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : undefined;
  // Mail addresses have no place in a log: a caller who passes one by mistake gets it withheld.
  if (typeof value === 'string' && value.includes('@')) return '[withheld]';
  if (typeof value === 'string') return value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}…` : value;
  return undefined;
}

function admit(fields: object): Record<string, string | number | boolean> {
  const admitted: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(LOG_FIELDS, name)) continue;
    const kept = bounded(value);
    if (kept !== undefined) admitted[name] = kept;
  }
  return admitted;
}

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** Where whole lines go; default is standard error. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

/** Makes a logger. Lines: `{"time","level","code",…fields}`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const least = LEVELS.indexOf(options.level ?? 'info');
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const now = options.now ?? (() => new Date());

  const make = (bound: Record<string, string | number | boolean>): Logger => {
    const at =
      (level: LogLevel) =>
      (code: string, fields: LogFields = {}): void => {
        if (LEVELS.indexOf(level) < least) return;
        const safeCode = CODE.test(code) && code.length <= 80 ? code : 'log.bad-code';
        write(
          `${JSON.stringify({ time: now().toISOString(), level, code: safeCode, ...bound, ...admit(fields) })}\n`,
        );
      };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (fields) => make({ ...bound, ...admit(fields) }),
    };
  };
  return make({});
}

/** A logger that writes nothing: for tests and short commands. */
export const silentLogger: Logger = createLogger({ write: () => undefined });

const FRAME = /\(?((?:file:\/\/)?[^\s()]+):(\d+):\d+\)?$/;

/**
 * What may be logged of an error: class name, its code, and the first place in our own sources. The error's text is
 * left out because libraries quote values in it, and a value may be PHI.
 */
export function describeFault(error: unknown): {
  readonly error: string;
  readonly at?: string;
  readonly cause?: string;
  readonly statement?: string;
} {
  if (!(error instanceof Error)) return { error: typeof error };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : '';
  // A code with spaces or other surprises is text, not a code.
  const named = isName(String(code)) ? `${error.name} ${code}` : error.name;
  const at = firstFrame(error.stack);
  const cause = error.cause instanceof Error ? describeFault(error.cause).error : undefined;
  const statement = 'statement' in error && isName(error.statement) ? error.statement : undefined;
  return {
    error: named,
    ...(at === undefined ? {} : { at }),
    ...(cause === undefined ? {} : { cause }),
    ...(statement === undefined ? {} : { statement }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value);
}

function firstFrame(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  // The door to the database reports what others have sent through it: the place of interest is theirs.
  const foreign = /node_modules|node:|[/]src[/]platform[/]database[/]/;
  const ours = frames.find((line) => !foreign.test(line)) ?? frames[0];
  const match = ours === undefined ? null : FRAME.exec(ours.trim());
  if (match === null) return undefined;
  const [, file = '', line = ''] = match;
  const short = file.slice(Math.max(file.lastIndexOf('/src/'), file.lastIndexOf('/node_modules/')) + 1);
  return `${short}:${line}`;
}
