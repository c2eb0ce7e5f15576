import { ProtocolError, RECORD_TYPE } from '@earshot/protocol';
import { nextOrder, type RecordOrder } from './record-order.js';

const STATES: readonly RecordOrder[] = ['awaitingReady', 'awaitingSync', 'open', 'closed'];
const UNKNOWN = 0x60;
const TYPES = [...Object.values(RECORD_TYPE), UNKNOWN];

/** Every transition there is; all other pairs of state and type end the session. */
const TABLE: Readonly<Record<string, RecordOrder>> = {
  [`awaitingReady ${RECORD_TYPE.ready}`]: 'awaitingSync',
  [`awaitingSync ${RECORD_TYPE.sync}`]: 'open',
  [`open ${RECORD_TYPE.msg}`]: 'open',
  [`open ${RECORD_TYPE.ack}`]: 'open',
  [`open ${RECORD_TYPE.reject}`]: 'open',
  [`open ${RECORD_TYPE.ping}`]: 'open',
  [`open ${RECORD_TYPE.pong}`]: 'open',
  [`open ${RECORD_TYPE.window}`]: 'open',
  [`open ${RECORD_TYPE.peers}`]: 'open',
  [`open ${RECORD_TYPE.probe}`]: 'open',
  [`open ${RECORD_TYPE.report}`]: 'open',
  [`open ${UNKNOWN}`]: 'open',
  [`awaitingReady ${RECORD_TYPE.close}`]: 'closed',
  [`awaitingSync ${RECORD_TYPE.close}`]: 'closed',
  [`open ${RECORD_TYPE.close}`]: 'closed',
};

const pairs = STATES.flatMap((state) => TYPES.map((type) => [state, type] as const));

describe('the order of records', () => {
  it.each(pairs.filter(([state, type]) => `${state} ${type}` in TABLE))('%s takes record type %d', (state, type) => {
    expect(nextOrder(state, type)).toBe(TABLE[`${state} ${type}`]);
  });

  it.each(pairs.filter(([state, type]) => !(`${state} ${type}` in TABLE)))(
    '%s refuses record type %d',
    (state, type) => {
      expect(() => nextOrder(state, type)).toThrow(ProtocolError);
    },
  );
});
