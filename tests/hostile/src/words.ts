import {
  decodeAck,
  decodeClose,
  decodeMsg,
  decodePing,
  decodeReady,
  decodeReject,
  decodeReport,
  decodeSync,
  RECORD_TYPE,
  type DecodedRecord,
} from '@earshot/protocol';

/** In which words a file of the corpus speaks of a record that came. */
export function wordsOf({ type, body }: DecodedRecord): string {
  switch (type) {
    case RECORD_TYPE.ready:
      return decodeReady(body) === 'ok' ? 'READY' : 'READY busy';
    case RECORD_TYPE.sync:
      return ['SYNC', ...decodeSync(body).map(({ lastN }) => lastN)].join(' ');
    case RECORD_TYPE.msg:
      return `MSG ${decodeMsg(body).n}`;
    case RECORD_TYPE.ack:
      return `ACK ${decodeAck(body).upto}`;
    case RECORD_TYPE.reject: {
      const { n, reason } = decodeReject(body);
      return `REJECT ${n} reason ${reason}`;
    }
    case RECORD_TYPE.pong:
      return `PONG ${decodePing(body)}`;
    case RECORD_TYPE.close:
      return `CLOSE ${decodeClose(body)}`;
    case RECORD_TYPE.window:
      return 'WINDOW';
    case RECORD_TYPE.report: {
      const { nonce, tcp } = decodeReport(body);
      return `REPORT ${nonce} tcp ${tcp}`;
    }
    default:
      return `record ${type}`;
  }
}
