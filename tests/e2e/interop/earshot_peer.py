#!/usr/bin/env python3
"""A second implementation of earshot/1, to stand on the other end of the wire in end-to-end tests.

It is written from the protocol document alone and shares no code with the messenger, so that a rule which one
side misread shows up as two programs that cannot talk. Section numbers (§) refer to that document.

Left out, because a test peer does not need them: rekeying of old sessions (a new session simply supersedes),
flood limits (§10), and the decision whom to trust (everybody who proves an identity may talk).
"""
import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import sqlite3
import struct
import sys
import time
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PROTOCOL_NAME = b'earshot/1 SIGMA-I X25519 Ed25519 HKDF-SHA256 Fernet'
BUCKETS = (256, 1024, 4096, 16384, 65536)
HELLO_I, HELLO_R, AUTH_I = {0x01: {73}}, {0x02: {701}}, {0x03: {633}}
RECORD = {0x10: {441, 1465, 5561, 21945, 87481}}
READY, SYNC, MSG, ACK, REJECT, PING, PONG, CLOSE, WINDOW = range(1, 10)
BODY_BYTES = {READY: 1, ACK: 16, REJECT: 17, PING: 8, PONG: 8, CLOSE: 1, WINDOW: 6}
MSG_HEAD = struct.Struct('>8sQ16sQB')
MARK = struct.Struct('>8sQ16s')
CLOSE_REASONS = {0: 'stopping', 1: 'superseded', 2: 'rekeyed', 3: 'busy', 4: 'idle'}
TEXT, MAX_TEXT = 1, 32768
TOO_LARGE, MALFORMED, UNKNOWN_CONTENT = 1, 2, 3
FIRST_WINDOW, OUR_WINDOW = (64, 524288), (8192, 8 << 20)
GOODBYE, QUERY, BUSY = 1, 2, 4
LAST_COUNTER = 2**32 - 1


class Violation(Exception):
    """The other side broke a rule. It is told nothing: the connection just ends."""


def check(holds, what):
    if not holds:
        raise Violation(what)


def emit(event, **fields):
    print(json.dumps({'event': event, **fields}), flush=True)


# --- §2 notation ---------------------------------------------------------------------------------------------

def mix(h, message):
    return hashlib.sha256(h + struct.pack('>I', len(message)) + message).digest()


def mac(key, message):
    return hmac.digest(key, message, 'sha256')


