/** What crosses a boundary: the wire, announcements, limits and error codes. Knows no socket, no key, no clock. */
export * from './limits.js';
export { IPC_ERROR_CODES, IpcError, PROTOCOL_ERROR_CODES, ProtocolError, type IpcErrorCode, type ProtocolErrorCode } from './errors.js';
