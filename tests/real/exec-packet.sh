#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Packet sockets, filters and ioctl(2) of programs on nodes, without root.
. "$(dirname "$0")/lib"
need ip ping python3
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64
as_nobody "$INABA" up b --link e=wire:x --mac e=02:00:00:00:00:02 --addr e=2001:db8::2/64
can_exec a
answers() {
	on a ping -6 -c 1 -W 1 2001:db8::2
	[ "$rc" = 0 ]
}
in_time 10 answers || fail "b does not answer: $(cat "$tmp/out")"

say "python's packet sockets"
cat >"$tmp/sniff.py" <<'END'
import ctypes, fcntl, select, socket, struct, sys
P, ALL, IP6 = 263, 3, 0x86dd
assert P == socket.SOL_PACKET if hasattr(socket, 'SOL_PACKET') else True
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
# only ICMPv6 echo, of which 70 octets: ldh [12]; jeq 0x86dd; ldb [20]; jeq 58; ldb [54]; jge 128; jgt 129
code = [(0x28, 0, 0, 12), (0x15, 0, 6, IP6), (0x30, 0, 0, 20), (0x15, 0, 4, 58),
        (0x30, 0, 0, 54), (0x35, 0, 2, 128), (0x25, 1, 0, 129), (6, 0, 0, 70), (6, 0, 0, 0)]
b = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *i) for i in code))
s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HL', len(code), ctypes.addressof(b)))
try:
    s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HL', 1, ctypes.addressof(b)))
    print('a filter without an end was taken')
except OSError as e:
    print('refused:', e.strerror)
s.bind(('e', ALL))
s.setsockopt(P, 8, 1)                                # PACKET_AUXDATA
s.setsockopt(P, 1, struct.pack('iHH8s', 2, 1, 0, b''))  # PACKET_MR_PROMISC
print(s.getsockname())
d = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88cc))
d.bind(('e', 0x88cc))
print('ready', flush=True)
for i in range(4):
    assert select.select([s], [], [], 10)[0] == [s]
    p, anc, flags, a = s.recvmsg(2000, 200)
    aux = struct.unpack('IIIHHHH', anc[0][2])
    print(len(p), p[54], a[0], hex(a[1]), a[2], a[4].hex(':'), aux[1], aux[2])
print('statistics', struct.unpack('II', s.getsockopt(P, 6, 8))[1])
d.settimeout(10)
print(d.recvfrom(100))
END
serve a "$tmp/sniffed" python3 "$tmp/sniff.py"
sniffer=$server
in_time 10 grep -q ready "$tmp/sniffed" || fail "sniff.py: $(cat "$tmp/sniffed")"
on b ping -6 -c 2 -i 0.2 2001:db8::1
[ "$rc" = 0 ] || fail "ping: $(cat "$tmp/out")"
on b python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("e", 0))
s.send(bytes.fromhex("020000000001" "020000000002" "88cc") + b"hello")
d = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
print(d.sendto(b"x" * 1500, ("e", 0x88cd, 0, 0, b"\2\0\0\0\0\1")))
try:
    d.sendto(b"x" * 1501, ("e", 0x88cd, 0, 0, b"\2\0\0\0\0\1"))
except OSError as e:
    print(e.strerror)
'
said '^1500$'
said 'Message too long'
wait "$sniffer" || fail "sniff.py: $(cat "$tmp/sniffed")"
cat >"$tmp/want" <<'END'
refused: Invalid argument
('e', 3, 0, 1, b'\x02\x00\x00\x00\x00\x01')
ready
70 128 e 0x86dd 0 02:00:00:00:00:02 118 70
70 129 e 0x86dd 4 02:00:00:00:00:01 118 70
70 128 e 0x86dd 0 02:00:00:00:00:02 118 70
70 129 e 0x86dd 4 02:00:00:00:00:01 118 70
statistics 0
(b'hello', ('e', 35020, 0, 1, b'\x02\x00\x00\x00\x00\x02'))
END
diff "$tmp/want" "$tmp/sniffed" || fail "the packet sockets of a"

