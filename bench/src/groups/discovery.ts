/** What it costs to be around: in a crowd, and with nobody else, in network namespaces. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DISCOVERY_PORT } from '@earshot/protocol';
import { Lab, until, type EarshotNode, type Host } from '@earshot/testkit';
import { startNode } from '../nodes/pair.js';
import { costIsKnown, pidOf, processorMs } from '../nodes/process-cost.js';
import { UdpPayload } from '../nodes/udp-payload.js';
import type { Place } from '../place.js';
import type { Group, Row } from '../row.js';

const PEOPLE = 2_000;
/** As few as our own limit of 16 people an address allows. */
const ADDRESSES = Array.from({ length: 125 }, (_, n) => `10.77.0.${100 + n}`);
/** Three times that everybody announces. */
const MEASURED_MS = 24_000;
/** The burst after a start is over, and the rounds by all paths (32 s) come twice. */
const SETTLE_MS = 5_000;
const IDLE_MS = 64_000;
const ANNOUNCEMENTS_PER_SECOND = PEOPLE / 8;

export const discovery: Group = {
  name: 'discovery',
  async rows(place) {
    const missing = Lab.unavailable();
    if (missing !== undefined || !costIsKnown) {
      place.note(`${missing ?? 'what processes use is read on Linux alone'}: what discovery costs is left out`);
      return [];
    }
    const lab = Lab.open();
    place.defer(() => {
      lab.close();
    });
    const host = lab.host('a');
    const node = await startNode(place, 'a', ['discovery', 'messenger'], host);
    let shares: Promise<Readonly<Record<'discovery' | 'messenger', number>>> | undefined;
    const inCrowd = async () => {
      await crowd(place, lab.host('crowd'));
      await until('everybody is in the list', async () => (await online(node)) === PEOPLE);
      return cost(node);
    };
    return [
      idleBytes(host),
      ...(['discovery', 'messenger'] as const).map((app) => ({
        name: `${app} among ${PEOPLE} people, processor time`,
        unit: '% of a core',
        goal: { atMost: 5 },
        rounds: 1,
        async measure() {
          return (await (shares ??= inCrowd()))[app];
        },
        reference: () => ({ 'as many signatures checked, %': signatureShare() }),
      })),
      {
        name: `people shown of ${PEOPLE} that are around`,
        unit: 'people',
        goal: { atLeast: PEOPLE },
        rounds: 1,
        measure: () => online(node),
        reference: () => ({ 'source addresses': ADDRESSES.length }),
      },
    ];
  },
};

/** With nobody else around. */
function idleBytes(host: Host): Row {
  const original = Buffer.byteLength(JSON.stringify({ username: 'a', ip: host.ip, port: 7001 }));
  return {
    name: 'UDP payload sent by an interface, idle',
    unit: 'B/s',
    goal: { atMost: 100 },
    rounds: 1,
    async measure() {
      await sleep(SETTLE_MS);
      const sent = await UdpPayload.count(host, 'eth0');
      await sleep(IDLE_MS);
      return (await sent.bytes()) / (IDLE_MS / 1_000);
    },
    // It sends one datagram in eight seconds.
    reference: () => ({ 'the original program B/s': original / 8 }),
  };
}

async function crowd(place: Place, host: Host): Promise<void> {
  const lines = ADDRESSES.map((ip) => `addr add ${ip}/24 dev eth0`);
  const added = await host.exec('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
  if (added.code !== 0) throw new Error(added.stderr);
  const program = fileURLToPath(new URL('../nodes/crowd.js', import.meta.url));
  const people = host.background(process.execPath, [
    program,
    String(PEOPLE),
    `10.77.0.255:${DISCOVERY_PORT}`,
    ...ADDRESSES,
  ]);
  place.defer(async () => {
    await people.stop('SIGKILL');
  });
  await people.line('everybody is there', (line) => line === 'ready');
}

async function online(node: EarshotNode): Promise<number> {
  return (await node.ask('peers')).filter(({ presence }) => presence === 'online').length;
}

async function cost(node: EarshotNode) {
  const pids = await Promise.all((['discovery', 'messenger'] as const).map(async (app) => pidOf(await node.pid(app))));
  const used = () => pids.map(processorMs);
  const before = used();
  await sleep(MEASURED_MS);
  const [ofDiscovery = NaN, ofMessenger = NaN] = used().map((ms, n) => ((ms - (before[n] ?? NaN)) / MEASURED_MS) * 100);
  return { discovery: ofDiscovery, messenger: ofMessenger };
}

/** Percent of a core that checking the signatures of the crowd takes by itself. */
function signatureShare(): number {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = Buffer.alloc(80);
  const signature = sign(null, blob, privateKey);
  const count = 2_000;
  const before = performance.now();
  for (let n = 0; n < count; n++) verify(null, blob, publicKey, signature);
  return (((performance.now() - before) / count) * ANNOUNCEMENTS_PER_SECOND) / 10;
}
