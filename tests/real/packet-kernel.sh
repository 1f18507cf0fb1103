#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A node on packet sockets: the router between two hosts that are the kernel's.
. "$(dirname "$0")/lib"
need ping tshark sysctl

# veth NS1 NAME1 NS2 NAME2
veth() {
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3" || skip "no veth devices here"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# has_addr NS DEV PATTERN - an address that is no longer tentative.
has_addr() {
	ip -n "$1" -6 addr show dev "$2" | grep -v tentative | grep -q "$3"
}

left='' node='' right=''
new_ns left
new_ns node
new_ns right
# The kernel in the middle keeps out of it.
in_ns "$node" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
veth "$left" l0 "$node" n0
veth "$node" n1 "$right" r0

say "the kernel takes address and route from the node"
in_ns "$node" "$INABA" up r --link a=packet:n0 --link b=packet:n1 --forward \
	--mac a=02:00:00:00:00:0a --mac b=02:00:00:00:00:0b \
	--addr a=2001:db8:a::1/64 --advertise a=2001:db8:a::/64 \
	--addr b=2001:db8:b::1/64 --advertise b=2001:db8:b::/64 || fail "inaba up"
capture r "$tmp/r.pcapng"
in_time 15 has_addr "$left" l0 'inet6 2001:db8:a:' || fail "left has no address"
in_time 15 has_addr "$right" r0 'inet6 2001:db8:b:' || fail "right has no address"
ip -n "$left" -6 route show default | grep -q 'via fe80::ff:fe00:a dev l0 proto ra' || fail "left has no route"
l=$(ip -n "$left" -6 -o addr show dev l0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
r=$(ip -n "$right" -6 -o addr show dev r0 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')

say "kernel, node, kernel"
sees r 5 "^    fe80::ff:fe00:b/64 preferred"
for size in 56 40000; do
	kernel_ping "$left" -c 5 -i 0.2 -s $size fe80::ff:fe00:a%l0
	kernel_ping "$left" -c 5 -i 0.2 -s $size 2001:db8:a::1
	node_ping r "$l" -c 5 -i 0.2 -s $size
	kernel_ping "$left" -c 5 -i 0.2 -s $size "$r"
	kernel_ping "$right" -c 5 -i 0.2 -s $size "$l"
done

say "errors that the kernel understands"
in_ns "$left" ping -6 -n -c 1 -W 3 -t 1 "$r" >"$tmp/out" 2>&1 && fail "hop limit 1 came through"
grep -q 'From 2001:db8:a::1 .*Time exceeded: Hop limit' "$tmp/out" || fail "no time exceeded: $(cat "$tmp/out")"
in_ns "$left" ping -6 -n -c 1 -W 3 2001:db8:c::1 >"$tmp/out" 2>&1 && fail "a reply from nowhere"
grep -q 'From 2001:db8:a::1 .*Destination unreachable: No route' "$tmp/out" || fail "no route: $(cat "$tmp/out")"
in_ns "$left" ping -6 -n -c 1 -W 6 2001:db8:b::dead >"$tmp/out" 2>&1 && fail "a reply from nobody"
grep -q 'From 2001:db8:a::1 .*Destination unreachable: Address unreachable' "$tmp/out" ||
	fail "no address unreachable: $(cat "$tmp/out")"
in_ns "$left" python3 - 2001:db8:a::1 <<'END' || fail "no port unreachable"
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((sys.argv[1], 9))
s.send(b"hello")
try:
    s.recv(10)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit("nothing came")
END

say "TCP through the node, checksums and segments left to hardware"
cat >"$tmp/tcp.py" <<'END'
import socket, sys, hashlib
N = 4 << 20
data = bytes(i * 7 % 251 for i in range(65521)) * (N // 65521 + 1)
if sys.argv[1] == "serve":
    s = socket.create_server((sys.argv[2], 5001), family=socket.AF_INET6)
    open(sys.argv[3], "w").close()
    c, _ = s.accept()
    c.settimeout(20)
    h = hashlib.sha256()
    while (d := c.recv(65536)):
        h.update(d)
    c.sendall(h.digest())
else:
    s = socket.create_connection((sys.argv[2], 5001), timeout=20)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    got = s.recv(32, socket.MSG_WAITALL)
    sys.exit(0 if got == hashlib.sha256(data).digest() else "other octets arrived")
END
chmod 755 "$tmp"
ip netns exec "$right" timeout 40 python3 "$tmp/tcp.py" serve "$r" "$tmp/listens" &
in_time 5 test -e "$tmp/listens" || fail "no server"
in_ns "$left" timeout 40 python3 "$tmp/tcp.py" send "$r" || fail "TCP"

say "the MTU of a narrower link"
"$INABA" down r
ip -n "$node" link set n1 mtu 1300
ip -n "$right" link set r0 mtu 1300
in_ns "$node" "$INABA" up r --link a=packet:n0 --link b=packet:n1 --forward \
	--mac a=02:00:00:00:00:0a --mac b=02:00:00:00:00:0b \
	--addr a=2001:db8:a::1/64 --advertise a=2001:db8:a::/64 \
	--addr b=2001:db8:b::1/64 --advertise b=2001:db8:b::/64 || fail "inaba up"
capture r "$tmp/r2.pcapng"
sees r 5 "^b: up forwarding mtu 1300 "
sees r 5 "^    fe80::ff:fe00:b/64 preferred"
in_time 15 sh -c "ip -n $left -6 route show default | grep 'fe80::ff:fe00:a'" || fail "left has no route"
in_time 15 sh -c "ip -n $right -6 route show default | grep 'fe80::ff:fe00:b'" || fail "right has no route"
in_ns "$left" ping -6 -n -c 1 -W 3 -M 'do' -s 1400 "$r" >"$tmp/out" 2>&1 && fail "too big came through"
grep -q 'Packet too big: mtu=1300' "$tmp/out" || fail "no packet too big: $(cat "$tmp/out")"
ip -n "$left" -6 route get "$r" | grep -q 'mtu 1300' || fail "the kernel learned nothing: $(ip -n "$left" -6 route get "$r")"
kernel_ping "$left" -c 3 -i 0.2 -s 1400 "$r"
kernel_ping "$left" -c 3 -i 0.2 -s 40000 "$r"

say "final advertisement: the kernel's routes go"
"$INABA" down r || fail "inaba down"
no_route() {
	! ip -n "$1" -6 route show default | grep -q .
}
in_time 3 no_route "$left" || fail "left has a route still"
in_time 3 no_route "$right" || fail "right has a route still"
wait

say "nothing malformed went over the wire"
well_formed "$tmp/r.pcapng" 300
well_formed "$tmp/r2.pcapng" 50