say "tcpdump"
if command -v tcpdump >/dev/null; then
	serve a "$tmp/dumped" tcpdump -i e -l -n -c 4 'icmp6 and ip6[40] >= 128 and ip6[40] <= 129'
	dump=$server
	in_time 10 grep -q 'listening on e' "$tmp/dumped" || fail "tcpdump: $(cat "$tmp/dumped")"
	on b ping -6 -c 2 -i 0.2 2001:db8::1
	wait "$dump" || fail "tcpdump: $(cat "$tmp/dumped")"
	for line in '2001:db8::2 > 2001:db8::1: ICMP6, echo request, id [0-9]*, seq 1, length 64' \
		'2001:db8::1 > 2001:db8::2: ICMP6, echo reply, id [0-9]*, seq 2, length 64' \
		'^4 packets captured' '^0 packets dropped'; do
		grep -q "$line" "$tmp/dumped" || fail "tcpdump, not \"$line\": $(cat "$tmp/dumped")"
	done
fi

say "a flow label"
on a ping -6 -F 0x12345 -c 1 2001:db8::2
[ "$rc" = 0 ] || fail "ping -F: $(cat "$tmp/out")"

say "a ring"
cat >"$tmp/ring.py" <<'END'
import mmap, select, socket, struct, time
P = 263
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
def refused(f):
    try:
        f()
        return 'taken'
    except OSError as e:
        return e.strerror
print('no ring:', refused(lambda: mmap.mmap(s.fileno(), 4096)))
s.setsockopt(P, 10, 1)                                             # TPACKET_V2
print('bad:', refused(lambda: s.setsockopt(P, 5, struct.pack('IIII', 4096, 2, 2048, 3))))
print('large:', refused(lambda: s.setsockopt(P, 5, struct.pack('IIII', 1 << 20, 64, 2048, 32768))))
s.setsockopt(P, 5, struct.pack('IIII', 4096, 1, 2048, 2))
print('twice:', refused(lambda: s.setsockopt(P, 5, struct.pack('IIII', 4096, 1, 2048, 2))))
m = mmap.mmap(s.fileno(), 4096)
s.bind(('e', 0x88cc))
print(select.select([s], [], [], 0)[0], 'ready', flush=True)
def quiet():
    until = time.monotonic() + 5
    while select.select([s], [], [], 0)[0] and time.monotonic() < until:
        time.sleep(0.001)
    return select.select([s], [], [], 0)[0] == []
for i in range(3):
    at = i % 2 * 2048
    st = 0
    until = time.monotonic() + 10
    while not st & 1 and time.monotonic() < until: # what was read last may be readable for 2 ms more
        assert select.select([s], [], [], 10)[0] == [s]
        st, n, snap, mac, net = struct.unpack_from('IIIHH', m, at)
    print(st & 1, n, snap, mac, net, m[at + net:at + net + 2])
    struct.pack_into('I', m, at, 0)
    assert i != 0 or quiet()
    print('next', flush=True)
print(struct.unpack('II', s.getsockopt(P, 6, 8)))
END
serve a "$tmp/rung" python3 "$tmp/ring.py"
ring=$server
in_time 10 grep -q ready "$tmp/rung" || fail "ring.py: $(cat "$tmp/rung")"
cat >"$tmp/send.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("e", 0))
for w in sys.argv[1:]:
    s.send(bytes.fromhex("020000000001" "020000000002" "88cc") + w.encode())
END
on b python3 "$tmp/send.py" r0
in_time 10 grep -q next "$tmp/rung" || fail "ring.py: $(cat "$tmp/rung")"
on b python3 "$tmp/send.py" r1 r2
wait "$ring" || fail "ring.py: $(cat "$tmp/rung")"
cat >"$tmp/want" <<'END'
no ring: Invalid argument
bad: Invalid argument
large: Cannot allocate memory
twice: Device or resource busy
[] ready
1 16 16 66 80 b'r0'
next
1 16 16 66 80 b'r1'
next
1 16 16 66 80 b'r2'
next
(3, 0)
END
diff "$tmp/want" "$tmp/rung" || fail "the ring of a"

