import { messageId } from './ipc/entities.js';
import { newMessageId } from './message-id.js';

describe('a new message id', () => {
  it.each([0, -1, Date.UTC(2026, 10, 27), 2 ** 48 - 1, 2 ** 53 - 1])(
    'has the shape of a UUID of version 7 at %d',
    (now) => {
      const id = newMessageId(now);
      expect(messageId.safeParse(id).success).toBe(true);
      expect(id).toMatch(/^.{14}7.{4}[89ab]/);
    },
  );

  it('begins with the time, so that later ids sort behind earlier ones', () => {
    const now = Date.UTC(2026, 10, 27);
    expect(parseInt(newMessageId(now).replace('-', '').slice(0, 12), 16)).toBe(now);
    expect(newMessageId(now) < newMessageId(now + 1)).toBe(true);
  });

  it('is another one each time, also within a millisecond', () => {
    const ids = Array.from({ length: 1_000 }, () => newMessageId(1));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
