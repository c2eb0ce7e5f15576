import type { Clock } from './clock.js';

export interface UpkeepOptions {
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly wallClock: () => number;
  /** Looks through the roster for who fell silent. */
  readonly expire: () => void;
  /** Follows the interfaces; answers whether they changed. */
  readonly follow: () => Promise<boolean>;
  /** Other people may hear us now. */
  readonly onMoved: () => void;
}

const TICK_MS = 500;
/** A tick this late by the wall clock: the machine slept, and may be elsewhere now. */
const SLEPT_MS = 10_000;

/** What has to be looked at all the time, since no event tells of it. */
export class Upkeep {
  private tickedAt = 0;
  private ticking: Promise<void> | undefined;
  private stopped = false;
  private callOff: () => void = () => undefined;

  constructor(private readonly options: UpkeepOptions) {}

  start(): void {
    this.tickedAt = this.options.wallClock();
    this.tickLater();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff();
    await this.ticking;
  }

  private tickLater(): void {
    if (this.stopped) return;
    this.callOff = this.options.clock.after(TICK_MS, () => {
      this.ticking = this.tick();
    });
  }

  private async tick(): Promise<void> {
    const { wallClock, expire, follow, onMoved } = this.options;
    const slept = wallClock() - this.tickedAt > SLEPT_MS;
    this.tickedAt = wallClock();
    expire();
    const moved = await follow();
    if ((moved || slept) && !this.stopped) onMoved();
    this.tickLater();
  }
}