def expand(prk, label, context=b'', size=32):
    info, out, block = label.encode() + b'\0' + context, b'', b''
    for i in range(1, -(-size // 32) + 1):
        block = mac(prk, block + info + bytes([i]))
        out += block
    return out[:size]


def fernet_seal(key, plain, now, iv):
    gap = 16 - len(plain) % 16
    aes = Cipher(algorithms.AES(key[16:]), modes.CBC(iv)).encryptor()
    head = b'\x80' + struct.pack('>Q', now) + iv + aes.update(plain + bytes([gap]) * gap) + aes.finalize()
    return base64.urlsafe_b64encode(head + mac(key[:16], head))


def fernet_open(key, token):
    """No TTL on purpose (§6): freshness comes from the session, and clocks of strangers differ."""
    try:
        raw = base64.urlsafe_b64decode(token)
    except ValueError:
        raise Violation('token: not base64') from None
    check(base64.urlsafe_b64encode(raw) == token, 'token: not canonical base64')
    check(len(raw) >= 73 and (len(raw) - 57) % 16 == 0, 'token: size')
    check(raw[0] == 0x80, 'token: version')
    check(hmac.compare_digest(mac(key[:16], raw[:-32]), raw[-32:]), 'token: MAC')
    aes = Cipher(algorithms.AES(key[16:]), modes.CBC(raw[9:25])).decryptor()
    plain = aes.update(raw[25:-32]) + aes.finalize()
    gap = plain[-1]
    check(1 <= gap <= 16 and plain.endswith(bytes([gap]) * gap), 'token: padding')
    return plain[:-gap]


# --- §7 identities, §8 names ---------------------------------------------------------------------------------

FIELD = 2**255 - 19
ORDER_8 = ('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
           'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
SMALL_ORDER_Y = {0, 1, FIELD - 1} | {int.from_bytes(bytes.fromhex(y), 'little') for y in ORDER_8}
DEFAULT_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF))


def identity_ok(key):
    # For a small-order point a signature can be made without any secret, and the verifier would accept it.
    y = int.from_bytes(key, 'little') & (2**255 - 1)
    return len(key) == 32 and y < FIELD and y not in SMALL_ORDER_Y


def public_bytes(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def sign(key, label, message):
    return key.sign(label.encode() + b'\0' + message)


def verify(identity, label, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(identity).verify(signature, label.encode() + b'\0' + message)
    except (InvalidSignature, ValueError):
        raise Violation('signature') from None


def peer_id(identity):
    return base64.b32encode(identity).decode().lower().rstrip('=')


def identity_from_peer_id(text):
    identity = base64.b32decode(text.upper() + '====')
    if len(identity) != 32 or peer_id(identity) != text:
        raise ValueError('not a peer id')
    return identity


def safety_number(one, other):
    pair = min(one, other) + max(one, other)
    digest = hashlib.sha512(b'earshot/1 safety\0' + pair).digest()
    for _ in range(4999):
        digest = hashlib.sha512(digest + pair).digest()
    return ' '.join(f'{int.from_bytes(digest[i:i + 5], "big") % 100000:05}' for i in range(0, 60, 5))


def name_ok(name):
    if not 1 <= len(name) <= 32 or any(0xD800 <= ord(c) <= 0xDFFF for c in name) or len(name.encode()) > 64:
        return False
    kinds = [unicodedata.category(c)[0] for c in name]
    return (unicodedata.is_normalized('NFC', name) and kinds[0] in 'LN'
            and all(kind in 'LMN' or c in '_.-' for kind, c in zip(kinds, name))
            and not any(low <= ord(c) <= high for c in name for low, high in DEFAULT_IGNORABLE))


def build_tlvs(values):
    return b''.join(struct.pack('>BH', kind, len(value)) + value for kind, value in sorted(values.items()))


def parse_tlvs(data, known):
    values, last = {}, -1
    while data:
        check(len(data) >= 3, 'TLV: cut short')
        kind, size = struct.unpack_from('>BH', data)
        check(len(data) >= 3 + size, 'TLV: cut short')
        check(kind > last, 'TLV: order')
        check(kind in known or kind < 0x80, 'TLV: unknown and critical')
        values[kind], data, last = data[3:3 + size], data[3 + size:], kind
    return values


# --- §4 handshake --------------------------------------------------------------------------------------------

WORDS = {'I': ('initiator', 'i2r', 'i'), 'R': ('responder', 'r2i', 'r')}


class Handshake:
    """The messages and keys; no I/O, and randomness and time come from outside, so that vectors can drive it."""

    def __init__(self, role, key, ext, expect=None, rnd=os.urandom, now=time.time):
        self.role, self.key, self.ext, self.expect, self.rnd, self.now = role, key, ext, expect, rnd, now
        self.versions = (1, 1)
        self.identity = public_bytes(key)
        self.ephemeral = X25519PrivateKey.from_private_bytes(rnd(32))
        self.share = public_bytes(self.ephemeral)
        self.nonce = rnd(32)
        self.h = hashlib.sha256(PROTOCOL_NAME).digest()

    def hello_i(self):
        frame = b'\x01ESHT' + bytes(self.versions) + b'\0\0' + self.nonce + self.share
        self.h = mix(self.h, frame)
        return frame

    def read_hello_i(self, frame):
        check(frame[1:5] == b'ESHT' and frame[7:9] == b'\0\0' and frame[5] <= frame[6], 'HELLO_I')
        self.version = self.choose_version(frame[5], frame[6])
        self.peer_share = frame[41:]
        self.h = mix(self.h, frame)

    def choose_version(self, peer_min, peer_max):
        version = min(peer_max, self.versions[1])
        check(version >= max(peer_min, self.versions[0]), 'no common version')
        return version

    def hello_r(self):
        head = bytes([2, self.version, *self.versions, 0]) + self.nonce + self.share
        self.h = mix(self.h, head)
        self.derive()
        return head + self.prove()

    def read_hello_r(self, frame):
        version, peer_min, peer_max, flags = frame[1:5]
        check(flags == 0 and peer_min <= peer_max, 'HELLO_R')
        check(version == self.choose_version(peer_min, peer_max), 'version')
        self.peer_share = frame[37:69]
        self.h = mix(self.h, frame[:69])
        self.derive()
        self.check_proof('R', frame[69:])

    def auth_i(self):
        return b'\x03' + self.prove()

    def read_auth_i(self, frame):
        self.check_proof('I', frame[1:])

    def shared_secret(self):
        check(self.peer_share != self.share, 'our own share came back')
        try:
            secret = self.ephemeral.exchange(X25519PublicKey.from_public_bytes(self.peer_share))
        except ValueError:
            raise Violation('low-order share') from None
        check(secret != bytes(32), 'low-order share')
        return secret

    def derive(self):
        h2 = self.h
        self.prk = mac(h2, self.shared_secret())
        self.ephemeral = None
        self.hidden = {role: tuple(expand(self.prk, f'earshot/1 {use}', h2) for use in (f'hs {way}', f'mac {letter}'))
                       for role, (_, way, letter) in WORDS.items()}

    def prove(self):
        """token_R or token_I: who we are, signed over everything said so far, for the other side's eyes only."""
        word, (seal_key, mac_key) = WORDS[self.role][0], self.hidden[self.role]
        payload = (b'\x01' + self.identity + struct.pack('>H', len(self.ext)) + self.ext).ljust(304, b'\0')
        self.h = mix(self.h, payload)
        signature = self.sign(f'earshot/1 {word} signature', self.h)
        self.h = mix(self.h, signature)
        proof = mac(mac_key, f'earshot/1 {word} mac'.encode() + b'\0' + self.h)
        token = fernet_seal(seal_key, payload + signature + proof, int(self.now()), self.rnd(16))
        self.h = mix(self.h, token)
        return token

    def sign(self, label, message):
        return sign(self.key, label, message)

    def check_proof(self, role, token):
        word, (seal_key, mac_key) = WORDS[role][0], self.hidden[role]
        plain = fernet_open(seal_key, token)
        check(len(plain) == 400, 'identity: size')
        payload, signature, proof = plain[:304], plain[304:368], plain[368:]
        check(payload[0] == 1, 'identity: payload version')
        identity, size = payload[1:33], struct.unpack_from('>H', payload, 33)[0]
        check(size <= 269 and not any(payload[35 + size:]), 'identity: padding')
        self.peer_ext = parse_tlvs(payload[35:35 + size], range(1, 6))
        check(all(len(self.peer_ext.get(kind, bytes(n))) == n for kind, n in ((2, 2), (3, 4), (4, 4))), 'ext: size')
        check(len(self.peer_ext.get(5, b'')) <= 32, 'ext: client string')
        check(identity_ok(identity), 'identity: key')
        h3 = mix(self.h, payload)
        verify(identity, f'earshot/1 {word} signature', h3, signature)
        h4 = mix(h3, signature)
        expected = mac(mac_key, f'earshot/1 {word} mac'.encode() + b'\0' + h4)
        check(hmac.compare_digest(proof, expected), 'inner MAC')
        check(identity != self.identity, 'that is us')
        check(self.expect in (None, identity), 'another identity than expected')
        self.peer, self.h = identity, mix(h4, token)

    def peer_name(self):
        # A name that breaks the rule counts as absent (§4): Unicode tables differ, and it is only a label.
        try:
            name = self.peer_ext.get(1, b'').decode()
        except UnicodeDecodeError:
            return None
        return name if name_ok(name) else None

    def finish(self):
        """The session id and the two chains, initiator's first."""
        master, self.prk, self.hidden = expand(self.prk, 'earshot/1 master', self.h), None, None
        chains = []
        for role, (_, way, _) in WORDS.items():
            ours = role == self.role
            chains.append(Chain(role, expand(master, f'earshot/1 chain {way}'), self.rnd if ours else None, self.now))
        return expand(master, 'earshot/1 sid', size=16), *chains


# --- §5 records ----------------------------------------------------------------------------------------------

def record(role, kind, seq, body, bucket=None):
    plain = struct.pack('>BcBBQI', 1, role.encode(), kind, 0, seq, len(body)) + body
    return plain.ljust(bucket or next(size for size in BUCKETS if size >= len(plain)), b'\0')


class Chain:
    """One direction: what its sender counts, and the key of the current epoch. Old keys are not kept."""

    def __init__(self, role, chain_key, rnd=os.urandom, now=time.time):
        self.role, self.chain_key, self.rnd, self.now, self.seq = role, chain_key, rnd, now, 0
        self.key = expand(chain_key, 'earshot/1 key')

    def step(self):
        self.seq += 1
        if self.seq & 1023 == 0:
            self.chain_key = expand(self.chain_key, 'earshot/1 next')
            self.key = expand(self.chain_key, 'earshot/1 key')

    def wrap(self, plain):
        return b'\x10' + fernet_seal(self.key, plain, int(self.now()), self.rnd(16))

    def seal(self, kind, body=b''):
        frame = self.wrap(record(self.role, kind, self.seq, body))
        self.step()
        return frame

    def open(self, frame):
        plain = fernet_open(self.key, frame[1:])
        check(len(plain) in BUCKETS, 'record: size')
        version, role, kind, flags, seq, size = struct.unpack_from('>BcBBQI', plain)
        check(version == 1 and role == self.role.encode() and flags == 0, 'record: header')
        check(seq == self.seq, 'record: sequence')
        check(16 + size <= len(plain), 'record: body length')
        body = plain[16:16 + size]
        check(plain == record(self.role, kind, seq, body), 'record: padding')
        if kind == SYNC:
            check(size >= 1 and body[0] <= 4 and size == 1 + body[0] * MARK.size, 'SYNC: length')
        elif kind == MSG:
            check(size >= MSG_HEAD.size, 'MSG: length')
        elif kind in BODY_BYTES:
            check(size == BODY_BYTES[kind], 'record: body length for its type')
        else:
            check(kind < 0x80, 'unknown critical record type')
        self.step()
        return kind, body


def judge(ctype, content):
    """(kind of log row, reason to reject or None), §5 and §9.3. Size first: nothing else looks at a giant."""
    if len(content) > MAX_TEXT:
        return 'rejected', TOO_LARGE
    if ctype != TEXT:
        return ('unsupported', None) if ctype < 0x80 else ('rejected', UNKNOWN_CONTENT)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return 'rejected', MALFORMED
    return ('rejected', MALFORMED) if not text or '\0' in text else ('text', None)


# --- §3 framing ----------------------------------------------------------------------------------------------

class Wire:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.received, self.buffer = reader, writer, 0, bytearray()
        host, port = (writer.get_extra_info('peername') or ('gone', 0))[:2]
        self.address = f'{host}:{port}'

    def write(self, frame):
        if self.writer.transport.is_closing():
            return  # lost a moment ago: the reading side is about to say so
        self.writer.write(struct.pack('>I', len(frame)) + frame)

    async def fill(self):
        chunk = await self.reader.read(65536)
        if not chunk:
            raise EOFError('the other side closed the connection')
        self.received += len(chunk)
        self.buffer += chunk

    def take(self, allowed):
        """A frame that is already here, or None. What is not allowed is refused from its first bytes on."""
        (kind, sizes), buffer = next(iter(allowed.items())), self.buffer
        check(not buffer or buffer[0] == 0, 'not this protocol')
        if len(buffer) < 4:
            return None
        size = int.from_bytes(buffer[:4], 'big')
        check(size in sizes, 'frame length')
        check(len(buffer) < 5 or buffer[4] == kind, 'frame type')
        if len(buffer) < 4 + size:
            return None
        frame = bytes(buffer[4:4 + size])
        del buffer[:4 + size]
        return frame

    async def frame(self, allowed):
        while (frame := self.take(allowed)) is None:
            await self.fill()
        return frame


# --- §9 what survives a crash --------------------------------------------------------------------------------

SCHEMA = '''
CREATE TABLE IF NOT EXISTS stream(peer BLOB PRIMARY KEY, stream BLOB, made INT, acked INT, sent INT);
CREATE TABLE IF NOT EXISTS outbox(peer BLOB, stream BLOB, n INT, msg_id BLOB, sent_ms INT, content BLOB,
  rejected INT, PRIMARY KEY(peer, stream, n));
CREATE TABLE IF NOT EXISTS log(pos INTEGER PRIMARY KEY, peer BLOB, stream BLOB, n INT, msg_id BLOB, sent_ms INT,
  kind TEXT, reason INT, content BLOB, UNIQUE(peer, stream, n));
CREATE INDEX IF NOT EXISTS log_ids ON log(peer, msg_id);
'''


class Store:
    """SQLite with an fsync in every commit, since an ACK promises that a power cut loses nothing."""

    def __init__(self, folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.db = sqlite3.connect(os.path.join(folder, 'peer.sqlite'), isolation_level=None)
        self.db.execute('PRAGMA journal_mode=WAL')
        self.db.execute('PRAGMA synchronous=FULL')
        self.db.executescript(SCHEMA)
        self.run = self.db.execute

    @contextlib.contextmanager
    def transaction(self):
        if self.db.in_transaction:
            yield
            return
        self.run('BEGIN IMMEDIATE')
        try:
            yield
        except BaseException:
            self.run('ROLLBACK')
            raise
        self.run('COMMIT')

    def out(self, peer):
        """(stream, made, acked, sent) of what we send to this peer, or None before the first message."""
        return self.run('SELECT stream, made, acked, sent FROM stream WHERE peer=?', (peer,)).fetchone()

    def compose(self, peer, texts):
        with self.transaction():
            stream, made, acked, sent = self.out(peer) or (os.urandom(8), 0, 0, 0)
            for made, text in enumerate(texts, made + 1):
                self.run('INSERT INTO outbox VALUES(?,?,?,?,?,?,NULL)',
                         (peer, stream, made, os.urandom(16), time.time_ns() // 10**6, text.encode()))
            self.run('REPLACE INTO stream VALUES(?,?,?,?,?)', (peer, stream, made, acked, sent))

    def entries(self, peer, stream, first, limit):
        return self.run('SELECT n, msg_id, sent_ms, content FROM outbox WHERE peer=? AND stream=? AND n>=? '
                        'ORDER BY n LIMIT ?', (peer, stream, first, limit)).fetchall()

    def set_acked(self, peer, acked):
        self.run('UPDATE stream SET acked=?1, sent=max(sent, ?1) WHERE peer=?2', (acked, peer))

    def set_sent(self, peer, sent):
        self.run('UPDATE stream SET sent=max(sent, ?) WHERE peer=?', (sent, peer))

    def set_rejected(self, peer, stream, n, reason):
        """False when that was known already: a REJECT is repeated in every session."""
        return self.run('UPDATE outbox SET rejected=? WHERE peer=? AND stream=? AND n=? AND rejected IS NULL',
                        (reason, peer, stream, n)).rowcount == 1

    def new_stream(self, peer):
        """§9.6: what is unacknowledged goes out under a new stream, with the ids it always had."""
        old, made, acked, _ = self.out(peer)
        new = os.urandom(8)
        self.run('UPDATE outbox SET stream=?, n=n-? WHERE peer=? AND stream=? AND n>?', (new, acked, peer, old, acked))
        self.run('UPDATE stream SET stream=?, made=?, acked=0, sent=0 WHERE peer=?', (new, made - acked, peer))

    def unacknowledged(self):
        return self.run('SELECT coalesce(sum(made - acked), 0) FROM stream').fetchone()[0]

    def last(self, peer, stream):
        """Derived from the log, never kept beside it: the two could otherwise disagree after a crash."""
        return self.run('SELECT coalesce(max(n), 0) FROM log WHERE peer=? AND stream=?', (peer, stream)).fetchone()[0]

    def knows(self, peer, msg_id):
        return self.run('SELECT 1 FROM log WHERE peer=? AND msg_id=?', (peer, msg_id)).fetchone() is not None

    def append(self, peer, stream, n, msg_id, sent_ms, kind, reason, content):
        self.run('INSERT INTO log(peer, stream, n, msg_id, sent_ms, kind, reason, content) VALUES(?,?,?,?,?,?,?,?)',
                 (peer, stream, n, msg_id, sent_ms, kind, reason, content))

    def marks(self, peer):
        # SQLite takes the bare columns from the row of the max(): the newest of each stream, hence its highest n.
        rows = self.run('SELECT stream, n, msg_id, max(pos) FROM log WHERE peer=? GROUP BY stream '
                        'ORDER BY max(pos) DESC LIMIT 4', (peer,))
        return [row[:3] for row in rows]

    def rejections(self, peer, stream, last):
        return self.run('SELECT n, reason FROM log WHERE peer=? AND stream=? AND kind=? AND n>? ORDER BY n',
                        (peer, stream, 'rejected', last - 10_000)).fetchall()


# --- §5 and §9: one session ----------------------------------------------------------------------------------

class Session:
    def __init__(self, node, wire, shake, begun):
        self.node, self.store, self.wire, self.role, self.begun = node, node.store, wire, shake.role, begun
        self.peer, self.name = shake.peer, shake.peer_name()
        _, chain_i, chain_r = shake.finish()
        self.tx, self.rx = (chain_i, chain_r) if self.role == 'I' else (chain_r, chain_i)
        self.awaited = READY if self.role == 'I' else SYNC  # what must come next, None once the order is free
        self.proved = self.ending = None  # when the peer proved to be there; why it is over
        self.peer_closed = False
        self.window, self.cursor, self.flight = FIRST_WINDOW, 1, {}
        self.wake = asyncio.Event()
        self.heard = self.pinged = self.talked = self.progress = begun
        self.went_back = False

    def send(self, kind, body=b''):
        self.wire.write(self.tx.seal(kind, body))
        if kind not in (PING, PONG):
            self.talked = time.monotonic()

    def open_up(self):
        """Our SYNC, the rejections that may have been lost with an older session, and how much we take."""
        marks = self.store.marks(self.peer)
        self.send(SYNC, bytes([len(marks)]) + b''.join(MARK.pack(*mark) for mark in marks))
        for stream, last, _ in marks:
            for n, reason in self.store.rejections(self.peer, stream, last):
                self.send(REJECT, stream + struct.pack('>QB', n, reason))
        self.send(WINDOW, struct.pack('>HI', *OUR_WINDOW))

    def close(self, reason):
        """Says CLOSE and half-closes, so that what we still have to say arrives before the connection goes."""
        if self.ending is None:
            self.send(CLOSE, bytes([reason]))
            self.ending = CLOSE_REASONS[reason]
            with contextlib.suppress(OSError):
                self.wire.writer.write_eof()
            asyncio.get_running_loop().call_later(1, self.wire.writer.transport.abort)

    def abort(self, why):
        if self.ending is None:
            self.ending = why
            self.wire.writer.transport.abort()

    async def run(self):
        if self.role == 'R':
            self.send(READY, b'\0')
            self.open_up()
        helpers = [asyncio.create_task(self.pump()), asyncio.create_task(self.clock())]
        try:
            await self.receive()
        except Violation as error:
            self.ending = 'violation'
            emit('failed', why=str(error), peer=peer_id(self.peer))
        except (EOFError, OSError):
            if self.ending is None:
                self.ending, self.peer_closed = 'truncated' if self.proved else 'refused', True
        finally:
            self.node.gone(self)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            self.wire.writer.close()
        emit('closed', reason=self.ending, by='peer' if self.peer_closed else 'own', peer=peer_id(self.peer),
             sent=self.tx.seq, received=self.rx.seq)

    async def receive(self):
        while True:
            frame = await self.wire.frame(RECORD)
            if self.ending is not None:
                continue  # we have said CLOSE: read on to the end, so that no reset overtakes it
            self.events, self.rejects, self.touched, self.pongs = [], [], {}, []
            violation = None
            # Group commit: everything that is already here goes into one transaction, up to the first violation.
            with self.store.transaction():
                try:
                    while frame is not None and self.ending is None:
                        self.on_record(*self.rx.open(frame))
                        if self.node.must_crash():
                            break
                        frame = self.wire.take(RECORD)
                except Violation as error:
                    violation = error
            for event, fields in self.events:
                emit(event, **fields)
            if self.node.must_crash():
                os._exit(9)
            if violation:
                raise violation
            self.answer()
            if self.peer_closed:
                return

    def answer(self):
        # Only after the commit (§9.8); a REJECT goes before the ACK, or its message would show as delivered.
        if self.ending is None:
            for reject in self.rejects:
                self.send(REJECT, reject)
            for stream in self.touched:
                self.send(ACK, stream + struct.pack('>Q', self.store.last(self.peer, stream)))
            for nonce in self.pongs:
                self.send(PONG, nonce)
        self.wake.set()
        self.node.check_goals()

    def on_record(self, kind, body):
        self.heard = time.monotonic()
        if kind not in (PING, PONG):
            self.talked = self.heard
        if kind == CLOSE:
            self.ending, self.peer_closed = CLOSE_REASONS.get(body[0], str(body[0])), True
            return
        check(self.awaited in (None, kind), 'record out of order')
        if kind == READY:
            self.on_ready(body[0])
        elif kind == SYNC:
            self.on_sync(body)
        elif kind == MSG:
            self.on_message(body)
        elif kind == ACK:
            self.on_ack(*struct.unpack('>8sQ', body))
        elif kind == REJECT:
            self.on_reject(*struct.unpack('>8sQB', body))
        elif kind == PING:
            self.pongs.append(body)
        elif kind == WINDOW:
            self.window = struct.unpack('>HI', body)

    def on_ready(self, status):
        check(self.awaited == READY and status in (0, 2), 'READY')
        if status == 2:
            self.awaited = CLOSE
            return
        self.awaited = SYNC
        self.open_up()
        self.node.established(self)

    def on_sync(self, body):
        check(self.awaited == SYNC, 'a second SYNC')
        self.awaited = None
        if self.role == 'R':
            self.node.established(self)
        out = self.store.out(self.peer)
        latest = next(MARK.iter_unpack(body[1:]), None)
        if latest is not None and not (out and self.is_ours(out, *latest)):
            if out is not None:
                self.store.set_acked(self.peer, 0)
                self.store.new_stream(self.peer)
            self.events.append(('restored', {'who': 'own', 'peer': peer_id(self.peer)}))
            return
        if out is None:
            return
        last = latest[1] if latest else 0
        if last < out[2]:
            self.events.append(('restored', {'who': 'peer', 'peer': peer_id(self.peer)}))
        self.store.set_acked(self.peer, last)

    def is_ours(self, out, stream, last, msg_id):
        named = self.store.entries(self.peer, stream, last, 1) if stream == out[0] and last <= out[1] else []
        return bool(named) and named[0][1] == msg_id

    def on_message(self, body):
        stream, n, msg_id, sent_ms, ctype = MSG_HEAD.unpack_from(body)
        content = body[MSG_HEAD.size:]
        self.touched[stream] = True
        if n != self.store.last(self.peer, stream) + 1:
            return  # seen already, or a gap: the ACK that follows says where we are
        kind, reason = judge(ctype, content)
        if reason is None and self.store.knows(self.peer, msg_id):
            kind = 'duplicate'
        keep = content if kind in ('text', 'unsupported') else b''
        self.store.append(self.peer, stream, n, msg_id, sent_ms, kind, reason, keep)
        fields = {'id': msg_id.hex(), 'n': n, 'peer': peer_id(self.peer)}
        if kind == 'text':
            self.node.received += 1
            self.events.append(('message', {**fields, 'text': content.decode()}))
        elif kind == 'rejected':
            self.rejects.append(stream + struct.pack('>QB', n, reason))
            self.events.append(('refused', {**fields, 'reason': reason}))
        else:
            self.events.append((kind, {**fields, 'ctype': ctype}))

    def on_ack(self, stream, upto):
        out = self.store.out(self.peer)
        if out is None or stream != out[0]:
            return
        check(upto <= out[3], 'ACK for what was never sent')
        if upto > out[2]:
            self.store.set_acked(self.peer, upto)
            self.flight = {n: size for n, size in self.flight.items() if n > upto}
            self.progress, self.went_back = time.monotonic(), False
            self.events.append(('acked', {'n': upto, 'peer': peer_id(self.peer)}))

    def on_reject(self, stream, n, reason):
        out = self.store.out(self.peer)
        if out is None or stream != out[0]:
            return
        check(1 <= n <= out[3], 'REJECT for what was never sent')
        if self.store.set_rejected(self.peer, stream, n, reason):
            self.node.rejected = True
            self.events.append(('rejected', {'n': n, 'reason': reason, 'peer': peer_id(self.peer)}))

    async def pump(self):
        while True:
            await self.wake.wait()
            self.wake.clear()
            while batch := self.next_batch():
                for body in batch:
                    self.send(MSG, body)
                self.node.check_goals()
                try:
                    await self.wire.writer.drain()
                except OSError:
                    return

    def next_batch(self):
        """What the peer's window lets us send now, at most 256 messages so that reading is never starved."""
        out = self.store.out(self.peer)
        if out is None or self.awaited is not None or self.ending is not None or not self.node.is_current(self):
            return []
        stream, _, acked, sent = out
        self.cursor = max(self.cursor, acked + 1)
        room = min(acked + self.window[0] + 1 - self.cursor, 256)
        in_flight, batch = sum(self.flight.values()), []
        for n, msg_id, sent_ms, content in self.store.entries(self.peer, stream, self.cursor, max(room, 0)):
            body = MSG_HEAD.pack(stream, n, msg_id, sent_ms, TEXT) + content
            if in_flight + len(body) > self.window[1]:
                break
            if not self.flight:
                self.progress = time.monotonic()
            self.flight[n], self.cursor = len(body), n + 1
            in_flight += len(body)
            batch.append(body)
        if self.cursor - 1 > sent:
            self.store.set_sent(self.peer, self.cursor - 1)
        return batch

    async def clock(self):
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            if self.proved is None and now - self.begun > 5:
                self.abort('no READY' if self.role == 'I' else 'no SYNC')
            elif now - self.heard > 60:
                self.abort('dead')
            elif now - self.begun > 7200 or max(self.tx.seq, self.rx.seq) >= 2**26:
                self.abort('too old')
            elif now - self.talked > 300:
                self.close(4)
            elif now - max(self.heard, self.pinged) > 20 and self.ending is None:
                self.pinged = now
                self.send(PING, os.urandom(8))
            if not self.flight or min(self.window) == 0:
                self.progress = now
            elif now - self.progress > 30:
                self.abort('no progress')
            elif now - self.progress > 15 and not self.went_back:
                self.flight, self.cursor, self.went_back = {}, 1, True
                self.wake.set()


# --- §8 announcements ----------------------------------------------------------------------------------------

def announce_blob(identity, name, ip, port, instance, counter, unix_ms, flags=0, tlvs=b'', versions=(1, 1)):
    label = name.encode()
    return (bytes([1, *versions, flags]) + identity + struct.pack('>Q', unix_ms) + instance
            + struct.pack('>IHB', counter, port, 4) + socket.inet_aton(ip) + bytes([len(label)]) + label + tlvs)


def announcement(key, blob, name, ip, port):
    signed = base64.urlsafe_b64encode(blob + sign(key, 'earshot/1 announce', blob)).rstrip(b'=').decode()
    return json.dumps({'username': name, 'ip': ip, 'port': port, 'earshot': signed},
                      ensure_ascii=False, separators=(',', ':')).encode()


def read_announcement(datagram):
    """What was announced, as a dict; without 'id' it is an original program, which signs nothing."""
    check(len(datagram) <= 1024, 'announcement: size')
    try:
        outer = json.loads(datagram)
        name, ip, port = outer['username'], outer['ip'], outer['port']
        signed = outer.get('earshot')
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Violation('announcement: not one') from None
    if 'earshot' not in outer:
        return {'username': name, 'ip': ip, 'port': port}
    try:
        raw = base64.urlsafe_b64decode(signed + '=' * (-len(signed) % 4))
    except (ValueError, TypeError):
        raise Violation('announcement: base64') from None
    check(base64.urlsafe_b64encode(raw).decode().rstrip('=') == signed, 'announcement: not canonical')
    check(len(raw) > 64 and raw[0] == 1, 'announcement: a newer version')
    blob, identity = raw[:-64], raw[4:36]
    check(len(blob) >= 64 and len(blob) >= 64 + blob[63], 'announcement: cut short')
    check(identity_ok(identity), 'announcement: identity')
    verify(identity, 'earshot/1 announce', blob, raw[-64:])
    unix_ms, instance, counter, signed_port, ip_version = struct.unpack_from('>Q8sIHB', blob, 36)
    check(ip_version == 4 and blob[1] <= blob[2], 'announcement: versions')
    tlvs = parse_tlvs(blob[64 + blob[63]:], {1})
    try:
        signed_name, status = blob[64:64 + blob[63]].decode(), tlvs.get(1, b'').decode()
    except UnicodeDecodeError:
        raise Violation('announcement: text') from None
    check(name_ok(signed_name) and len(status.encode()) <= 64, 'announcement: text')
    check((name, ip, port) == (signed_name, socket.inet_ntoa(blob[59:63]), signed_port) and type(port) is int,
          'announcement: what is readable is not what is signed')
    return {'username': name, 'ip': ip, 'port': port, 'id': peer_id(identity), 'instance': instance,
            'counter': counter, 'unix_ms': unix_ms, 'flags': blob[3], 'status': status}


class Discovery(asyncio.DatagramProtocol):
    def __init__(self, own_id):
        self.own_id, self.shown, self.retired = own_id, {}, set()

    def error_received(self, error):
        pass  # an unreachable address is no reason to stop hearing the others

    def datagram_received(self, datagram, source):
        try:
            heard = read_announcement(datagram)
        except Violation as error:
            emit('ignored', why=str(error), source=source[0])
            return
        fields = {'username': heard['username'], 'address': f'{heard["ip"]}:{heard["port"]}', 'source': source[0]}
        if 'id' not in heard:
            emit('legacy', **fields)
        elif heard['id'] != self.own_id and self.is_newer(heard):
            flags = {word: bool(heard['flags'] & bit)
                     for word, bit in (('goodbye', GOODBYE), ('query', QUERY), ('busy', BUSY))}
            emit('heard', id=heard['id'], **fields, status=heard['status'], **flags)

    def is_newer(self, heard):
        # Never by the time in it: clocks go back, while an instance counts up and does not return once replaced.
        who, instance, counter = heard['id'], heard['instance'], heard['counter']
        shown = self.shown.get(who)
        if (who, instance) in self.retired or (shown and shown[0] == instance and counter <= shown[1]):
            return False
        if heard['flags'] & GOODBYE and not (shown and shown[0] == instance):
            return False
        if shown and shown[0] != instance:
            self.retired.add((who, shown[0]))
        if heard['flags'] & GOODBYE:
            self.retired.add((who, instance))
        self.shown[who] = (instance, counter)
        return True


class Announcer:
    """Announces to each address from the local one that leads there, since receivers compare the two."""

    def __init__(self, key, name, port, targets, status=''):
        self.key, self.name, self.port, self.targets = key, name, port, targets
        self.tlvs = build_tlvs({1: status.encode()}) if status else b''
        self.instance, self.counter, self.senders = os.urandom(8), 0, []

    async def run(self, protocol):
        loop = asyncio.get_running_loop()
        for target in self.targets:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                probe.connect(target)
                ip = probe.getsockname()[0]
            transport, _ = await loop.create_datagram_endpoint(lambda: protocol, (ip, 0), allow_broadcast=True)
            self.senders.append((transport, ip, target))
        while True:
            self.counter += 1
            self.say(self.counter)
            await asyncio.sleep(2)

    def say(self, counter, flags=0):
        for transport, ip, target in self.senders:
            blob = announce_blob(public_bytes(self.key), self.name, ip, self.port, self.instance, counter,
                                 time.time_ns() // 10**6, flags, self.tlvs)
            transport.sendto(announcement(self.key, blob, self.name, ip, self.port), target)

    def close(self):
        self.say(LAST_COUNTER, GOODBYE)
        for transport, _, _ in self.senders:
            transport.close()


# --- the process: who is dialled, who may call, and when everything asked for has happened ---------------------

class Node:
    def __init__(self, args):
        self.args, self.store = args, Store(args.state)
        self.key = Ed25519PrivateKey.from_private_bytes(args.identity_seed)
        self.identity = public_bytes(self.key)
        self.texts = list(args.send) + [f'message {i}' for i in range(1, args.send_many + 1)]
        self.sessions, self.tasks, self.done = {}, set(), asyncio.Event()
        self.received, self.rejected, self.met, self.outcome = 0, False, False, False
        self.tcp_port = args.listen[1] if args.listen else 0
        if args.expect_id:
            self.compose(args.expect_id)

    def ext(self):
        return build_tlvs({1: self.args.name.encode(), 2: struct.pack('>H', self.tcp_port), 5: self.args.client.encode()})

    def compose(self, peer):
        if self.texts:
            self.store.compose(peer, self.texts)
            self.texts = []

    def must_crash(self):
        return self.args.crash_after_commit is not None and self.received >= self.args.crash_after_commit

    def goals_reached(self):
        if self.args.misbehave:
            return self.outcome
        return ((self.met or not self.args.dial) and self.received >= self.args.expect_messages and not self.texts
                and (not (self.args.send or self.args.send_many or self.args.wait_delivered)
                     or self.store.unacknowledged() == 0))

    def check_goals(self):
        asked = self.args.dial or self.args.send or self.args.send_many or self.args.wait_delivered
        if (asked or self.args.expect_messages or self.args.misbehave) and self.goals_reached():
            self.done.set()

    def is_current(self, session):
        return self.sessions.get(session.peer) is session

    def established(self, session):
        """The first authenticated record arrived; of two sessions with one peer, one goes (§4)."""
        session.proved = time.monotonic()
        self.met = self.met or self.args.expect_id in (None, session.peer)
        emit('session', peer=peer_id(session.peer), role='initiator' if session.role == 'I' else 'responder',
             username=session.name, address=session.wire.address, safety=safety_number(self.identity, session.peer))
        old, loser = self.sessions.get(session.peer), None
        if old is not None:
            crossed = old.role != session.role and session.begun < old.proved
            we_should_dial = self.identity < session.peer
            loser = session if crossed and (session.role == 'I') != we_should_dial else old
        if loser is not session:
            self.sessions[session.peer] = session
        if loser is not None:
            loser.close(1)
        self.compose(session.peer)

    def gone(self, session):
        if self.is_current(session):
            del self.sessions[session.peer]

    async def dial(self):
        host, port = self.args.dial
        begun = time.monotonic()
        async with asyncio.timeout(5):
            wire = Wire(*await asyncio.open_connection(host, port))
            if self.args.misbehave:
                self.start(Hostile(self, wire, 'I').run())
                return True
            try:
                shake = Handshake('I', self.key, self.ext(), self.args.expect_id)
                wire.write(shake.hello_i())
                shake.read_hello_r(await wire.frame(HELLO_R))
                wire.write(shake.auth_i())
            except BaseException:
                wire.writer.close()
                raise
        session = Session(self, wire, shake, begun)
        await self.start(session.run())
        return session.proved is not None

    async def keep_dialling(self):
        attempt = 0
        while True:
            if self.args.expect_id not in self.sessions:
                try:
                    attempt = 0 if await self.dial() else attempt + 1
                except (Violation, EOFError, OSError, TimeoutError) as error:
                    emit('failed', why=str(error) or 'timed out', address='%s:%d' % self.args.dial)
                    attempt += 1
                    if self.args.misbehave:
                        self.done.set()
                if self.args.misbehave:
                    return
                if self.args.once:
                    self.done.set()
            await asyncio.sleep(random.uniform(0, min(60, 2**attempt)))

    async def accept(self, reader, writer):
        wire, begun = Wire(reader, writer), time.monotonic()
        if self.args.misbehave:
            await Hostile(self, wire, 'R').run()
            return
        shake = Handshake('R', self.key, self.ext())
        try:
            async with asyncio.timeout(5):
                shake.read_hello_i(await wire.frame(HELLO_I))
                wire.write(shake.hello_r())
                shake.read_auth_i(await wire.frame(AUTH_I))
        except (Violation, EOFError, OSError, TimeoutError) as error:
            emit('failed', why=str(error) or 'timed out', address=wire.address)
            writer.close()
            return
        await Session(self, wire, shake, begun).run()

    def start(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def run(self):
        loop, args, server, announcer, ear = asyncio.get_running_loop(), self.args, None, None, None
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self.done.set)
        emit('identity', id=peer_id(self.identity))
        if args.listen:
            server = await asyncio.start_server(lambda r, w: self.start(self.accept(r, w)), *args.listen)
            host, self.tcp_port = server.sockets[0].getsockname()[:2]
            emit('listening', address=f'{host}:{self.tcp_port}', id=peer_id(self.identity))
        if args.announce_to or args.discovery_port is not None:
            protocol = Discovery(peer_id(self.identity))
            ear_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            ear_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear_socket.bind(('0.0.0.0', 6004 if args.discovery_port is None else args.discovery_port))
            ear, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=ear_socket)
            emit('hearing', port=ear_socket.getsockname()[1])
        helpers = []
        if args.announce_to:
            announcer = Announcer(self.key, args.name, self.tcp_port, args.announce_to, args.status)
            helpers.append(asyncio.create_task(announcer.run(protocol)))
        if args.dial:
            helpers.append(asyncio.create_task(self.keep_dialling()))
        self.check_goals()
        stopped = asyncio.create_task(self.done.wait())
        # A helper only ends by a mistake, which must not look like patience; a hostile dial is the exception.
        lasting = helpers if not args.misbehave else []
        await asyncio.wait([stopped, *lasting], timeout=args.timeout, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if server:
            server.close()
        if announcer:
            announcer.close()
        for session in list(self.sessions.values()):
            session.close(0)
        reached = self.goals_reached() and not self.rejected
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=2)
        for task in [*self.tasks, *helpers]:
            task.cancel()
        results = await asyncio.gather(*self.tasks, *helpers, return_exceptions=True)
        if ear:
            ear.close()
        self.store.db.close()
        for error in results:
            if isinstance(error, Exception):
                raise error
        return reached


# --- --misbehave: one violation each, to see what the other side does ------------------------------------------

HANDSHAKE_MODES = ('flip-auth', 'wrong-id', 'half-frame', 'low-order-share', 'reflect-share', 'small-order-identity',
                   'old-version', 'garbage')
ANSWERS = {  # what a session that survives has to show
    'bad-utf8': {'pong', 'acked', 'rejected'}, 'too-large-text': {'pong', 'acked', 'rejected'},
    'critical-ctype': {'pong', 'acked', 'rejected'}, 'unknown-ctype': {'pong', 'acked'},
    'duplicate-msg': {'pong', 'acked'}, 'gap-msg': {'pong', 'acked'}, 'unknown-ignorable-type': {'pong'}}
FATAL_RECORD_MODES = ('replay-record', 'skip-seq', 'msg-before-sync', 'bad-padding', 'wrong-bucket', 'ack-future',
                      'unknown-critical-type')
MODES = (*HANDSHAKE_MODES, *FATAL_RECORD_MODES, *ANSWERS)
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


class HostileHandshake(Handshake):
    def __init__(self, mode, role, key, ext):
        super().__init__(role, key, ext)
        self.mode = mode
        if mode == 'old-version':
            self.versions = (2, 2)
        elif mode == 'low-order-share':
            self.share = b'\x01' + bytes(31)
        elif mode == 'small-order-identity':
            self.identity = b'\x01' + bytes(31)

    def choose_version(self, peer_min, peer_max):
        return self.versions[1] if self.mode == 'old-version' else super().choose_version(peer_min, peer_max)

    def hello_r(self):
        if self.mode == 'reflect-share':
            self.share = self.peer_share
        return super().hello_r()

    def shared_secret(self):
        if self.mode == 'low-order-share':
            return bytes(32)  # what anybody can compute, so that all that follows would fit
        return os.urandom(32) if self.mode == 'reflect-share' else super().shared_secret()

    def sign(self, label, message):
        if self.mode == 'wrong-id':
            return sign(Ed25519PrivateKey.generate(), label, message)
        if self.mode == 'small-order-identity':
            # For the neutral point as the key, (sB, s) fits every message: only the check of the key refuses it.
            seed = os.urandom(32)
            scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], 'little') & (2**254 - 8) | 2**254
            point = public_bytes(Ed25519PrivateKey.from_private_bytes(seed))
            return point + (scalar % GROUP_ORDER).to_bytes(32, 'little')
        return super().sign(label, message)

    def prove(self):
        token = super().prove()
        if self.mode != 'flip-auth':
            return token
        raw = bytearray(base64.urlsafe_b64decode(token))
        raw[-1] ^= 1  # in the MAC, where no later check would notice
        return base64.urlsafe_b64encode(bytes(raw))


class Hostile:
    """Behaves up to the violation, then watches: {'closed', 'rejected', 'acked', 'pong', 'replied' (bytes), ...}."""

    def __init__(self, node, wire, role):
        self.node, self.wire, self.role, self.mode = node, wire, role, node.args.misbehave
        self.seen, self.before, self.stream = {}, None, os.urandom(8)
        self.wanted = ANSWERS.get(self.mode, {'pong'})

    async def run(self):
        begun, closed, why = time.monotonic(), False, None
        try:
            async with asyncio.timeout(self.node.args.timeout * 0.8):
                await self.play()
        except (EOFError, OSError) as error:
            # TimeoutError is an OSError too, and means that the connection is still there.
            closed = not isinstance(error, TimeoutError)
        except Violation as error:
            why = str(error)  # the other side misbehaved in its turn
        finally:
            self.wire.writer.close()
        emit('outcome', mode=self.mode, closed=closed, rejected=self.seen.get('rejected'), acked=self.seen.get('acked'),
             pong='pong' in self.seen, close_reason=self.seen.get('close'), violated=self.before is not None,
             replied=0 if self.before is None else self.wire.received - self.before,
             seconds=round(time.monotonic() - begun, 2), why=why)
        self.node.outcome = self.before is not None
        self.node.done.set()

    def now(self):
        """The violation goes out now; what is received from here on is the reaction to it."""
        self.before = self.wire.received

    async def play(self):
        if self.mode == 'garbage':
            if self.role == 'R':
                await self.wire.frame(HELLO_I)
            self.now()
            self.wire.writer.write(b'\xa5' + os.urandom(700))
            await self.watch_bytes()
        shake = HostileHandshake(self.mode, self.role, self.node.key, self.node.ext())
        await (self.initiate(shake) if self.role == 'I' else self.respond(shake))
        if self.mode in HANDSHAKE_MODES:
            await self.watch_bytes()
        _, chain_i, chain_r = shake.finish()
        self.tx, self.rx = (chain_i, chain_r) if self.role == 'I' else (chain_r, chain_i)
        marks = self.node.store.marks(shake.peer)
        sync = bytes([len(marks)]) + b''.join(MARK.pack(*mark) for mark in marks)
        if self.role == 'R':
            self.send(READY, b'\0')
            if self.mode != 'msg-before-sync':
                self.send(SYNC, sync)
        if self.role == 'I' or self.mode != 'msg-before-sync':
            while 'sync' not in self.seen:
                await self.watch_record()
        if self.role == 'I' and self.mode != 'msg-before-sync':
            self.send(SYNC, sync)
        if self.mode == 'ack-future':
            while 'msg' not in self.seen:
                await self.watch_record()
        self.now()
        self.violate()
        self.send(PING, bytes(8))
        while not self.wanted <= self.seen.keys():
            await self.watch_record()
        self.send(CLOSE, b'\0')
        await self.wire.writer.drain()

    async def say_hello(self, frame):
        if self.mode == 'half-frame':
            self.wire.writer.write(struct.pack('>I', len(frame)) + frame[:len(frame) // 2])
            await self.watch_bytes()
        self.wire.write(frame)

    async def initiate(self, shake):
        if self.mode in ('old-version', 'low-order-share', 'half-frame'):
            self.now()
        await self.say_hello(shake.hello_i())
        shake.read_hello_r(await self.wire.frame(HELLO_R))
        if self.mode in HANDSHAKE_MODES:
            self.now()
        self.wire.write(shake.auth_i())

    async def respond(self, shake):
        shake.read_hello_i(await self.wire.frame(HELLO_I))
        if self.mode in HANDSHAKE_MODES:
            self.now()
        await self.say_hello(shake.hello_r())
        frame = await self.wire.frame(AUTH_I)
        if self.mode not in HANDSHAKE_MODES:
            shake.read_auth_i(frame)

    def send(self, kind, body=b''):
        self.wire.write(self.tx.seal(kind, body))

    def send_plain(self, plain):
        self.wire.write(self.tx.wrap(plain))
        self.tx.step()

    def message(self, content, n=1, ctype=TEXT):
        return MSG_HEAD.pack(self.stream, n, os.urandom(16), time.time_ns() // 10**6, ctype) + content

    def violate(self):
        mode, role, seq = self.mode, self.role, self.tx.seq
        if mode == 'replay-record':
            frame = self.tx.seal(MSG, self.message(b'once'))
            self.wire.write(frame)
            self.wire.write(frame)
        elif mode == 'skip-seq':
            self.tx.step()
        elif mode == 'msg-before-sync':
            self.send(MSG, self.message(b'too early'))
        elif mode == 'bad-padding':
            self.send_plain(record(role, PING, seq, bytes(8))[:-1] + b'\x01')
        elif mode == 'wrong-bucket':
            self.send_plain(record(role, PING, seq, bytes(8), bucket=1024))
        elif mode == 'ack-future':
            stream, n = self.seen['msg']
            self.send(ACK, stream + struct.pack('>Q', n + 1_000_000))
        elif mode == 'unknown-critical-type':
            self.send(0x90)
        elif mode == 'unknown-ignorable-type':
            self.send(0x60, b'from a later version')
        elif mode == 'bad-utf8':
            self.send(MSG, self.message(b'\xc3\x28'))
        elif mode == 'too-large-text':
            self.send(MSG, self.message(b'x' * (MAX_TEXT + 1)))
        elif mode == 'unknown-ctype':
            self.send(MSG, self.message(b'from a later version', ctype=0x05))
        elif mode == 'critical-ctype':
            self.send(MSG, self.message(b'from a later version', ctype=0x85))
        elif mode == 'duplicate-msg':
            body = self.message(b'twice')
            self.send(MSG, body)
            self.send(MSG, body)
        elif mode == 'gap-msg':
            self.send(MSG, self.message(b'the first four are missing', n=5))

    async def watch_bytes(self):
        while True:
            await self.wire.fill()

    async def watch_record(self):
        kind, body = self.rx.open(await self.wire.frame(RECORD))
        if kind == SYNC:
            self.seen['sync'] = True
        elif kind == MSG:
            self.seen['msg'] = MSG_HEAD.unpack_from(body)[:2]
        elif kind == ACK and body[:8] == self.stream:
            self.seen['acked'] = int.from_bytes(body[8:], 'big')
        elif kind == REJECT and body[:8] == self.stream:
            self.seen['rejected'] = body[16]
        elif kind == PONG:
            self.seen['pong'] = True
        elif kind == CLOSE:
            self.seen['close'] = CLOSE_REASONS.get(body[0], str(body[0]))


# --- command line --------------------------------------------------------------------------------------------

def address(text):
    host, _, port = text.rpartition(':')
    return host, int(port)


def parse_arguments(words=None):
    parser = argparse.ArgumentParser(description='A second implementation of earshot/1 for tests. Without anything to '
                                     'send, dial or wait for, it serves until --timeout or SIGTERM and exits 0.')
    parser.add_argument('--identity-seed', required=True, type=bytes.fromhex, help='Ed25519 seed, 32 bytes in hex')
    parser.add_argument('--name', required=True)
    parser.add_argument('--state', required=True, help='folder for what must survive a restart')
    parser.add_argument('--listen', type=address, metavar='IP:PORT')
    parser.add_argument('--announce-to', type=address, nargs='+', default=[], metavar='IP:PORT')
    parser.add_argument('--discovery-port', type=int, help='UDP port to hear announcements on (6004)')
    parser.add_argument('--dial', type=address, metavar='IP:PORT')
    parser.add_argument('--expect-id', type=identity_from_peer_id, metavar='PEER')
    parser.add_argument('--once', action='store_true', help='dial once instead of again and again')
    parser.add_argument('--send', nargs='+', default=[], metavar='TEXT', help='done when acknowledged')
    parser.add_argument('--send-many', type=int, default=0, metavar='N', help='send "message 1" to "message N"')
    parser.add_argument('--wait-delivered', action='store_true', help='done when nothing is queued from earlier runs')
    parser.add_argument('--expect-messages', type=int, default=0, metavar='N')
    parser.add_argument('--crash-after-commit', type=int, metavar='N', help='die after the N-th commit, before its ACK')
    parser.add_argument('--status', default='', help='status text of the announcements')
    parser.add_argument('--client', default='interop peer', help='client string of the handshake')
    parser.add_argument('--timeout', type=float, default=30, metavar='S')
    parser.add_argument('--misbehave', choices=MODES, metavar='MODE', help=', '.join(MODES))
    args = parser.parse_args(words)
    if len(args.identity_seed) != 32 or not name_ok(args.name):
        parser.error('a seed has 32 bytes, and a name follows the rule of §8')
    if not all(1 <= len(text.encode()) <= MAX_TEXT for text in args.send):
        parser.error('a text has 1 to 32768 bytes')
    if args.announce_to and not args.listen:
        parser.error('--announce-to needs --listen: the port is part of what is announced')
    if args.misbehave and bool(args.dial) == bool(args.listen):
        parser.error('--misbehave needs one of --dial and --listen')
    if args.misbehave == 'reflect-share' and args.dial:
        parser.error('reflect-share needs --listen: only a responder has seen the share of the other side')
    return args


if __name__ == '__main__':
    sys.exit(0 if asyncio.run(Node(parse_arguments()).run()) else 1)
