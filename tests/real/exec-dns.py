# SPDX-License-Identifier: BSD-3-Clause
"""A name server for exec-dns.sh: www.example.org, many.example.org (a hundred addresses), and nothing else.

By UDP and by TCP, to port 53. Answers by UDP have at most 512 octets, EDNS or not: the rest is asked for by TCP.
"""
import selectors
import socket
import struct

HOST = socket.inet_pton(socket.AF_INET6, '2001:db8:1::2')
NAMES = {
    b'\3www\7example\3org\0': [HOST],
    b'\4many\7example\3org\0': [HOST[:14] + struct.pack('>H', i) for i in range(100)],
}
AAAA = 28


def answer(query, room):
    end = query.index(0, 12) + 1
    name = query[12:end].lower()
    kind, = struct.unpack_from('>H', query, end)
    found = NAMES.get(name, []) if kind == AAAA else []
    rcode = 0 if name in NAMES else 3
    body = query[12:end + 4]
    body += b''.join(struct.pack('>HHHIH', 0xc00c, AAAA, 1, 60, 16) + a for a in found)
    flags, n = 0x8580 | rcode, len(found)
    if 12 + len(body) > room:
        flags, n, body = flags | 0x0200, 0, query[12:end + 4]
    return query[:2] + struct.pack('>HHHHH', flags, 1, n, 0, 0) + body


def by_tcp(listener):
    c, _ = listener.accept()
    with c:
        c.settimeout(5)
        n, = struct.unpack('>H', c.recv(2, socket.MSG_WAITALL))
        a = answer(c.recv(n, socket.MSG_WAITALL), 65535)
        c.sendall(struct.pack('>H', len(a)) + a)


def by_udp(s):
    query, who = s.recvfrom(4096)
    s.sendto(answer(query, 512), who)


udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.bind(('::', 53))
sel = selectors.DefaultSelector()
sel.register(udp, selectors.EVENT_READ, by_udp)
sel.register(socket.create_server(('::', 53), family=socket.AF_INET6), selectors.EVENT_READ, by_tcp)
while True:
    for key, _ in sel.select():
        key.data(key.fileobj)
