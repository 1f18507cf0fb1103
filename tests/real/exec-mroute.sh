#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same program routes multicast by MRT6_* on a node and in a namespace of the kernel's, between the
# same two links with the same packets: what it is told must be the same, line by line.
. "$(dirname "$0")/lib"
need ip python3
. "$(dirname "$0")/lib-exec"

cat >"$tmp/router.py" <<'END'
import errno, fcntl, os, re, socket, struct, subprocess, sys, time
I6 = socket.IPPROTO_IPV6
INIT, DONE, ADD_MIF, DEL_MIF, ADD_MFC, DEL_MFC, VERSION, ASSERT, PIM, TABLE = range(200, 210)
ADD_PROXY, DEL_PROXY, FLUSH = range(210, 213)
TYPE = {1: 'NOCACHE', 2: 'WRONGMIF', 3: 'WHOLEPKT'}
where = sys.argv[1]

def new():
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    s.setsockopt(socket.IPPROTO_ICMPV6, 1, b'\xff' * 32)
    s.settimeout(15)
    return s

def call(what, s, name, value):
    try:
        s.setsockopt(I6, name, value)
        print(what, 'ok')
    except OSError as e:
        print(what, errno.errorcode[e.errno])

def addr(a):
    return struct.pack('=HHI16sI', socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, a), 0)

def mif(n, name, flags=0, threshold=1):
    return struct.pack('=HBBHxxI', n, flags, threshold, socket.if_nametoindex(name) if name else 99, 0)

def mfc(src, group, parent, *oifs):
    return addr(src) + addr(group) + struct.pack('=Hxx8I', parent, sum(1 << i for i in oifs), *[0] * 7)

def upcall(s):
    d, a = s.recvfrom(2000)
    mbz, what, m, pad, src, dst = struct.unpack('=BBHI16s16s', d[:40])
    print('upcall', mbz, TYPE[what], m, pad, socket.inet_ntop(socket.AF_INET6, src),
          socket.inet_ntop(socket.AF_INET6, dst), a[:2])

def show():
    for name in ('ip6_mr_vif', 'ip6_mr_cache'):
        head, *lines = open('/proc/net/' + name)
        print(head, *sorted(lines), sep='', end='')
    for args in ((), ('-s',)):
        out = subprocess.run(['ip', *args, '-6', 'mroute'], capture_output=True, text=True)
        text = re.sub('Age.*', '', out.stdout).rstrip('\n')
        print(*sorted(re.split(r'\n(?=\()', text)), sep='\n')
        print(out.stderr, end='')

def counters(s, what, cmd, value, fmt):
    try:
        print(what, struct.unpack(fmt, fcntl.ioctl(s, cmd, value)[-struct.calcsize(fmt):]))
    except OSError as e:
        print(what, errno.errorcode[e.errno])

def step(n):
    print('step', n, flush=True)
    while not os.path.exists('%s/%d' % (where, n)):
        time.sleep(0.05)
    time.sleep(0.2)

s, other = new(), new()
call('version', s, VERSION, struct.pack('i', 1))
print(hex(s.getsockopt(I6, VERSION)), s.getsockopt(I6, ASSERT), s.getsockopt(I6, PIM))
call('done too early', s, DONE, b'')
call('init', s, INIT, struct.pack('i', 1))
call('init twice', s, INIT, struct.pack('i', 1))
call('init by another', other, INIT, struct.pack('i', 1))
call('mif 32', s, ADD_MIF, mif(32, 'x'))
call('mif of nothing', s, ADD_MIF, mif(0, None))
call('mif of unknown flags', s, ADD_MIF, mif(0, 'x', flags=8))
call('mif 0', s, ADD_MIF, mif(0, 'x', threshold=7))
call('mif 3', s, ADD_MIF, mif(3, 'y'))
call('mif 0 twice', s, ADD_MIF, mif(0, 'y'))
call('del mif 1', s, DEL_MIF, struct.pack('H', 1))
call('del mif 32', s, DEL_MIF, struct.pack('H', 32))
call('mfc to no group', s, ADD_MFC, mfc('2001:db8:1::5', '2001:db8::1', 0, 3))
call('mfc from mif 32', s, ADD_MFC, mfc('2001:db8:1::5', 'ff1e::1', 32, 3))
call('mfc too short', s, ADD_MFC, b'x')
call('del mfc', s, DEL_MFC, mfc('2001:db8:1::5', 'ff1e::1', 0))
call('flush too short', s, FLUSH, b'x')
show()
step(1)
upcall(s)
show()
call('mfc', s, ADD_MFC, mfc('2001:db8:1::5', 'ff1e::1', 0, 3, 7))
call('mfc of another socket', other, ADD_MFC, mfc('2001:db8:1::5', 'ff1e::2', 0, 3))
step(2)
show()
counters(s, 'sg', 0x89e1, addr('2001:db8:1::5') + addr('ff1e::1') + bytes(24), '@LLL')
counters(s, 'sg of nothing', 0x89e1, addr('2001:db8:1::6') + addr('ff1e::1') + bytes(24), '@LLL')
for n in 0, 3, 1, 9:
    counters(s, 'mif %d' % n, 0x89e0, struct.pack('@HLLLL', n, 0, 0, 0, 0), '@LLLL')
