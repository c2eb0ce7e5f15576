/** The history on disk, what users said and what became of it: one SQLite database with one writer (the messenger) and any number of readers. */
export { openHistory, HistoryWriter, type HistoryOptions } from './writer.js';
export { openHistoryReader, HistoryReader, type Conversation, type MessagePage } from './reader.js';
export { HistoryTransaction } from './transaction.js';
export { type Forgotten, type ToForget } from './forgetting.js';
export { type Encounter } from './encounters.js';
export { type MessageLife } from './message-life.js';
export { type ChangePage } from './change-feed.js';
export { type PendingRequest } from './strangers.js';
export { type PeerNews, type Setback, type StoredPeer, type StoredTrust } from './peer-table.js';
export { type CancelResult, type NewMessage, type OutEntry, type OutStream, type SentMessage } from './outbox.js';
export { type ReceivedMark, type ReceivedMessage, type RejectedMessage, type Rejection } from './inbox.js';
export { takePage } from './message-row.js';
export { HistoryError, type HistoryErrorCode } from './errors.js';
