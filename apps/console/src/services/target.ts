/** An address that somebody typed. */
import { EXIT } from '@earshot/runtime';
import { CommandError } from '../output.js';

/** TCP port of an Earshot whose owner chose no other. */
const USUAL_PORT = 7001;
const TARGET = /^(?<host>[^:\s]{1,253})(?::(?<port>\d{1,5}))?$/;

/** `host[:port]`. */
export function parseTarget(text: string): { host: string; port: number } {
  const groups = TARGET.exec(text)?.groups;
  const host = groups?.['host'];
  const port = Number(groups?.['port'] ?? USUAL_PORT);
  if (host === undefined || port < 1 || port > 65_535)
    throw new CommandError(
      EXIT.usage,
      `give an IPv4 address or host name, with :port (1 to 65535) if it is not ${USUAL_PORT}`,
    );
  return { host, port };
}
