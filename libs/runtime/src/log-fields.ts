import { isError, isForUser } from './config-error.js';

/**
 * Everything a process log can say besides its static text. There is no field for message text, usernames, keys or tokens:
 * to add one is a change that a reviewer sees.
 */
export interface LogFields {
  /** Peer id; only its first characters are written. */
  readonly peer?: string;
  readonly msgId?: string;
  readonly seq?: number;
  readonly upto?: number;
  readonly count?: number;
  readonly bytes?: number;
  readonly ms?: number;
  readonly attempt?: number;
  /** Our error code or an errno name, never a text. */
  readonly code?: string;
  readonly state?: string;
  readonly role?: string;
  readonly reason?: string;
  readonly method?: string;
  readonly service?: string;
  readonly part?: string;
  readonly signal?: string;
  readonly setting?: string;
  readonly instance?: string;
  readonly version?: string;
  /** IP address or host name, with or without a port. */
  readonly address?: string;
  readonly interface?: string;
  readonly port?: number;
  readonly pid?: number;
  readonly exitCode?: number;
  readonly err?: unknown;
}

/** Writes the process log: what the process does, never what people say. `event` is a static text; facts go into fields. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log, each line marked with the component. */
  child(component: string): Logger;
}

type Form = (value: unknown) => unknown;

const number: Form = (value) => (typeof value === 'number' ? value : undefined);
const word = matching(/^[A-Za-z0-9_.:-]{1,64}$/);

/** The seatbelt behind the types: a value that has not its field's form is not written. */
const FORMS: { readonly [K in keyof Required<LogFields>]: Form } = {
  peer: (value) => (typeof value === 'string' && /^[a-z2-7]{1,52}$/.test(value) ? value.slice(0, 10) : undefined),
  msgId: matching(/^[0-9a-f-]{1,36}$/),
  seq: number,
  upto: number,
  count: number,
  bytes: number,
  ms: number,
  attempt: number,
  code: word,
  state: word,
  role: word,
  reason: word,
  method: word,
  service: word,
  part: word,
  signal: word,
  setting: word,
  instance: word,
  version: word,
  address: matching(/^[A-Za-z0-9._:%[\]-]{1,128}$/),
  interface: matching(/^[^\p{C}]{1,64}$/u),
  port: number,
  pid: number,
  exitCode: number,
  err: describeError,
};

/** What of these fields may be written; `refused` counts what may not. */
export function allowedFields(fields: object): Record<string, unknown> {
  const allowed: Record<string, unknown> = {};
  let refused = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const form = Object.hasOwn(FORMS, name) ? FORMS[name as keyof LogFields] : undefined;
    const written = form?.(value);
    if (written === undefined) refused++;
    else allowed[name] = written;
  }
  return refused === 0 ? allowed : { ...allowed, refused };
}

/**
 * An error without its text, which may quote what it was about (JSON.parse does). Only what is ours and written for the
 * user (ConfigError, PassingError) keeps it.
 */
export function describeError(err: unknown, depth = 0): Record<string, unknown> {
  if (!isError(err)) return { name: typeof err };
  const { code, syscall, cause } = err as { code?: unknown; syscall?: unknown; cause?: unknown };
  return {
    name: word(err.name) ?? 'Error',
    code: word(code) ?? number(code),
    syscall: word(syscall),
    ...(isForUser(err) && { message: err.message.slice(0, 500) }),
    stack: stackFrames(err),
    ...(isError(cause) && depth < 2 && { cause: describeError(cause, depth + 1) }),
  };
}

/**
 * Where it happened: the lines below the text in the stack. Where the text is not found (it was changed afterwards) there is no
 * telling them apart, so none.
 */
function stackFrames({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  if (start === -1) return [];
  const frames = stack
    .slice(start + message.length)
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line));
  return frames.slice(0, 10).map((line) => line.trim().slice(0, 300));
}

function matching(pattern: RegExp): Form {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined);
}
