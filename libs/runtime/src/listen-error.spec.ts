import { createServer } from 'node:net';
import { once } from 'node:events';
import { ConfigError } from './config-error.js';
import { describeListenError } from './listen-error.js';

/** The error of opening a port. */
async function errorOf(port: number, host: string): Promise<Error> {
  const server = createServer().listen(port, host);
  const [err] = (await once(server, 'error')) as [Error];
  return err;
}

describe('describeListenError', () => {
  it('tells how to choose another port when one is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const err = describeListenError(await errorOf(port, '127.0.0.1'), `TCP port ${port}`, 'port');
    holder.close();
    expect(err).toBeInstanceOf(ConfigError);
    expect(err.message).toBe(
      `TCP port ${port} is taken by another program: free it, or choose another with \`earshot config set port 7101\` (EARSHOT_PORT)`,
    );
  });

  it('tells when the address is not of this machine', async () => {
    const err = describeListenError(await errorOf(0, '192.0.2.1'), 'HTTP on 192.0.2.1', 'httpHost');
    expect(err.message).toMatch(/address that this machine does not have: .* \(EARSHOT_HTTP_HOST\)$/);
  });

  it('leaves every other error as it is', () => {
    const err = Object.assign(new Error('x'), { code: 'EMFILE' });
    expect(describeListenError(err, 'TCP port 7001', 'port')).toBe(err);
  });
});
