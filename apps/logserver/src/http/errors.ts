/** What a request is answered with when it is not answered. */
const HTTP_ERRORS = {
  'bad-request': 400,
  unauthorized: 401,
  'foreign-host': 403,
  'foreign-origin': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'unknown-position': 410,
  'headers-too-large': 431,
  internal: 500,
  /** The messenger has not created or updated the history yet. */
  'history-not-ready': 503,
  'history-damaged': 503,
  /** A newer version of the program wrote it. */
  'history-newer': 503,
  /** It is there and cannot be read at the moment (I/O error, permission, wrong build of SQLite). */
  'history-unreadable': 503,
} as const;
export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** Refuses a request. The text reaches whoever asked: it names fields and rules, never what somebody sent. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(
    readonly code: HttpErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = HTTP_ERRORS[code];
  }
}

export function errorBody({ code, message }: { readonly code: HttpErrorCode; readonly message: string }): string {
  return JSON.stringify({ error: { code, message } });
}
