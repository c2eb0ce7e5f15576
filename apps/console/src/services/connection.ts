/** The way to the running services of this profile. Ports come from them, not from our own environment. */
import { createClient, type Client } from '@earshot/ipc';
import { IpcError, type IpcErrorCode } from '@earshot/protocol';
import { messengerContract, type MessengerContract, type ServiceName } from '@earshot/protocol/ipc';
import { checkDataFolder, dataFolder, EXIT, loadSettings, supervisedName, type DataFolder } from '@earshot/runtime';
import { CommandError } from '../output.js';
import { sentenceFor } from '../text/messages.js';

export type Messenger = Client<MessengerContract>;

export interface Connection {
  readonly paths: DataFolder;
  readonly messenger: Messenger;
}

/**
 * The data folder, looked at before its sockets are trusted; nothing is created.
 *
 * @throws ConfigError for a setting that is wrong, even one that only matters to the services: a misspelt EARSHOT_PROFILE
 * would otherwise send in somebody else's name.
 */
export function profileFolder(): DataFolder {
  const paths = dataFolder(process.env);
  checkDataFolder(paths);
  loadSettings(process.env, paths);
  return paths;
}

/** Runs a command against the messenger, and turns what fails into its exit code. */
export async function withMessenger<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const paths = profileFolder();
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
  'bad-status': EXIT.usage,
  'bad-address': EXIT.usage,
  'message-empty': EXIT.usage,
  'message-too-large': EXIT.usage,
  'message-malformed': EXIT.usage,
  'id-conflict': EXIT.usage,
};

/** An error of a service's as what the user reads and the script gets; any other error as it is. */
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

/** Codes whose detail tells the user more: sizes and addresses of our own services' making, never anybody's text. */
const TELLING: readonly IpcErrorCode[] = ['message-too-large', 'unreachable', 'bad-address', 'bad-username'];

function withDetail({ code, detail }: IpcError): string {
  return detail === '' || !TELLING.includes(code) ? sentenceFor(code) : `${sentenceFor(code)} (${detail})`;
}
