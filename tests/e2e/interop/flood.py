#!/usr/bin/env python3
"""One host that wants to be a nuisance: what a stranger can send without breaking anything but manners (§3, §8, §10).

Says `ready` when everything that takes time beforehand is done, begins with the first line on standard input, stops by
itself after --seconds, and then says in one line of JSON how much it did. Uses many addresses of one network, which it
adds to its interface: run it in a network namespace only.
"""
import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from earshot_peer import (HELLO_R, PING, SYNC, Handshake, Violation, Wire, announce_blob, announcement,
                          build_tlvs, public_bytes)

IDENTITIES = 10_000
DATAGRAMS_PER_SECOND = 10_000
CONNECTIONS = 1_000
GARBAGE = 64 << 10
NEVER_READING = 40


def sign_pool(sources):
    """Announcements of people who are not there, each with a key of its own."""
    pool = []
    for i in range(IDENTITIES):
        key, ip, name = Ed25519PrivateKey.generate(), random.choice(sources), f'nobody{i}'
        blob = announce_blob(public_bytes(key), name, ip, 7001, os.urandom(8), 1, time.time_ns() // 10**6)
        pool.append((announcement(key, blob, name, ip, 7001), ip))
    return pool


class Flood:
    def __init__(self, args, sources):
        self.args, self.sources, self.done = args, sources, 0
        self.pool = sign_pool(sources) if args.part == 'announcements' else []

    async def run(self):
        part = getattr(self, self.args.part)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.args.seconds):
                await part()

    async def announcements(self):
        senders = {ip: bound(socket.SOCK_DGRAM, ip) for ip in self.sources}
        started = time.monotonic()
        while True:
            due = int((time.monotonic() - started) * DATAGRAMS_PER_SECOND)
            for _ in range(min(due - self.done, 500)):
                datagram, ip = self.pool[self.done % IDENTITIES]
                with contextlib.suppress(BlockingIOError):
                    senders[ip].sendto(datagram, (self.args.host, 6004))
                self.done += 1
            await asyncio.sleep(0.002)

    async def half_open(self):
        """Connects and says nothing."""
        await self.crowd(lambda sock: asyncio.sleep(60))

    async def trickle(self):
        """The start of a handshake, a byte a second."""
        async def drip(sock):
            for byte in struct.pack('>IB', 73, 1) + b'ESHT' + bytes(64):
                await asyncio.get_running_loop().sock_sendall(sock, bytes([byte]))
                await asyncio.sleep(1)
        await self.crowd(drip)

    async def garbage(self):
        """Frames that claim a length which is allowed, and 64 KiB of nothing."""
        async def rubbish(sock):
            await asyncio.get_running_loop().sock_sendall(sock, struct.pack('>IB', 73, 1) + os.urandom(GARBAGE))
        await self.crowd(rubbish)

    async def crowd(self, behave):
        """As many connections at a time, each begun again when the other side has ended it."""
        async def one():
            loop = asyncio.get_running_loop()
            while True:
                with contextlib.suppress(OSError), bound(socket.SOCK_STREAM, random.choice(self.sources)) as sock:
                    await loop.sock_connect(sock, (self.args.host, self.args.port))
                    self.done += 1
                    ended = asyncio.create_task(loop.sock_recv(sock, 1))
                    behaving = asyncio.create_task(behave(sock))
                    try:
                        await ended
                    finally:
                        behaving.cancel()
                        ended.cancel()
                        await asyncio.gather(behaving, ended, return_exceptions=True)
                await asyncio.sleep(0.5)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CONNECTIONS):
                tasks.create_task(one())

    async def never_reading(self):
        """Proves an identity nobody knows, asks all the time, and never reads an answer."""
        async def one():
            while True:
                with contextlib.suppress(OSError, EOFError, Violation):
                    await self.ask_without_reading()
                await asyncio.sleep(1)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(NEVER_READING):
                tasks.create_task(one())

    async def ask_without_reading(self):
        source = (random.choice(self.sources), 0)
        reader, writer = await asyncio.open_connection(self.args.host, self.args.port, local_addr=source, limit=2048)
        try:
            wire = Wire(reader, writer)
            shake = Handshake('I', Ed25519PrivateKey.generate(), build_tlvs({1: b'nobody'}))
            wire.write(shake.hello_i())
            shake.read_hello_r(await wire.frame(HELLO_R))
            wire.write(shake.auth_i())
            _, chain, _ = shake.finish()
            wire.write(chain.seal(SYNC, b'\0'))
            self.done += 1
            while True:
                wire.write(chain.seal(PING, bytes(8)))
                await writer.drain()
                await asyncio.sleep(0.005)
        finally:
            writer.transport.abort()


def bound(kind, ip):
    sock = socket.socket(socket.AF_INET, kind)
    sock.setblocking(False)
    sock.bind((ip, 0))
    return sock


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('part', choices=['announcements', 'half_open', 'trickle', 'garbage', 'never_reading'])
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('--seconds', type=float, default=10)
    parser.add_argument('--interface', default='eth0')
    parser.add_argument('--sources', type=int, default=190)
    args = parser.parse_args()
    network = args.host.rsplit('.', 1)[0]
    sources = [f'{network}.{host}' for host in range(60, 60 + args.sources)]
    commands = ''.join(f'addr replace {ip}/24 dev {args.interface}\n' for ip in sources)
    subprocess.run(['ip', '-batch', '-'], input=commands, text=True, check=True)
    flood = Flood(args, sources)
    print('ready', flush=True)
    sys.stdin.readline()
    asyncio.run(flood.run())
    print(json.dumps({'part': args.part, 'done': flood.done}), flush=True)


if __name__ == '__main__':
    main()
