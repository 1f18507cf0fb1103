#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Frames that nobody should send, at a node on a packet socket: noise, and messages of Neighbor
# Discovery, MLD, ICMPv6 and fragments with octets changed. The node answers on, and says why it
# dropped what it dropped. The seed is in the log: SEED=N repeats a run.
. "$(dirname "$0")/lib"
need python3 ping

node='' peer=''
new_ns node
new_ns peer
in_ns "$node" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip -n "$peer" link add p0 type veth peer name n0 netns "$node" || skip "no veth devices here"
ip -n "$peer" link set p0 address 02:00:00:00:00:02 up
ip -n "$node" link set n0 up
ip -n "$peer" addr add 2001:db8::2/64 dev p0 nodad

say "a host and a router"
in_ns "$node" "$INABA" up n --link e=packet:n0 --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64 || fail "inaba up"
in_ns "$node" "$INABA" up r --link e=packet:n0 --mac e=02:00:00:00:00:03 --addr e=2001:db8::3/64 \
	--forward --advertise e=2001:db8:3::/64 || fail "inaba up"
sees n 5 '^    2001:db8::1/64 preferred'
sees r 5 '^    2001:db8::3/64 preferred'
kernel_ping "$peer" -c 3 -i 0.2 2001:db8::1

say "20,000 frames"
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "seed $seed"
in_ns "$peer" timeout 60 python3 - "$seed" <<'END' || fail "the sender"
import random, socket, struct, sys, time
rnd = random.Random(int(sys.argv[1]))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("p0", 0))
A = lambda t: socket.inet_pton(socket.AF_INET6, t)
ME, LL = A("2001:db8::2"), A("fe80::2")
TARGETS = [(b"\2\0\0\0\0" + bytes([k]), A("2001:db8::%d" % k), A("fe80::ff:fe00:%d" % k)) for k in (1, 3)]
def group(d):
    return b"\x33\x33" + d[12:]
