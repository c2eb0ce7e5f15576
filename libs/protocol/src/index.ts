/** What crosses a boundary: the wire, announcements, limits and error codes. Knows no socket, no key, no clock. */
export * from './limits.js';
export { newMessageId } from './message-id.js';
export { IPC_ERROR_CODES, IpcError, ProtocolError, type IpcErrorCode, type ProtocolErrorCode } from './errors.js';

export {
  EXPECT_AUTH_I,
  EXPECT_HELLO_I,
  EXPECT_HELLO_R,
  EXPECT_RECORD,
  FRAME_TYPE,
  FrameDecoder,
  encodeFrame,
  type Frame,
  type FrameExpectation,
} from './wire/frame.js';
export {
  OWN_VERSIONS,
  checkVersion,
  chooseVersion,
  decodeHelloI,
  decodeHelloR,
  encodeHelloI,
  encodeHelloR,
  helloITranscript,
  helloRTranscript,
  type HelloI,
  type HelloR,
  type VersionRange,
} from './wire/hello.js';
export {
  decodeAuthPayload,
  encodeAuthPayload,
  joinAuthPlaintext,
  splitAuthPlaintext,
  type AuthPayload,
  type AuthPlaintext,
} from './wire/auth-payload.js';
export { decodeExtensions, type Extensions } from './wire/extensions.js';
export {
  RECORD_TYPE,
  decodeRecord,
  encodeRecord,
  isKnownRecordType,
  type DecodedRecord,
  type Role,
} from './wire/record.js';
export {
  FEATURE,
  HEARD_BY,
  REACHED,
  decodePeers,
  decodeReport,
  encodePeers,
  encodeReport,
  type Report,
} from './wire/peer-records.js';
export {
  CLOSE_REASON,
  decodeAck,
  decodeClose,
  decodePing,
  decodeReady,
  decodeReject,
  decodeSync,
  decodeWindow,
  encodeAck,
  encodeClose,
  encodePing,
  encodeReady,
  encodeReject,
  encodeSync,
  encodeWindow,
  type Ack,
  type Reject,
  type SyncEntry,
  type Window,
} from './wire/bodies.js';
export {
  CONTENT_TYPE,
  decodeMsg,
  encodeMsg,
  judgeContent,
  type ContentJudgement,
  type MessageBody,
} from './wire/message-body.js';

export { checkUsername, foldName, sameName, type UsernameProblem } from './presence/username.js';
export { decodeAnnouncement, encodeAnnouncement, type Announcement } from './presence/announcement.js';
export {
  encodeDatagram,
  parseDatagram,
  splitEarshotField,
  type LegacyDatagram,
  type SignedDatagram,
} from './presence/datagram.js';
export { isIpv4 } from './presence/ipv4.js';
