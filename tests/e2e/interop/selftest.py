#!/usr/bin/env python3
"""The second implementation against itself and against the original program, over loopback.

It shows that the peer is fit to judge others: every hostile mode is refused by a correct peer, and messages
arrive once and in order whatever is killed or restored. Exits non-zero when anything fails.
"""
import contextlib
import json
import pathlib
import queue
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import earshot_peer

HERE = pathlib.Path(__file__).resolve().parent
OWN_SEED, PEER_SEED = '11' * 32, '22' * 32


def id_of(seed):
    key = earshot_peer.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    return earshot_peer.peer_id(earshot_peer.public_bytes(key))


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(('127.0.0.1', 0))
        return udp.getsockname()[1]


class Process:
    """A program that prints one JSON object per line."""

    def __init__(self, program, *arguments):
        self.child = subprocess.Popen([sys.executable, HERE / program, *map(str, arguments)], stdout=subprocess.PIPE,
                                      text=True)
        self.events, self.incoming = [], queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            self.incoming.put(json.loads(line))

    def wait_for(self, name, timeout=20, **fields):
        deadline = time.monotonic() + timeout
        while True:
            try:
                event = self.incoming.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                raise AssertionError(f'no {name} {fields}; there were {self.events[-5:]}') from None
            self.events.append(event)
            if event['event'] == name and fields.items() <= event.items():
                return event

    def ends(self, timeout=60):
        """The exit code; afterwards `events` holds everything that was printed."""
        code = self.child.wait(timeout)
        self.reader.join(5)
        while not self.incoming.empty():
            self.events.append(self.incoming.get())
        return code

    def of(self, name):
        return [event for event in self.events if event['event'] == name]

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.reader.join(5)
        self.child.stdout.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='earshot-interop-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def process(self, program, *arguments):
        process = Process(program, *arguments)
        self.addCleanup(process.stop)
        return process

    def own(self, *arguments, state='own'):
        return self.process('earshot_peer.py', '--identity-seed', OWN_SEED, '--name', 'own', '--state',
                            self.folder / state, *arguments)

    def peer(self, *arguments, state='peer', port=0):
        process = self.process('earshot_peer.py', '--identity-seed', PEER_SEED, '--name', 'peer', '--state',
                               self.folder / state, '--listen', f'127.0.0.1:{port}', *arguments)
        process.address = process.wait_for('listening')['address']
        return process

    def dial(self, peer, *arguments, **more):
        return self.own('--dial', peer.address, '--expect-id', id_of(PEER_SEED), *arguments, **more)

    def log(self, state, columns='content'):
        with contextlib.closing(sqlite3.connect(self.folder / state / 'peer.sqlite')) as db:
            rows = db.execute(f"SELECT {columns} FROM log WHERE kind = 'text' ORDER BY pos").fetchall()
        return [row[0].decode() for row in rows]


