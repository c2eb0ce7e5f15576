#!/usr/bin/env python3
"""The course program that this project re-creates, reduced to what it does on the network.

It knows neither identities nor encryption: it announces {username, ip, port} in clear text, trusts whatever it
hears, and sends messages as readable JSON. End-to-end tests use it to see that it can still find us, that our
announcements do not crash it, and that what it sends is refused.
"""
import argparse
import json
import socket
import sys
import time


def emit(event, **fields):
    print(json.dumps({'event': event, **fields}), flush=True)


def announce(args):
    datagram = json.dumps({'username': args.username, 'ip': args.ip, 'port': args.port}).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sent = 0
        while args.count is None or sent < args.count:
            if sent > 0:
                time.sleep(args.interval)
            udp.sendto(datagram, (args.to, args.udp_port))
            sent += 1
            emit('announced', to=f'{args.to}:{args.udp_port}', bytes=len(datagram))
    return 0


def listen(args):
    """Succeeds when it has heard --expect different users; without that, when nothing crashed it until --timeout."""
    users, deadline = {}, time.monotonic() + args.timeout
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        # Several programs on one machine hear the same broadcast only if each asks to share the port.
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind(('0.0.0.0', args.udp_port))
        emit('listening', port=udp.getsockname()[1])
        while args.expect == 0 or len(users) < args.expect:
            udp.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                # It has a buffer of this size, so that anything longer arrives cut and fails to parse.
                datagram, source = udp.recvfrom(1024)
            except TimeoutError:
                return 0 if args.expect == 0 else 1
            try:
                peer = json.loads(datagram)
                line = f'{peer["username"]} {peer["ip"]} {peer["port"]}'
                # Its list of peers is text, taken apart at spaces: a name with a space in it breaks it.
                username, ip, port = line.split(' ')
            except (ValueError, KeyError, TypeError) as error:
                # It has no handler at all here: one strange datagram ends it, and that is what tests watch for.
                emit('crashed', why=type(error).__name__, source=source[0], bytes=len(datagram))
                return 1
            users[username] = (ip, port)
            emit('peer', username=username, ip=ip, port=int(port), source=source[0])
    return 0


def send_tcp(args):
    """Succeeds when the text went out; what the other side made of it is in the 'closed' event."""
    message = json.dumps({args.field: args.text}).encode()
    with socket.create_connection((args.host, args.port), timeout=args.timeout) as tcp:
        tcp.sendall(message)
        emit('sent', bytes=len(message))
        answered, closed = 0, False
        try:
            while not closed:
                chunk = tcp.recv(4096)
                answered += len(chunk)
                closed = not chunk
        except TimeoutError:
            pass
        except ConnectionError:
            closed = True
        emit('closed' if closed else 'open', answered=answered)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser('announce', help='say who and where we are, over and over')
    command.add_argument('--username', required=True)
    command.add_argument('--ip', required=True)
    command.add_argument('--port', type=int, required=True)
    command.add_argument('--to', default='255.255.255.255', help='broadcast address')
    command.add_argument('--udp-port', type=int, default=6004)
    command.add_argument('--interval', type=float, default=8)
    command.add_argument('--count', type=int, help='stop after so many')
    command.set_defaults(run=announce)

    command = commands.add_parser('listen', help='list who announces')
    command.add_argument('--udp-port', type=int, default=6004)
    command.add_argument('--expect', type=int, default=0, help='stop after so many different users')
    command.add_argument('--timeout', type=float, default=30)
    command.set_defaults(run=listen)

    command = commands.add_parser('send-tcp', help='send one message in clear text')
    command.add_argument('--host', default='127.0.0.1')
    command.add_argument('--port', type=int, required=True)
    command.add_argument('--field', default='unencrypted_message')
    command.add_argument('--timeout', type=float, default=10)
    command.add_argument('text')
    command.set_defaults(run=send_tcp)

    args = parser.parse_args()
    return args.run(args)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
    except OSError as error:
        emit('failed', why=str(error))
        sys.exit(1)