call('assert', s, ASSERT, struct.pack('i', 1))
step(3)
upcall(s)
show()
call('flush', s, FLUSH, struct.pack('i', 1))
show()
call('del mfc of another socket', s, DEL_MFC, mfc('2001:db8:1::5', 'ff1e::2', 0))
call('flush mifs', s, FLUSH, struct.pack('i', 4))
call('done', s, DONE, b'')
show()
END
cat >"$tmp/send.py" <<'END'
import socket, sys
group, n, name, src = sys.argv[1:]
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, 78, 1)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex(name))
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 4)
s.bind((src, 0))
for i in range(int(n)):
    s.sendto(b'packet %d' % i, (group, 5000))
END
cat >"$tmp/take.py" <<'END'
import socket, struct, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
s.bind(('::', 5000))
for group in ('ff1e::1', 'ff1e::2'):
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                 socket.inet_pton(socket.AF_INET6, group) + struct.pack('=I', socket.if_nametoindex('y')))
print('ready', flush=True)
while True:
    d, c, f, a = s.recvmsg(100, 100)
    print(d, a[0], struct.unpack('i', c[0][2])[0], flush=True)
END
chmod 644 "$tmp"/*.py

# one_way SIDE - the same on either; in_SIDE HOST COMMAND... runs a command there.
got() {
	[ "$(grep -c packet "$1")" = "$2" ]
}
reached() {
	in_time 15 grep -q "^step $2\$" "$tmp/$1/router" || fail "$1: $(cat "$tmp/$1/router")"
}
one_way() {
	dir=$tmp/$1
	mkdir -m 777 "$dir"
	"in_$1" d python3 "$tmp/take.py" >"$dir/taken" 2>&1 &
	strays="$strays $!"
	in_time 15 grep -q ready "$dir/taken" || fail "$1: $(cat "$dir/taken")"
	"in_$1" r python3 "$tmp/router.py" "$dir" >"$dir/router" 2>&1 &
	router=$!
	strays="$strays $router"
	reached "$1" 1
	"in_$1" s python3 "$tmp/send.py" ff1e::1 3 x 2001:db8:1::5
	: >"$dir/1"
	in_time 15 got "$dir/taken" 3 || fail "$1: $(cat "$dir/taken" "$dir/router")"
	reached "$1" 2
	"in_$1" s python3 "$tmp/send.py" ff1e::1 2 x 2001:db8:1::5
	"in_$1" s python3 "$tmp/send.py" ff1e::2 1 x 2001:db8:1::5
	in_time 15 got "$dir/taken" 6 || fail "$1: $(cat "$dir/taken" "$dir/router")"
	: >"$dir/2"
	reached "$1" 3
	"in_$1" d python3 "$tmp/send.py" ff1e::1 1 y 2001:db8:1::5
	: >"$dir/3"
	wait "$router" || fail "$1: $(cat "$dir/router")"
}

say "the kernel"
for host in s r d; do
	new_ns "k$host"
done
# shellcheck disable=SC2154
ip -n "$kr" link add x type veth peer name x netns "$ks"
# shellcheck disable=SC2154
ip -n "$kr" link add y type veth peer name y netns "$kd"
in_ns "$kr" sysctl -q -w net.ipv6.conf.all.forwarding=1
kernel_if() {
	ip -n "$1" addr add "$3" dev "$2" nodad
	ip -n "$1" link set "$2" up
}
kernel_if "$ks" x 2001:db8:1::5/64
kernel_if "$kr" x 2001:db8:1::1/64
kernel_if "$kr" y 2001:db8:2::1/64
kernel_if "$kd" y 2001:db8:2::5/64
in_kernel() {
	kernel_host=inaba-$$-k$1
	shift
	in_ns "$kernel_host" timeout 60 "$@"
}
in_ns "$kr" test -r /proc/net/ip6_mr_vif || skip "the kernel does not route multicast"
settled() {
	! ip -n "$1" -6 addr show tentative | grep .
}
for host in "$ks" "$kr" "$kd"; do
	in_time 10 settled "$host" || fail "$host: addresses stay tentative"
done
one_way kernel

say "nodes"
as_nobody "$INABA" up s --link x=wire:x --mac x=02:00:00:00:00:05 --addr x=2001:db8:1::5/64
can_exec s
as_nobody "$INABA" up r --link x=wire:x --mac x=02:00:00:00:00:01 --addr x=2001:db8:1::1/64 \
	--link y=wire:y --mac y=02:00:00:00:00:02 --addr y=2001:db8:2::1/64 --forward
as_nobody "$INABA" up d --link y=wire:y --mac y=02:00:00:00:00:06 --addr y=2001:db8:2::5/64
in_node() {
	node_host=$1
	shift
	as_nobody timeout 60 "$INABA" exec "$node_host" "$@"
}
ready() {
	on "$1" ip -6 addr show tentative
	! grep . "$tmp/out"
}
for host in s r d; do
	in_time 10 ready "$host" || fail "$host: addresses stay tentative"
done
one_way node

diff -u "$tmp/kernel/router" "$tmp/node/router" || fail "the node's program is told something else"
diff -u "$tmp/kernel/taken" "$tmp/node/taken" || fail "packets arrive otherwise"
grep -q 'upcall 0 WRONGMIF 3' "$tmp/node/router" || fail "no upcall: $(cat "$tmp/node/router")"
