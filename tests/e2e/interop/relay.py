#!/usr/bin/env python3
"""Somebody in between: to alice he is bob and to bob he is alice, with a key of his own. He reads what passes, and sends it on.

Two peers of earshot_peer.py in one process, both with that key. Each announces itself to its victim, calls there, and takes
calls; the texts that one receives are the texts that the other sends.
"""
import argparse
import asyncio
import os
import signal
import sys

import earshot_peer
from earshot_peer import Node, Session, emit, parse_arguments, peer_id


class RelayedSession(Session):
    def answer(self):
        # After the commit, like an ACK.
        for event, fields in self.events:
            if event == 'message':
                self.node.other.pass_on(fields['text'])
        super().answer()


class Face(Node):
    """What one of the two sees."""

    other = None

    def pass_on(self, text):
        self.texts.append(text)
        # Where there is no session yet, the first one takes it along.
        for session in self.sessions.values():
            self.compose(session.peer)
            session.wake.set()


def face(args, name, listen, victim):
    host, _, port = listen.rpartition(':')
    return Face(parse_arguments([
        '--identity-seed', args.seed, '--name', name, '--state', os.path.join(args.state, name), '--listen', listen,
        '--dial', victim, '--announce-to', f'{victim.rpartition(":")[0]}:6004', '--discovery-port', '0',
        '--timeout', '600', '--expect-messages', '1000000']))


async def run(args):
    as_bob = face(args, 'bob', args.as_bob, args.alice)
    as_alice = face(args, 'alice', args.as_alice, args.bob)
    as_bob.other, as_alice.other = as_alice, as_bob
    emit('relay', id=peer_id(as_bob.identity))
    faces = [asyncio.create_task(each.run()) for each in (as_bob, as_alice)]
    await asyncio.sleep(0)

    def stop():
        as_bob.done.set()
        as_alice.done.set()
    # Each of the two has asked for the signals, and the last one has them.
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop)
    await asyncio.gather(*faces)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seed', required=True, help='Ed25519 seed, 32 bytes in hex')
    parser.add_argument('--state', required=True, help='folder')
    parser.add_argument('--alice', required=True, metavar='IP:PORT', help='where she is')
    parser.add_argument('--bob', required=True, metavar='IP:PORT', help='where he is')
    parser.add_argument('--as-alice', required=True, metavar='IP:PORT', help='where to be alice')
    parser.add_argument('--as-bob', required=True, metavar='IP:PORT', help='where to be bob')
    earshot_peer.Session = RelayedSession
    asyncio.run(run(parser.parse_args()))


if __name__ == '__main__':
    sys.exit(main())
