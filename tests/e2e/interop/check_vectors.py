#!/usr/bin/env python3
"""Reproduces the shared session vectors byte for byte with the second implementation.

Usage: check_vectors.py [session.json]. Exits 1 when anything differs, or when there is nothing to compare.
"""
import base64
import hashlib
import json
import pathlib
import struct
import sys

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import earshot_peer as peer

DEFAULT = pathlib.Path(__file__).resolve().parents[3] / 'libs/protocol/vectors/session.json'
compared, differing = 0, 0


def compare(what, actual, expected):
    global compared, differing
    compared += 1
    if actual != expected:
        differing += 1
        print(f'differs: {what}\n  expected {expected!r}\n  got      {actual!r}')


def refuses(what, function, *arguments):
    try:
        function(*arguments)
    except peer.Violation:
        compare(what, 'refused', 'refused')
    else:
        compare(what, 'accepted', 'refused')


def seeded(seed):
    """The vectors' own random source: whole blocks SHA256(seed | counter), none shared by two draws."""
    used = 0

    def draw(size):
        nonlocal used
        out = b''
        while len(out) < size:
            out += hashlib.sha256(seed + struct.pack('>I', used)).digest()
            used += 1
        return out[:size]
    return draw


def handshakes(v):
    def one(role, name, seed):
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(v[f'id_seed_{name}']))
        ext = bytes.fromhex(v[f'ext_{name}'])
        return peer.Handshake(role, key, ext, rnd=seeded(seed), now=lambda: v['fernet_time'])
    return one('I', 'initiator', b'A'), one('R', 'responder', b'R')


def check_handshake(v):
    initiator, responder = handshakes(v)
    hello_i = initiator.hello_i()
    compare('hello_i', hello_i.hex(), v['hello_i'])
    responder.read_hello_i(bytes.fromhex(v['hello_i']))
    hello_r = responder.hello_r()
    compare('hello_r', hello_r.hex(), v['hello_r'])
    initiator.read_hello_r(bytes.fromhex(v['hello_r']))
    auth_i = initiator.auth_i()
    compare('auth_i', auth_i.hex(), v['auth_i'])
    responder.read_auth_i(bytes.fromhex(v['auth_i']))
    for side, other in ((initiator, responder), (responder, initiator)):
        compare(f'h8 of {side.role}', side.h.hex(), v['h8'])
        compare(f'peer of {side.role}', side.peer, other.identity)
    compare('protocol name', peer.PROTOCOL_NAME.decode(), v['protocol'])
    compare('names in ext', (initiator.peer_name(), responder.peer_name()), ('bob', 'alice'))
    for who, side in (('initiator', initiator), ('responder', responder)):
        compare(f'peer id of the {who}', peer.peer_id(side.identity), v[f'peer_id_{who}'])
        compare('peer id, read back', peer.identity_from_peer_id(v[f'peer_id_{who}']), side.identity)
    compare('safety number', peer.safety_number(initiator.identity, responder.identity), v['safety_number'])
    compare('safety number, other way', peer.safety_number(responder.identity, initiator.identity), v['safety_number'])
    return initiator, responder