def csum(src, dst, nh, p):
    v = src + dst + struct.pack("!II", len(p), nh) + p + (b"\0" if len(p) % 2 else b"")
    t = sum(struct.unpack("!%dH" % (len(v) // 2), v))
    while t >> 16:
        t = (t & 0xffff) + (t >> 16)
    return t ^ 0xffff
def ip6(src, dst, nh, hl, p):
    return struct.pack("!IHBB", 6 << 28, len(p), nh, hl) + src + dst + p
def icmp(src, dst, p, hl=255, hbh=b""):
    p = p[:2] + b"\0\0" + p[4:]
    p = p[:2] + struct.pack("!H", csum(src, dst, 58, p)) + p[4:]
    return ip6(src, dst, 0 if hbh else 58, hl, hbh + p)
def some(n):
    return bytes(rnd.getrandbits(8) for _ in range(n))
def opt(t, body):
    return bytes([t, (len(body) + 9) // 8]) + body + bytes(-(len(body) + 2) % 8)
def options():
    o = b""
    for _ in range(rnd.randrange(4)):
        o += rnd.choice([
            opt(1, b"\2\0\0\0\0\2"), opt(2, b"\2\0\0\0\0\2"),
            opt(3, bytes([64, 0xc0]) + struct.pack("!III", rnd.getrandbits(32), rnd.getrandbits(16), 0) + A("2001:db8:%x::" % rnd.getrandbits(16))),
            opt(5, b"\0\0" + struct.pack("!I", rnd.choice([0, 1279, 1280, 1500, 9000, 2**32 - 1]))),
            opt(24, bytes([rnd.randrange(129), 0]) + some(20)), opt(rnd.getrandbits(8), some(rnd.randrange(30))),
            bytes([rnd.getrandbits(8), rnd.choice([0, 1, 255])]) + some(6)])
    return o
def message(mac, dst, ll):
    k = rnd.randrange(12)
    src = rnd.choice([LL, ME, some(16), bytes(16)])
    if k == 0:
        return icmp(src, rnd.choice([dst, A("ff02::1")]), bytes([133, 0]) + bytes(6) + options())
    if k == 1:
        return icmp(src, A("ff02::1"), bytes([134, 0, 0, 0]) + some(12) + options())
    if k == 2:
        return icmp(src, rnd.choice([dst, ll, A("ff02::1:ff00:1")]), bytes([135, 0]) + bytes(6) + rnd.choice([dst, ll, some(16)]) + options())
    if k == 3:
        return icmp(src, rnd.choice([dst, A("ff02::1")]), bytes([136, 0, 0, 0, rnd.getrandbits(8), 0, 0, 0]) + rnd.choice([ME, LL, some(16), dst]) + options())
    if k == 4:
        return icmp(LL, dst, bytes([137, 0]) + bytes(6) + some(32) + options())
    if k == 5:
        return icmp(src, dst, bytes([rnd.choice([1, 2, 3, 4]), rnd.getrandbits(3), 0, 0]) + some(4) + ip6(dst, ME, 58, 64, some(rnd.randrange(60))))
    if k == 6:
        return icmp(LL, A("ff02::1"), bytes([rnd.choice([130, 131, 132, 143]), 0]) + bytes(2) + some(2) + bytes(2) + some(rnd.randrange(60)), 1, b"\x3a\0\5\2\0\0\1\0")
    if k == 7:
        return ip6(src, dst, 44, 64, struct.pack("!BBHI", 58, 0, rnd.choice([0, 1, 8, 9, 0xfff8, 0xfff9, rnd.getrandbits(16)]), rnd.getrandbits(4)) + some(8 * rnd.randrange(20)))
    if k == 8:
        p, nh = some(8), 58
        for _ in range(rnd.randrange(12)):
            p, nh = bytes([nh, rnd.choice([0, 0, 0, 1, 255])]) + some(6) + p, rnd.choice([0, 43, 60, 51, 50, 135, 139, 140, 253])
        return ip6(src, dst, nh, 64, p)
    if k == 9:
        return icmp(src, dst, bytes([128, 0]) + bytes(2) + some(rnd.randrange(1400)), rnd.getrandbits(8))
    if k == 10:
        return ip6(src, dst, rnd.getrandbits(8), rnd.getrandbits(8), some(rnd.randrange(200)))
    return some(rnd.randrange(200))
for i in range(20000):
    mac, dst, ll = rnd.choice(TARGETS)
    p = message(mac, dst, ll)
    if rnd.randrange(3) == 0 and p:
        p = bytearray(p)
        for _ in range(rnd.randrange(1, 4)):
            p[rnd.randrange(len(p))] = rnd.getrandbits(8)
        p = bytes(p[:rnd.randrange(len(p)) + 1] if rnd.randrange(4) == 0 else p)
    d = group(p[24:40]) if len(p) >= 40 and p[24] == 0xff else mac
    f = d + rnd.choice([b"\2\0\0\0\0\2", b"\2" + some(5)]) + rnd.choice([b"\x86\xdd"] * 20 + [b"\x08\0", b"\x81\0", some(2)]) + p
    try:
        s.send(f[:1514])
    except OSError:
        pass
    if i % 100 == 99:
        time.sleep(0.01)
END

say "they answer still"
# A forged advertisement may have changed what is known of our address, for as long as it takes to find out.
ip -n "$peer" neigh flush dev p0
for a in 2001:db8::1 2001:db8::3; do
	in_time 20 ip netns exec "$peer" ping -6 -n -q -c 1 -W 1 $a || fail "$a does not answer"
	kernel_ping "$peer" -c 5 -i 0.2 -s 2000 $a
done
for n in n r; do
	"$INABA" status $n --json | python3 -m json.tool >/dev/null || fail "status"
	[ "$("$INABA" status $n | sed -n '/^drops:/,$p' | wc -l)" -ge 10 ] || fail "$n names few reasons for drops"
	pid=$(node_pid "$node" $n)
	before=$(cpu_ms "$pid")
	sleep 1
	used=$(($(cpu_ms "$pid") - before))
	[ $used -lt 300 ] || fail "$n is busy with nothing: $used ms of a second"
	"$INABA" down $n || fail "inaba down"
done