class Delivery(Case):
    def test_both_directions(self):
        peer = self.peer('--send', 'answer', '\ufeffzweite Antwort: Özmen ✓', '--expect-messages', 1)
        own = self.dial(peer, '--send', 'question', '--expect-messages', 2)
        self.assertEqual((own.ends(), peer.ends()), (0, 0))
        self.assertEqual([event['text'] for event in own.of('message')], ['answer', '\ufeffzweite Antwort: Özmen ✓'])
        self.assertEqual([event['text'] for event in peer.of('message')], ['question'])
        mine, theirs = own.of('session')[0], peer.of('session')[0]
        self.assertEqual((mine['role'], theirs['role']), ('initiator', 'responder'))
        self.assertEqual((mine['peer'], theirs['peer']), (id_of(PEER_SEED), id_of(OWN_SEED)))
        self.assertEqual((mine['username'], theirs['username']), ('peer', 'own'))
        self.assertEqual(mine['safety'], theirs['safety'])

    def test_large_texts_of_every_bucket(self):
        texts = ['x' * size for size in (1, 199, 200, 967, 968, 4039, 4040, 16327, 16328, 32768)]
        peer = self.peer('--expect-messages', len(texts))
        self.assertEqual((self.dial(peer, '--send', *texts).ends(), peer.ends()), (0, 0))
        self.assertEqual(self.log('peer'), texts)

    def test_3000_messages_each_way_roll_the_epochs(self):
        peer = self.peer('--send-many', 3000, '--expect-messages', 3000, '--timeout', 60)
        own = self.dial(peer, '--send-many', 3000, '--expect-messages', 3000, '--timeout', 60)
        self.assertEqual((own.ends(), peer.ends()), (0, 0))
        expected = [f'message {i}' for i in range(1, 3001)]
        self.assertEqual((self.log('own'), self.log('peer')), (expected, expected))
        closed = own.of('closed')[0]
        self.assertGreater(min(closed['sent'], closed['received']), 3000)

    def test_receiver_dies_between_commit_and_ack(self):
        peer = self.peer('--crash-after-commit', 4)
        own = self.dial(peer, '--send-many', 10)
        self.assertEqual(peer.ends(), 9)
        again = self.peer('--expect-messages', 6, port=peer.address.rpartition(':')[2])
        self.assertEqual((own.ends(), again.ends()), (0, 0))
        self.assertEqual(self.log('peer'), [f'message {i}' for i in range(1, 11)])
        self.assertEqual(len(again.of('message')), 6)

    def test_sender_restarts_with_a_full_outbox(self):
        nobody = self.own('--dial', '127.0.0.1:1', '--expect-id', id_of(PEER_SEED), '--send', 'one', 'two', '--once')
        self.assertEqual(nobody.ends(), 1)
        peer = self.peer('--expect-messages', 3)
        own = self.dial(peer, '--send', 'three')
        self.assertEqual((own.ends(), peer.ends()), (0, 0))
        self.assertEqual(self.log('peer'), ['one', 'two', 'three'])
        self.assertEqual(self.dial(self.peer(), '--wait-delivered').ends(), 0)
        self.assertEqual(self.log('peer'), ['one', 'two', 'three'])

    def test_own_state_restored_from_an_older_copy(self):
        self.own('--dial', '127.0.0.1:1', '--expect-id', id_of(PEER_SEED), '--send', 'one', '--once').ends()
        shutil.copytree(self.folder / 'own', self.folder / 'copy')
        peer = self.peer()
        self.assertEqual(self.dial(peer, '--send', 'two', 'three').ends(), 0)
        restored = self.dial(peer, '--send', 'four', 'five', 'six', 'seven', state='copy')
        self.assertEqual(restored.ends(), 0)
        self.assertEqual([event['who'] for event in restored.of('restored')], ['own'])
        # 'one' was in both copies under one id, and is there once.
        self.assertEqual(self.log('peer'), ['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
        peer.wait_for('duplicate')

    def test_peer_state_restored_from_an_older_copy(self):
        peer = self.peer('--expect-messages', 1)
        self.assertEqual((self.dial(peer, '--send', 'one').ends(), peer.ends()), (0, 0))
        shutil.copytree(self.folder / 'peer', self.folder / 'copy')
        peer = self.peer('--expect-messages', 2)
        self.assertEqual((self.dial(peer, '--send', 'two', 'three').ends(), peer.ends()), (0, 0))
        restored = self.peer('--expect-messages', 3, state='copy')
        own = self.dial(restored, '--send', 'four')
        self.assertEqual((own.ends(), restored.ends()), (0, 0))
        self.assertEqual([event['who'] for event in own.of('restored')], ['peer'])
        self.assertEqual(self.log('copy'), ['one', 'two', 'three', 'four'])

    def test_both_dial_each_other(self):
        with socket.socket() as tcp:
            tcp.bind(('127.0.0.1', 0))
            port = tcp.getsockname()[1]
        peer = self.peer('--dial', f'127.0.0.1:{port}', '--expect-id', id_of(OWN_SEED), '--send', 'b',
                         '--expect-messages', 1)
        own = self.dial(peer, '--listen', f'127.0.0.1:{port}', '--send', 'a', '--expect-messages', 1)
        self.assertEqual((own.ends(), peer.ends()), (0, 0))
        self.assertEqual((self.log('own'), self.log('peer')), (['b'], ['a']))


class Refusals(Case):
    def test_another_identity_than_expected(self):
        peer = self.peer()
        wrong = id_of('33' * 32)
        own = self.own('--dial', peer.address, '--expect-id', wrong, '--send', 'not for you', '--once')
        self.assertEqual(own.ends(), 1)
        self.assertEqual(own.of('failed')[0]['why'], 'another identity than expected')
        self.assertEqual(own.of('session') + self.log('peer'), [])

    def test_oneself(self):
        peer = self.peer()
        mirror = self.process('earshot_peer.py', '--identity-seed', PEER_SEED, '--name', 'peer', '--state',
                              self.folder / 'mirror', '--dial', peer.address, '--once')
        self.assertEqual(mirror.ends(), 1)
        self.assertEqual(mirror.of('failed')[0]['why'], 'that is us')

    def check_outcome(self, outcome):
        mode = outcome['mode']
        if mode in earshot_peer.ANSWERS:
            rejected = {'bad-utf8': 2, 'too-large-text': 1, 'critical-ctype': 3}.get(mode)
            acked = {'unknown-ignorable-type': None, 'gap-msg': 0}.get(mode, 1)
            self.assertEqual([outcome[key] for key in ('closed', 'rejected', 'acked', 'pong')],
                             [False, rejected, acked, True], outcome)
        else:
            self.assertEqual((outcome['closed'], outcome['pong'], outcome['why']), (True, False, None), outcome)
        if mode in earshot_peer.HANDSHAKE_MODES:
            self.assertEqual(outcome['replied'], 0, outcome)
        if mode == 'half-frame':
            self.assertGreater(outcome['seconds'], 4, 'the deadline counts from the connection, not from the last byte')

    def test_hostile_initiator(self):
        peer = self.peer('--send', 'for ack-future', '--timeout', 120)
        for mode in earshot_peer.MODES:
            if mode == 'reflect-share':
                continue
            with self.subTest(mode):
                own = self.dial(peer, '--misbehave', mode)
                self.assertEqual(own.ends(), 0)
                self.check_outcome(own.of('outcome')[0])
        # All of that has not disturbed it.
        self.assertEqual(self.dial(peer, '--send', 'still there').ends(), 0)
        peer.wait_for('message', text='still there')
        self.assertEqual([text for text in self.log('peer') if text == 'twice'], ['twice'])

    def test_hostile_responder(self):
        for mode in earshot_peer.MODES:
            with self.subTest(mode):
                peer = self.peer('--misbehave', mode, state='hostile')
                own = self.dial(peer, '--send', 'for ack-future', '--once')
                self.assertEqual(peer.ends(), 0)
                self.check_outcome(peer.of('outcome')[0])
                own.stop()


class Neighbours(Case):
    def test_announcements_are_heard_and_taken_back(self):
        port = free_udp_port()
        listener = self.own('--discovery-port', port)
        listener.wait_for('hearing')
        peer = self.peer('--discovery-port', free_udp_port(), '--announce-to', f'127.0.0.1:{port}')
        heard = listener.wait_for('heard')
        self.assertEqual((heard['id'], heard['username'], heard['address'], heard['source'], heard['goodbye']),
                         (id_of(PEER_SEED), 'peer', peer.address, '127.0.0.1', False))
        peer.stop()
        listener.wait_for('heard', goodbye=True)

    def test_the_original_program_hears_and_is_heard(self):
        port, other = free_udp_port(), free_udp_port()
        listener = self.own('--discovery-port', port)
        listener.wait_for('hearing')
        self.process('original.py', 'announce', '--username', 'old', '--ip', '127.0.0.1', '--port', 7001, '--to',
                     '127.0.0.1', '--udp-port', port, '--interval', 0.2)
        legacy = listener.wait_for('legacy')
        self.assertEqual((legacy['username'], legacy['address']), ('old', '127.0.0.1:7001'))
        original = self.process('original.py', 'listen', '--udp-port', other, '--expect', 1)
        original.wait_for('listening')
        peer = self.peer('--discovery-port', free_udp_port(), '--announce-to', f'127.0.0.1:{other}')
        self.assertEqual(original.ends(), 0)
        self.assertEqual(original.of('peer')[0], {'event': 'peer', 'username': 'peer', 'ip': '127.0.0.1',
                                                  'port': int(peer.address.rpartition(':')[2]), 'source': '127.0.0.1'})

    def test_the_original_program_dies_of_what_it_cannot_parse(self):
        for datagram in (b'{', b'[]', b'{"username":"a","ip":"1"}', b'{"username":"a b","ip":"1","port":1}',
                         b'{"username":"a","ip":"1","port":1,"x":"' + b'x' * 1024 + b'"}'):
            with self.subTest(datagram[:40]):
                original = self.process('original.py', 'listen', '--udp-port', 0, '--timeout', 5)
                port = original.wait_for('listening')['port']
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                    udp.sendto(datagram, ('127.0.0.1', port))
                self.assertEqual(original.ends(), 1)
                self.assertEqual(len(original.of('crashed')), 1)

    def test_clear_text_is_refused_without_a_word(self):
        peer = self.peer()
        original = self.process('original.py', 'send-tcp', '--port', peer.address.rpartition(':')[2], 'psst')
        self.assertEqual(original.ends(), 0)
        self.assertEqual(original.of('closed'), [{'event': 'closed', 'answered': 0}])
        self.assertEqual(peer.wait_for('failed')['why'], 'not this protocol')
        self.assertEqual(self.log('peer'), [])


class Vectors(unittest.TestCase):
    def test_they_are_reproduced(self):
        done = subprocess.run([sys.executable, HERE / 'check_vectors.py'], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == '__main__':
    unittest.main()