def check_refused_handshakes(v):
    """One changed bit anywhere in a frame must be refused at the latest by the next one that is signed."""
    for name in ('hello_i', 'hello_r', 'auth_i'):
        for position in range(0, len(v[name]) // 2, 7):
            refuses(f'{name} with a changed byte {position}', changed_handshake, v, name, position)


def changed_handshake(v, name, position):
    def pass_on(which, frame):
        return frame[:position] + bytes([frame[position] ^ 1]) + frame[position + 1:] if which == name else frame
    initiator, responder = handshakes(v)
    hello_i = pass_on('hello_i', initiator.hello_i())
    # Length and type are the business of the framing; here a changed type byte is refused by hand.
    peer.check(hello_i[0] == 1, 'type')
    responder.read_hello_i(hello_i)
    hello_r = pass_on('hello_r', responder.hello_r())
    peer.check(hello_r[0] == 2, 'type')
    initiator.read_hello_r(hello_r)
    auth_i = pass_on('auth_i', initiator.auth_i())
    peer.check(auth_i[0] == 3, 'type')
    responder.read_auth_i(auth_i)


def check_records(v, initiator, responder):
    sid, chain_i, chain_r = initiator.finish()
    other_sid, other_i, other_r = responder.finish()
    compare('sid', (sid.hex(), other_sid.hex()), (v['sid'], v['sid']))
    # The chains' senders hold the random sources, each where its handshake left it.
    sending, receiving = {'initiator': chain_i, 'responder': other_r}, {'initiator': other_i, 'responder': chain_r}
    for each in v['records']:
        body, frame = bytes.fromhex(each['body']), each['frame'].encode()
        chain, label = sending[each['from']], f'record {each["name"]}'
        compare(f'{label}: seq', chain.seq, each['seq'])
        key = base64.urlsafe_b64encode(chain.key)
        made = chain.seal(each['type'], body)
        compare(label, made.decode(), each['frame'])
        compare(f'{label}, opened by another library', Fernet(key).decrypt(frame[1:])[16:16 + len(body)], body)
        reflected = 'responder' if each['from'] == 'initiator' else 'initiator'
        refuses(f'{label}, sent back', receiving[reflected].open, frame)
        compare(f'{label}, opened', receiving[each['from']].open(frame), (each['type'], body))
        refuses(f'{label}, a second time', receiving[each['from']].open, frame)
    for name, chain in (('keys_i2r', chain_i), ('keys_r2i', chain_r)):
        keys = [chain.key.hex()]
        for epoch in range(1, len(v[name])):
            while chain.seq < 1024 * epoch - 1:
                chain.step()
            compare(f'{name}: the last record before epoch {epoch}', chain.key.hex(), keys[-1])
            chain.step()
            keys.append(chain.key.hex())
        compare(name, keys, v[name])


def check_announcements(v):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(v['id_seed_initiator']))
    names = [name for name in v if name.startswith('announce')]
    for name in names:
        raw = v[name].encode()
        read = peer.read_announcement(raw)
        tlvs = peer.build_tlvs({1: read['status'].encode()} if read['status'] else {})
        blob = peer.announce_blob(peer.public_bytes(key), read['username'], read['ip'], read['port'], read['instance'],
                                  read['counter'], read['unix_ms'], read['flags'], tlvs)
        compare(name, peer.announcement(key, blob, read['username'], read['ip'], read['port']), raw)
        outer = json.loads(raw)
        for field, lie in (('username', 'mallory'), ('ip', '10.0.0.1'), ('port', 7002)):
            refuses(f'{name} with another {field}', peer.read_announcement, json.dumps({**outer, field: lie}).encode())
        broken = outer['earshot'][:20] + ('A' if outer['earshot'][20] != 'A' else 'B') + outer['earshot'][21:]
        outer['earshot'] = broken
        refuses(f'{name} with a changed blob', peer.read_announcement, json.dumps(outer).encode())
    compare('number of announcements', len(names) >= 4, True)
    flags = {name: peer.read_announcement(v[name].encode())['flags'] for name in names}
    compare('goodbye flag', flags['announce_goodbye'], peer.GOODBYE)
    compare('busy flag', flags['announce_busy_with_status'], peer.BUSY)


def main():
    v = json.loads(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else DEFAULT).read_text(encoding='utf-8'))
    initiator, responder = check_handshake(v)
    check_records(v, initiator, responder)
    check_refused_handshakes(v)
    check_announcements(v)
    for name in v['names_accepted']:
        compare(f'name {name!r}', peer.name_ok(name), True)
    for name in v['names_refused']:
        compare(f'name {name!r}', peer.name_ok(name), False)
    for part in ('records', 'names_accepted', 'names_refused'):
        compare(f'{part}: there are some', len(v[part]) > 0, True)
    print(f'{compared} comparisons, {differing} differ')
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
