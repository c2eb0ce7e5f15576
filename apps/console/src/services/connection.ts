/** The way to the running services of this profile. Ports come from them, not from our own environment. */
import { createClient, type Client } from '@earshot/ipc';
import { IpcError, type IpcErrorCode } from '@earshot/protocol';
import { messengerContract, type MessengerContract, type ServiceName } from '@earshot/protocol/ipc';
import { dataFolder, EXIT, supervisedName, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { sentenceFor } from '../text/messages.js';

export interface Connection {
  readonly paths: DataFolder;
  readonly messenger: Client<MessengerContract>;
}

/** Runs a command against the messenger, and turns what fails into its exit code. */
export async function withMessenger<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const paths = dataFolder(process.env);
  const messenger = createClient(messengerContract, { directory: paths.sockets });
  try {
    return await work({ paths, messenger });
  } catch (error) {
    throw asCommandError(error, 'messenger', paths);
  } finally {
    messenger.close();
  }
}

const EXIT_CODES: Partial<Record<IpcErrorCode, number>> = {
  'not-running': EXIT.notRunning,
  'timed-out': EXIT.timedOut,
  'not-registered': EXIT.notRegistered,
  'unknown-peer': EXIT.unknownPeer,
  'ambiguous-peer': EXIT.unknownPeer,
  'legacy-peer': EXIT.unknownPeer,
  'own-peer': EXIT.usage,
  'bad-username': EXIT.usage,
  'bad-address': EXIT.usage,
  'message-empty': EXIT.usage,
  'message-too-large': EXIT.usage,
  'message-malformed': EXIT.usage,
  'id-conflict': EXIT.usage,
};

export function asCommandError(error: unknown, service: ServiceName, paths: DataFolder): unknown {
  if (!(error instanceof IpcError)) return error;
  const code = EXIT_CODES[error.code] ?? EXIT.failed;
  return new CommandError(code, error.code === 'not-running' ? notRunning(service, paths) : withDetail(error));
}

/** Names the service and the command that starts it. */
export function notRunning(service: ServiceName, { profile }: DataFolder): string {
  const name = supervisedName(profile, service);
  return `the ${service} is not running: start everything with \`npm start\`, or this one with \`pm2 restart ${name}\``;
}

/** Details of these codes are addresses, sizes and reasons of our own services, never anybody's text. */
function withDetail({ code, detail }: IpcError): string {
  return detail === '' || code === 'internal' ? sentenceFor(code) : `${sentenceFor(code)} (${detail})`;
}
