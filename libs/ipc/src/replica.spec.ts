import fc from 'fast-check';
import { Replica } from './replica.js';

const A = 'a'.repeat(16);
const B = 'b'.repeat(16);

function recorded() {
  const log: string[] = [];
  const replica = new Replica<string>(
    () => log.push('reset'),
    (event) => log.push(event),
  );
  return { log, replica };
}

describe('a replica', () => {
  it('applies the snapshot at one go, then what was held, then what comes', () => {
    const { log, replica } = recorded();
    for (const sequence of [4, 5, 6]) replica.receive({ instance: A, sequence, event: `event ${sequence}` });
    expect(log).toEqual([]);
    replica.adopt({ instance: A, sequence: 5 }, ['one', 'two']);
    replica.receive({ instance: A, sequence: 7, event: 'event 7' });
    expect(log).toEqual(['reset', 'one', 'two', 'event 6', 'event 7']);
  });

  it('counts an event that it cannot read', () => {
    const { log, replica } = recorded();
    replica.adopt({ instance: A, sequence: 0 }, []);
    replica.receive({ instance: A, sequence: 1, event: undefined });
    replica.receive({ instance: A, sequence: 2, event: 'two' });
    expect(log).toEqual(['reset', 'two']);
  });

  it('is behind after a gap, and stays so when what was held has one', () => {
    const { log, replica } = recorded();
    replica.adopt({ instance: A, sequence: 1 }, []);
    replica.receive({ instance: A, sequence: 3, event: 'three' });
    expect(replica.behind).toBe(true);
    replica.receive({ instance: A, sequence: 5, event: 'five' });
    replica.adopt({ instance: A, sequence: 3 }, ['snapshot']);
    expect(replica.behind).toBe(true);
    replica.adopt({ instance: A, sequence: 5 }, ['all']);
    expect(replica.behind).toBe(false);
    expect(log).toEqual(['reset', 'reset', 'snapshot', 'reset', 'all']);
  });

  it('does not take what a former instance left for a reason to begin again', () => {
    const { replica } = recorded();
    replica.receive({ instance: A, sequence: 9, event: 'old' });
    replica.adopt({ instance: B, sequence: 0 }, []);
    expect(replica.behind).toBe(false);
  });

  it('gives the newest events a round to arrive, and not two', () => {
    const { replica } = recorded();
    replica.adopt({ instance: A, sequence: 3 }, []);
    replica.compare({ instance: A, sequence: 4 });
    expect(replica.behind).toBe(false);
    replica.receive({ instance: A, sequence: 4, event: 'just late' });
    replica.compare({ instance: A, sequence: 5 });
    expect(replica.behind).toBe(false);
    replica.compare({ instance: A, sequence: 5 });
    expect(replica.behind).toBe(true);
  });

  it('is behind when the service is another one, whatever its number', () => {
    const { replica } = recorded();
    replica.adopt({ instance: A, sequence: 3 }, []);
    replica.compare({ instance: B, sequence: 3 });
    expect(replica.behind).toBe(true);
  });

  it('holds a bounded number of events, and what it threw away shows as a gap', () => {
    const { log, replica } = recorded();
    for (let sequence = 1; sequence <= 10_001; sequence += 1) {
      replica.receive({ instance: A, sequence, event: `event ${sequence}` });
    }
    replica.adopt({ instance: A, sequence: 0 }, []);
    expect(replica.behind).toBe(true);
    expect(log).toEqual(['reset']);
  });
});

/** What may happen between a service and its subscriber, in any order. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), key: fc.nat(3), value: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('snapshot' as const, 'adopt' as const, 'compare' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('drop' as const, 'reconnect' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), forgets: fc.boolean() }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A service and its subscriber, with a wire in between that only the steps move. */
class World {
  readonly state = new Map<number, number>();
  readonly followed = new Map<number, number>();
  /** Every state that the service ever had. */
  readonly states = new Set<string>(['[]']);
  readonly replica = new Replica<[number, number]>(
    () => {
      this.followed.clear();
    },
    (event) => {
      apply(this.followed, event);
    },
  );
  #instance = 0;
  #sequence = 0;
  #wire: { instance: string; sequence: number; event: [number, number] }[] = [];
  #fetched = this.snapshot();

  get at() {
    return { instance: String(this.#instance), sequence: this.#sequence };
  }

  snapshot() {
    return { at: this.at, items: [...this.state] };
  }

  run(next: Step): void {
    switch (next.do) {
      case 'publish':
        this.#sequence += 1;
        apply(this.state, [next.key, next.value]);
        this.states.add(written(this.state));
        this.#wire.push({ ...this.at, event: [next.key, next.value] });
        break;
      case 'deliver': {
        const event = this.#wire.shift();
        if (event !== undefined) this.replica.receive(event);
        break;
      }
      case 'snapshot':
        this.#fetched = this.snapshot();
        break;
      case 'adopt':
        // A later fetch than the newest connection, as the subscription sees to.
        if (this.replica.behind) this.replica.adopt(this.#fetched.at, this.#fetched.items);
        break;
      case 'compare':
        this.replica.compare(this.at);
        break;
      case 'drop':
        this.#wire = [];
        break;
      case 'reconnect':
        this.#wire = [];
        this.replica.invalidate();
        break;
      case 'restart':
        this.#instance += 1;
        this.#sequence = 0;
        if (next.forgets) this.state.clear();
        this.states.add(written(this.state));
        break;
    }
  }

  /** Nothing happens any more but what the subscription does by itself. */
  settle(): void {
    while (this.#wire.length > 0) this.run({ do: 'deliver' });
    for (let round = 0; round < 3; round += 1) {
      this.run({ do: 'compare' });
      this.run({ do: 'snapshot' });
      this.run({ do: 'adopt' });
    }
  }
}

/** Setting to 0 removes. */
function apply(state: Map<number, number>, [key, value]: [number, number]): void {
  if (value === 0) state.delete(key);
  else state.set(key, value);
}

function written(state: ReadonlyMap<number, number>): string {
  return JSON.stringify([...state].sort(([a], [b]) => a - b));
}

describe('whatever is dropped, late or restarted', () => {
  it('a replica only ever shows a state that the service had, and ends with the present one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const next of steps) {
          world.run(next);
          expect(world.states).toContain(written(world.followed));
        }
        world.settle();
        expect(world.replica.behind).toBe(false);
        expect(written(world.followed)).toBe(written(world.state));
      }),
      { numRuns: 2_000 },
    );
  });
});
