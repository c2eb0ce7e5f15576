import {
  HALF_OPEN_MAX,
  HALF_OPEN_MAX_PER_IP,
  HALF_OPEN_RESERVED,
  HANDSHAKES_PER_SECOND,
  HANDSHAKES_PER_SECOND_PER_IP,
} from '@earshot/protocol';
import { Admission } from './admission.js';

function admission() {
  const clock = { now: 0 };
  return { clock, gate: new Admission(() => clock.now) };
}
const ip = (i: number) => `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`;

describe('who may begin a handshake', () => {
  it('lets one address begin three a second', () => {
    const { gate, clock } = admission();
    const enter = () => {
      const leave = gate.enter('10.0.0.1');
      leave?.();
      return leave !== undefined;
    };
    expect([...Array(10).keys()].filter(enter)).toHaveLength(HANDSHAKES_PER_SECOND_PER_IP);
    clock.now = 1_000;
    expect([...Array(10).keys()].filter(enter)).toHaveLength(HANDSHAKES_PER_SECOND_PER_IP);
  });

  it('lets all addresses together begin twenty a second', () => {
    const { gate } = admission();
    expect([...Array(200).keys()].filter((i) => gate.enter(ip(i)) !== undefined)).toHaveLength(HANDSHAKES_PER_SECOND);
  });

  it('keeps at most four half-open for one address, and 32 in all', () => {
    const { gate, clock } = admission();
    let one = 0;
    let all = 0;
    for (let second = 0; second < 20; second += 1) {
      clock.now = second * 1_000;
      if (gate.enter('10.9.9.9') !== undefined) one += 1;
    }
    for (let second = 20; second < 40; second += 1) {
      clock.now = second * 1_000;
      for (let i = 0; i < 10; i += 1) if (gate.enter(ip(second * 10 + i)) !== undefined) all += 1;
    }
    expect(one).toBe(HALF_OPEN_MAX_PER_IP);
    expect(one + all).toBe(HALF_OPEN_MAX);
  });

  it('keeps slots for addresses that an accepted peer came from, whatever the strangers do', () => {
    const { gate, clock } = admission();
    for (let i = 0; i < 20; i += 1) gate.remember(ip(1_000 + i));
    for (let second = 0; second < 5; second += 1) {
      clock.now = second * 1_000;
      for (let i = 0; i < 100; i += 1) gate.enter(ip(second * 100 + i));
    }
    expect(gate.enter(ip(5_000))).toBeUndefined();
    expect([...Array(20).keys()].filter((i) => gate.enter(ip(1_000 + i)) !== undefined)).toHaveLength(
      HALF_OPEN_RESERVED,
    );
  });

  it('lets a known address begin no more than any other one', () => {
    const { gate } = admission();
    gate.remember('10.0.0.1');
    const enter = () => {
      const leave = gate.enter('10.0.0.1');
      leave?.();
      return leave !== undefined;
    };
    expect([...Array(100).keys()].filter(enter)).toHaveLength(HANDSHAKES_PER_SECOND_PER_IP);
  });

  it('lets known addresses together begin as many as the others, and not in place of them', () => {
    const { gate } = admission();
    for (let i = 0; i < 200; i += 1) gate.remember(ip(1_000 + i));
    const enter = (i: number) => {
      const leave = gate.enter(ip(i));
      leave?.();
      return leave !== undefined;
    };
    expect([...Array(200).keys()].filter(enter)).toHaveLength(HANDSHAKES_PER_SECOND);
    expect([...Array(200).keys()].filter((i) => enter(1_000 + i))).toHaveLength(HANDSHAKES_PER_SECOND);
  });

  it('gives no address its share anew because others came by', () => {
    const { gate, clock } = admission();
    clock.now = 900;
    for (let i = 0; i < HANDSHAKES_PER_SECOND_PER_IP; i += 1) gate.enter('10.9.9.9')?.();
    for (clock.now = 1_000; clock.now < 1_200; clock.now += 20)
      for (let i = 0; i < 100; i += 1) gate.enter(ip(clock.now + i))?.();
    expect(gate.enter('10.9.9.9')).toBeUndefined();
  });

  it('remembers the shares of those only who got in lately', () => {
    const { gate, clock } = admission();
    const { perIp } = gate as unknown as { perIp: Map<string, unknown> };
    for (let second = 0; second < 100; second += 1) {
      clock.now = second * 1_000;
      for (let i = 0; i < 1_000; i += 1) gate.enter(ip(second * 1_000 + i))?.();
      expect(perIp.size).toBeLessThanOrEqual(2 * HANDSHAKES_PER_SECOND);
    }
  });

  it('counts a slot as free once, however often it is left', () => {
    const { gate, clock } = admission();
    const leaves: (() => void)[] = [];
    for (let i = 0; i < HALF_OPEN_MAX_PER_IP; i += 1) {
      clock.now += 1_000;
      const leave = gate.enter('10.0.0.1');
      if (leave !== undefined) leaves.push(leave);
    }
    expect(leaves).toHaveLength(HALF_OPEN_MAX_PER_IP);
    clock.now += 1_000;
    leaves[0]?.();
    leaves[0]?.();
    expect(gate.enter('10.0.0.1')).toBeDefined();
    expect(gate.enter('10.0.0.1')).toBeUndefined();
  });
});
