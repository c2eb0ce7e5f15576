import { INITIAL_WINDOW, NO_PROGRESS_DROP_MS, NO_PROGRESS_RESEND_MS } from '@earshot/protocol';
import { SendFlow } from './send-flow.js';

function flowWith(inFlight: number, acked = 0): SendFlow {
  const flow = new SendFlow(acked, 0);
  for (let n = acked + 1; n <= acked + inFlight; n += 1) flow.put(n, 100, 0);
  return flow;
}

describe('what may be on its way', () => {
  it('begins with the window of the specification', () => {
    expect(flowWith(0).room).toEqual(INITIAL_WINDOW);
  });

  it('counts messages and bytes until they are acknowledged', () => {
    const flow = flowWith(10);
    expect(flow.room).toEqual({ messages: INITIAL_WINDOW.messages - 10, bytes: INITIAL_WINDOW.bytes - 1_000 });
    expect(flow.acknowledge(4, 0)).toBe(true);
    expect(flow.room).toEqual({ messages: INITIAL_WINDOW.messages - 6, bytes: INITIAL_WINDOW.bytes - 600 });
  });

  it('goes on from the mark of the peer', () => {
    expect(flowWith(0, 41).position).toBe(41);
  });

  it('takes a repeated acknowledgement for nothing new', () => {
    const flow = flowWith(3);
    expect(flow.acknowledge(2, 0)).toBe(true);
    expect(flow.acknowledge(2, 0)).toBe(false);
    expect(flow.acknowledge(1, 0)).toBe(false);
    expect(flow.position).toBe(3);
  });

  it('sends nothing into a window that is shut, in either measure', () => {
    const flow = flowWith(0);
    flow.setWindow({ messages: 5, bytes: 0 }, 0);
    expect(flow.room.bytes).toBe(0);
    flow.setWindow({ messages: 0, bytes: 500 }, 0);
    expect(flow.room.messages).toBe(0);
  });

  it('begins again from the mark when a shut window opens: what reached the peer meanwhile was dropped there', () => {
    const flow = flowWith(5, 10);
    flow.setWindow({ messages: 0, bytes: 0 }, 0);
    flow.setWindow({ messages: 8, bytes: 1_000 }, 0);
    expect(flow.position).toBe(10);
    expect(flow.room).toEqual({ messages: 8, bytes: 1_000 });
  });

  it('keeps what the peer granted when our stream begins after that, open or shut', () => {
    const flow = flowWith(0);
    flow.setWindow({ messages: 8_192, bytes: 1_000_000 }, 0);
    flow.restart(0, 0);
    expect(flow.room).toEqual({ messages: 8_192, bytes: 1_000_000 });
    flow.setWindow({ messages: 0, bytes: 0 }, 0);
    flow.restart(0, 0);
    expect(flow.room.messages).toBe(0);
    expect(flow.position).toBe(0);
  });

  it('keeps its place when a window only changes its size', () => {
    const flow = flowWith(5);
    flow.setWindow({ messages: 100, bytes: 10_000 }, 0);
    expect(flow.position).toBe(5);
  });

  it('refuses to leave a gap', () => {
    expect(() => {
      flowWith(1).put(3, 1, 0);
    }).toThrow('bug:');
  });
});

describe('a peer that does not acknowledge', () => {
  it('gets everything again after 15 s, once, and is given up after 30 s', () => {
    const flow = flowWith(3);
    expect(flow.checkProgress(NO_PROGRESS_RESEND_MS - 1)).toBe('fine');
    expect(flow.checkProgress(NO_PROGRESS_RESEND_MS)).toBe('went-back');
    expect(flow.position).toBe(0);
    for (let n = 1; n <= 3; n += 1) flow.put(n, 100, NO_PROGRESS_RESEND_MS);
    expect(flow.checkProgress(NO_PROGRESS_DROP_MS - 1)).toBe('fine');
    expect(flow.checkProgress(NO_PROGRESS_DROP_MS)).toBe('dead');
  });

  it('is given time again by any progress', () => {
    const flow = flowWith(3);
    flow.acknowledge(1, 14_000);
    expect(flow.checkProgress(28_000)).toBe('fine');
    expect(flow.checkProgress(29_000)).toBe('went-back');
  });

  it('is not hurried while its window is shut, nor when nothing is on its way', () => {
    const flow = flowWith(3);
    flow.setWindow({ messages: 0, bytes: 0 }, 0);
    expect(flow.checkProgress(10 * NO_PROGRESS_DROP_MS)).toBe('fine');
    expect(flowWith(0).checkProgress(10 * NO_PROGRESS_DROP_MS)).toBe('fine');
  });
});
