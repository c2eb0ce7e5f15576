/** Addresses remembered at most. */
const TABLE_MAX = 1_024;

/** How far away each address was when it last answered, in memory: networks change, and a wrong order costs 250 ms. */
export class RoundTrips {
  /** By `ip:port`, ms, longest untouched first. */
  private readonly byAddress = new Map<string, number>();

  of(address: string): number | undefined {
    return this.byAddress.get(address);
  }

  note(address: string, ms: number): void {
    this.byAddress.delete(address);
    this.byAddress.set(address, ms);
    const [oldest = address] = this.byAddress.keys();
    if (this.byAddress.size > TABLE_MAX) this.forget(oldest);
  }

  /** It failed, or was slower than another one: nothing speaks for trying it first. */
  forget(address: string): void {
    this.byAddress.delete(address);
  }
}
