/** Uses everything, closes everything, and has to come to its end without being told to. */
import { discoveryContract, messengerContract } from '@earshot/protocol/ipc';
import { createClient } from '../src/index.js';
import { Follower, Roster } from './roster.js';

const [directory = ''] = process.argv.slice(2);
const roster = new Roster(directory);
await roster.service.start();
const client = createClient(discoveryContract, { directory });
const absent = createClient(messengerContract, { directory });
const follower = new Follower(directory);
await follower.ready;
roster.set('somebody');
await client.health();
await absent.health().catch(() => undefined);

follower.close();
await roster.service.stop();
const lateFollower = new Follower(directory);
await lateFollower.ready;
lateFollower.close();
client.close();
absent.close();
process.disconnect();
