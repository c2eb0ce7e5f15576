import { createInterface, type Interface } from 'node:readline';
import { thisMachine } from '@earshot/testkit';
import type { Place } from '../place.js';

/** Prints the version, then for each line of a size and a count the milliseconds that many seals and opens took. */
const PROGRAM = `
import sys, time, cryptography
from cryptography.fernet import Fernet
fernet = Fernet(Fernet.generate_key())
print(cryptography.__version__, flush=True)
for line in sys.stdin:
    size, count = map(int, line.split())
    plaintext = b'x' * size
    start = time.perf_counter()
    for _ in range(count):
        fernet.decrypt(fernet.encrypt(plaintext))
    print((time.perf_counter() - start) * 1000, flush=True)
`;

/** Python's Fernet in a process that stays, so that its start is not measured. */
export class PythonFernet {
  private constructor(
    readonly version: string,
    private readonly ask: (line: string) => Promise<string | undefined>,
  ) {}

  /** Undefined where there is no Python 3 or no `cryptography`. */
  static async start(place: Place): Promise<PythonFernet | undefined> {
    const child = thisMachine.spawn('python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('bug: its ends are pipes');
    const started = new Promise<boolean>((resolve) =>
      child
        .once('spawn', () => {
          resolve(true);
        })
        .once('error', () => {
          resolve(false);
        }),
    );
    if (!(await started)) return undefined;
    // It may end before it reads.
    stdin.on('error', () => undefined);
    place.defer(() => void child.kill('SIGKILL'));
    const answer = lineByLine(createInterface({ input: stdout }));
    const version = await answer();
    return version === undefined
      ? undefined
      : new PythonFernet(version, (line) => {
          stdin.write(`${line}\n`);
          return answer();
        });
  }

  /** Milliseconds. */
  async run(bytes: number, count: number): Promise<number> {
    const answer = await this.ask(`${bytes} ${count}`);
    if (answer === undefined) throw new Error('Python ended');
    return Number(answer);
  }
}

/** The next line each time, undefined after the last one. */
function lineByLine(lines: Interface): () => Promise<string | undefined> {
  const iterator = lines[Symbol.asyncIterator]();
  return async () => {
    const next = await iterator.next();
    return next.done === true ? undefined : next.value;
  };
}