say "ioctl(2)"
cat >"$tmp/ioctl.py" <<'END'
import errno, fcntl, socket, struct
def ask(s, cmd, arg):
    try:
        return fcntl.ioctl(s, cmd, arg)
    except OSError as e:
        return errno.errorcode[e.errno]
def name(n, *v):
    return struct.pack('16s' + ''.join(x for x, _ in v), n, *(y for _, y in v)).ljust(40, b'\0')
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u = socket.socket(socket.AF_UNIX)
i = lambda r: struct.unpack_from('i', r, 16)[0] if isinstance(r, bytes) else r
for sock in s, u:
    print('index', i(ask(sock, 0x8933, name(b'e'))), 'name', ask(sock, 0x8910, name(b'', ('i', 2)))[:3])
print('flags %#x' % struct.unpack_from('H', ask(s, 0x8913, name(b'e')), 16)[0])
print('mtu', i(ask(s, 0x8921, name(b'e'))), 'hw', ask(s, 0x8927, name(b'e'))[16:24].hex())
print('metric', i(ask(s, 0x891d, name(b'e'))), 'qlen', i(ask(s, 0x8942, name(b'e'))))
print('addr', ask(s, 0x8915, name(b'e')), 'nobody', ask(s, 0x8913, name(b'nobody')), ask(s, 0x8910, name(b'', ('i', 9))))
print('ethtool', ask(s, 0x8946, name(b'e', ('L', 0))))
conf = struct.unpack('iL', ask(s, 0x8912, struct.pack('iL', 4000, 0)))
print('conf', conf[0] // 40)
ask(s, 0x8922, name(b'e', ('i', 1400)))
print('mtu', i(ask(s, 0x8921, name(b'e'))), 'too small', ask(s, 0x8922, name(b'e', ('i', 1000))))
a = socket.inet_pton(socket.AF_INET6, '2001:db8:9::1')
print('add', ask(s, 0x8916, a + struct.pack('Ii', 64, 2)) == a + struct.pack('Ii', 64, 2),
      ask(s, 0x8916, a + struct.pack('Ii', 129, 2)), ask(s, 0x8916, a + struct.pack('Ii', 64, 77)))
def rt(dst, plen, gw, ifi):
    p = lambda t: socket.inet_pton(socket.AF_INET6, t)
    return p(dst) + p('::') + p(gw) + struct.pack('IHHILIi', 0, plen, 0, 7, 0, 3, ifi)
print('route', isinstance(ask(s, 0x890b, rt('2001:db8:a::', 48, '2001:db8::2', 0)), bytes),
      ask(s, 0x890b, rt('2001:db8:b::', 48, '2001:db8:ff::2', 0)),
      ask(s, 0x890c, rt('2001:db8:c::', 48, '::', 2)))
import select
s.bind(('::1', 999))
s.sendto(b'12345', ('::1', 999))
assert select.select([s], [], [], 5)[0]
print('udp inq', struct.unpack('i', ask(s, 0x541b, b'\0' * 4))[0])
END
on a python3 "$tmp/ioctl.py"
cat >"$tmp/want" <<'END'
index 2 name b'e\x00\x00'
index 2 name b'e\x00\x00'
flags 0x1043
mtu 1500 hw 0100020000000001
metric 0 qlen 4096
addr EADDRNOTAVAIL nobody ENODEV ENXIO
ethtool ENOTSUP
conf 1
mtu 1400 too small EINVAL
add True EINVAL ENODEV
route True EHOSTUNREACH ESRCH
udp inq 5
END
diff "$tmp/want" "$tmp/out" || fail "ioctl(2)"
on a ip -6 addr show dev e
said 'inet6 2001:db8:9::1/64'
on a ip -6 route
said '2001:db8:a::/48 via 2001:db8::2 dev e .*metric 7'
