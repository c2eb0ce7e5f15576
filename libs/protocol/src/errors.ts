/**
 * Codes for what a peer, a neighbour process or a caller did wrong. Codes cross borders (logs, IPC, documents);
 * classes do not, and sentences live where the user reads them (apps/console/src/text).
 */

/** What a peer did on the wire or in a datagram. The peer itself only sees a closed connection. */
export const PROTOCOL_ERROR_CODES = [
  'bad-frame-length',
  'bad-frame-type',
  'not-earshot',
  'legacy-message',
  'bad-hello',
  'bad-version',
  'bad-share',
  'bad-token',
  'bad-auth-payload',
  'bad-extension',
  'bad-identity',
  'bad-signature',
  'bad-inner-mac',
  'own-identity',
  'unexpected-identity',
  'version-rollback',
  'blocked-peer',
  'bad-record',
  'bad-sequence',
  'bad-role',
  'bad-order',
  'unknown-record-type',
  'ack-of-unsent',
  'truncated',
  'handshake-timeout',
  'peer-dead',
  'session-expired',
  'no-drain',
  'too-busy',
  'bad-datagram',
  'bad-announcement',
  'newer-announcement',
  'bad-username',
] as const;
export type ProtocolErrorCode = (typeof PROTOCOL_ERROR_CODES)[number];

/**
 * The peer sent something the specification forbids. Never raised for a bug of ours: those are plain Errors.
 * The detail names fields and sizes only, never bytes that came from the peer: error texts reach logs.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  constructor(
    readonly code: ProtocolErrorCode,
    detail?: string,
  ) {
    super(detail === undefined ? code : `${code}: ${detail}`);
  }
}

/** What a request between our own processes can fail with (ipc-v1.md §4). */
export const IPC_ERROR_CODES = [
  'bad-request',
  'unknown-method',
  'internal',
  'not-running',
  'timed-out',
  'not-registered',
  'bad-username',
  'bad-status',
  'unknown-peer',
  'ambiguous-peer',
  'own-peer',
  'blocked-peer',
  'legacy-peer',
  'message-empty',
  'message-too-large',
  'message-malformed',
  'id-conflict',
  'unknown-message',
  'received-message',
  'already-sent',
  'outbox-full',
  'store-failed',
  'unreachable',
  'wrong-peer',
  'bad-address',
  'wrong-safety-number',
  'not-blocked',
] as const;
export type IpcErrorCode = (typeof IPC_ERROR_CODES)[number];

/** A request to one of our processes failed; `code` decides what the caller does, `detail` is for people and holds no message text. */
export class IpcError extends Error {
  override readonly name = 'IpcError';
  constructor(
    readonly code: IpcErrorCode,
    readonly detail = '',
  ) {
    super(detail === '' ? code : `${code}: ${detail}`);
  }
}
