import { UNACCEPTED_BYTES_PER_SECOND, UNACCEPTED_RECORDS_PER_SECOND } from '@earshot/protocol';
import { ReceiveQuota } from './receive-quota.js';

describe('what an unaccepted peer may send', () => {
  it('is 200 records a second, then a pause until the next one', () => {
    const quota = new ReceiveQuota(0);
    expect(quota.count(UNACCEPTED_RECORDS_PER_SECOND - 1, 0, 100)).toBe(0);
    expect(quota.count(1, 0, 400)).toBe(600);
    expect(quota.count(1, 0, 1_000)).toBe(0);
  });

  it('is 2 MiB a second', () => {
    const quota = new ReceiveQuota(0);
    expect(quota.count(1, UNACCEPTED_BYTES_PER_SECOND - 1, 10)).toBe(0);
    expect(quota.count(1, 1, 10)).toBe(990);
  });
});
