/** Completion in shells: the scripts, and what they ask while somebody presses Tab. */
import { checkUsername, IpcError, sameName } from '@earshot/protocol';
import type { Peer } from '@earshot/protocol/ipc';
import { SETTINGS } from '@earshot/runtime';
import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { completionTree } from '../completion/tree.js';
import { zshCompletion } from '../completion/zsh.js';
import { CommandError, print } from '../output.js';
import { withMessenger, type Messenger } from '../services/connection.js';
import { outboxPages } from '../services/outbox.js';
import { allPeers } from '../services/peers.js';
import { taggedName } from '../text/lines.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
export type Shell = keyof typeof SHELLS;

export function completion(program: Command, shell: Shell): void {
  process.stdout.write(SHELLS[shell](completionTree(program, Object.keys(SETTINGS))));
}

const ASKED = { peers: peerNames, messages: queuedIds };
export type Asked = keyof typeof ASKED;

/** One candidate a line. Somebody is in the middle of a line: where there is nothing to offer, nothing is said, whatever the reason. */
export async function complete(what: Asked): Promise<void> {
  try {
    await withMessenger(async ({ messenger }) => {
      for (const word of await ASKED[what](messenger)) print(word);
    });
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof IpcError)) throw error;
  }
}

/** Everybody whom a command can be about, as it can be typed: with the tag where two share a name. */
async function peerNames(messenger: Messenger): Promise<string[]> {
  const peers = (await allPeers(messenger)).filter(
    ({ id, username }) => id !== null && checkUsername(username) === 'ok',
  );
  const isShared = ({ id, username }: Peer) =>
    peers.some((other) => other.id !== id && sameName(other.username, username));
  return peers.map((peer) => (isShared(peer) ? taggedName(peer) : peer.username));
}

/** Of what can still be taken back, or asked about. */
async function queuedIds(messenger: Messenger): Promise<string[]> {
  const ids: string[] = [];
  for await (const { items } of outboxPages(messenger)) ids.push(...items.map(({ id }) => id));
  return ids;
}
