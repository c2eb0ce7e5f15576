// @ts-check
/**
 * The classic mistakes of a delivery protocol, each as a change of our source, with the tests that must notice. A mutation
 * is a piece of text to replace: it survives edits elsewhere, and fails loudly when the piece is gone or there are two.
 *
 * @typedef {object} Mutation
 * @property {string} name the mistake
 * @property {[file: string, search: string, replace: string][]} edits exactly one place each, and what the mistaken program
 *   says there; files and tests from the root of the repository
 * @property {string[]} tests spec files, all of one project
 */

const RECEIVER = 'apps/messenger/src/delivery/receiver.ts';
const TRANSMITTER = 'apps/messenger/src/delivery/transmitter.ts';
const RESYNCHRONISE = 'apps/messenger/src/delivery/resynchronise.ts';
const INBOX = 'libs/history/src/inbox.ts';
const ACKNOWLEDGEMENTS = 'apps/messenger/src/delivery/acknowledgements.spec.ts';
const COPIES = 'apps/messenger/src/delivery/restored-copies.spec.ts';

/** @type {readonly Mutation[]} */
export const MUTATIONS = [
  {
    name: 'ACK before the commit',
    edits: [[RECEIVER, `place.touched = true;`, `session.sendAck({ stream: message.stream, upto: place.upto });`]],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'no deduplication by position',
    edits: [[RECEIVER, `if (message.n === place.upto + 1) {`, `if (message.n <= place.upto + 1) {`]],
    tests: ['apps/messenger/src/delivery/receiver.spec.ts'],
  },
  {
    name: 'no deduplication by message id',
    edits: [
      [
        'libs/history/src/schema.ts',
        `CREATE UNIQUE INDEX message_ids ON messages (id, peer) WHERE kind = 0;`,
        `CREATE INDEX message_ids ON messages (id, peer) WHERE kind = 0;`,
      ],
      [INBOX, `ON CONFLICT (id, peer) WHERE kind = 0 DO NOTHING`, ``],
    ],
    tests: [COPIES],
  },
  {
    name: 'forgetting takes the row away, and with it the mark and the id',
    edits: [
      [
        'libs/history/src/forgetting.ts',
        '`UPDATE messages SET text = NULL, ctype = ${CONTENT_TYPE.void}, sent_at = 0, committed_at = 0 WHERE ${these}`',
        '`DELETE FROM messages WHERE ${these}`',
      ],
    ],
    tests: ['libs/history/src/forgetting.spec.ts'],
  },
  {
    name: 'mark and message in two writes: the mark survives the roll-back of the message',
    edits: [[INBOX, `    this.held.clear();`, ``]],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'forget on send: what was written to the wire leaves the outbox',
    edits: [
      [
        TRANSMITTER,
        `turn.tx.markWired(peerId, last.n);`,
        `turn.tx.markWired(peerId, last.n); turn.tx.markAcked(peerId, last.n);`,
      ],
    ],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'no tombstone for a refused message',
    edits: [[RECEIVER, `turn.tx.commitRejected({ ...position, reason: judged.reason });`, ``]],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'what was refused counts as told before the commit that stored it',
    edits: [
      [
        RECEIVER,
        `this.intake.toldUpto(session, name), upto);`,
        `this.intake.toldUpto(session, name), upto).concat((this.intake.told(session, name, upto), []));`,
      ],
    ],
    tests: ['apps/messenger/src/delivery/receiver.spec.ts'],
  },
  {
    name: 'on under the old stream after a restore',
    edits: [[RESYNCHRONISE, `(out === null || !isOurs(history, peerId, out, latest))`, `out === null`]],
    tests: [COPIES],
  },
  {
    name: 'our own mark is looked for anywhere in SYNC, and none is taken for "holds nothing"',
    edits: [
      [
        RESYNCHRONISE,
        `[latest]: readonly SyncEntry[],
): Resynchronised {
  const out = history.outStream(peerId);`,
        `entries: readonly SyncEntry[],
): Resynchronised {
  const out = history.outStream(peerId);
  const latest = entries.find(({ stream }) => out !== null && stream.equals(streamBytes(out.stream)));`,
      ],
    ],
    tests: [COPIES],
  },
  {
    name: 'SYNC compared by number alone',
    edits: [
      [RESYNCHRONISE, `return entry !== null && messageIdBytes(entry.id).equals(lastId);`, `return entry !== null;`],
    ],
    tests: [COPIES],
  },
  {
    name: 'what was acknowledged stays behind on the stream that is given up',
    edits: [
      [
        'libs/history/src/outbox.ts',
        `AND stream = @stream AND reject_reason IS NULL\n      ) AS moved`,
        `AND stream = @stream AND reject_reason IS NULL AND n > (SELECT acked FROM out_streams o WHERE o.peer = messages.peer)\n      ) AS moved`,
      ],
    ],
    tests: [COPIES],
  },
  {
    name: 'a mark below what was acknowledged is not believed',
    edits: [[RESYNCHRONISE, `tx.rewindAcked(peerId, acked);`, ``]],
    tests: [COPIES],
  },
  {
    name: 'messages of an older session are taken after the SYNC on a newer one',
    edits: [
      [
        'apps/messenger/src/delivery/intake.ts',
        `if (intake === undefined || intake.session === session) return true;`,
        `if (intake !== null) return true;`,
      ],
    ],
    tests: [COPIES],
  },
  {
    name: 'what was passed over on an older session is not asked for again',
    edits: [[RECEIVER, `      older.sendWindow(SHUT_WINDOW);`, ``]],
    tests: [COPIES],
  },
  {
    name: 'an ACK of what was never sent is accepted',
    edits: [[TRANSMITTER, `if (n > out.wired) throw new ProtocolError('ack-of-unsent');`, ``]],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'the window is ignored',
    edits: [
      [
        'apps/messenger/src/delivery/send-flow.ts',
        `messages: Math.max(0, this.window.messages - this.inFlight.length),`,
        `messages: 8_192,`,
      ],
    ],
    tests: ['apps/messenger/src/delivery/send-flow.spec.ts', ACKNOWLEDGEMENTS],
  },
  {
    name: '"delivered" is shown for what was sent',
    edits: [
      ['libs/history/src/message-row.ts', `WHEN m.n <= o.wired THEN 'sent'`, `WHEN m.n <= o.wired THEN 'delivered'`],
    ],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: '"sent" is not committed before it is sent',
    edits: [[TRANSMITTER, `turn.tx.markWired(peerId, last.n);`, ``]],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'REJECT is not repeated after SYNC',
    edits: [
      [
        'apps/messenger/src/delivery/delivery.ts',
        `session.sendReject({ stream: streamBytes(rejectedStream), n, reason });`,
        ``,
      ],
    ],
    tests: [ACKNOWLEDGEMENTS],
  },
  {
    name: 'an ACK goes without the REJECTs that belong before it',
    edits: [[RECEIVER, `for (const { n, reason } of rejections) session.sendReject({ stream, n, reason });`, ``]],
    tests: [COPIES],
  },
];
