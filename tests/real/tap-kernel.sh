#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A node on a TAP device; the kernel and radvd at its other end.
. "$(dirname "$0")/lib"
need radvd ping tshark dumpcap
[ -c /dev/net/tun ] || skip "no /dev/net/tun"

k=
new_ns k
say "a TAP device, the kernel a router behind it"
in_ns "$k" sysctl -qw net.ipv6.conf.all.forwarding=1
in_ns "$k" "$INABA" up n --link e=tap:t0 --mac e=02:00:00:00:00:aa || fail "inaba up"
ip -n "$k" addr add 2001:db8:7::1/64 dev t0 nodad
in_time 5 sh -c "ip -n $k -6 addr show dev t0 scope link | grep fe80 | grep -qv tentative" ||
	fail "the kernel has no link-local address"
router=$(ip -n "$k" -6 -o addr show dev t0 scope link | awk '{ sub("/.*", "", $4); print $4 }')
ll=fe80::ff:fe00:aa
global=2001:db8:7::ff:fe00:aa

capture n "$tmp/node.pcapng"
ip netns exec "$k" dumpcap -q -i t0 -w "$tmp/tap.pcapng" >"$tmp/dumpcap.log" 2>&1 &
dumpcap=$!

say "addresses and a default router from radvd"
cat >"$tmp/radvd.conf" <<END
interface t0 {
	AdvSendAdvert on;
	MinRtrAdvInterval 3;
	MaxRtrAdvInterval 4;
	prefix 2001:db8:7::/64 { };
};
END
chmod 755 "$tmp"
ip netns exec "$k" radvd -n -C "$tmp/radvd.conf" -p "$tmp/radvd.pid" -m stderr >"$tmp/radvd.log" 2>&1 &
radvd=$!
sees n 12 "^    2001:db8:7::ff:fe00:aa/64 preferred"
sees n 4 "^    $ll/64 preferred"
sees n 4 "^    $router dev e preference medium"

say "the kernel pings the node"
for size in 56 40000; do
	kernel_ping "$k" -c 5 -i 0.2 -s $size "$ll%t0"
	kernel_ping "$k" -c 5 -i 0.2 -s $size "$global"
done
# DELAY ends after 5 s in a probe, should the kernel first have heard a solicitation of the node's.
for a in "$ll" "$global"; do
	in_time 8 sh -c "ip -n $k -6 neigh show dev t0 | grep '^$a .*REACHABLE'" || fail "$a is not REACHABLE"
done

say "the node pings the kernel"
for size in 56 40000; do
	node_ping n "$router%e" -c 5 -i 0.2 -s $size
	node_ping n 2001:db8:7::1 -c 5 -i 0.2 -s $size
done
status n "$router dev e .*reachable.* router" || status n "$router dev e .*REACHABLE.* router" ||
	fail "the router is no reachable neighbour"

say "radvd says goodbye"
kill -TERM $radvd
in_time 5 no_status n "$router dev e preference" || fail "the router is still there"
wait $radvd || true

say "TAP down and up; then it is deleted under the node"
pid=$(node_pid "$k" n)
ip -n "$k" link set t0 down
sees n 3 "^e: DOWN"
ip -n "$k" link set t0 up
sees n 3 "^e: up"
sees n 6 "^    $ll/64 preferred"
in_time 5 sh -c "ip -n $k -6 addr show dev t0 scope link | grep fe80 | grep -qv tentative" || fail "no link-local"
kernel_ping "$k" -c 3 -i 0.2 "$ll%t0"
kill -INT $dumpcap
wait $dumpcap || true
ip -n "$k" link del t0
sees n 3 "^e: DOWN"
before=$(cpu_ms "$pid")
sleep 2
used=$(($(cpu_ms "$pid") - before))
[ $used -lt 300 ] || fail "it spins: $used ms of 2 s"
"$INABA" down n || fail "inaba down"
wait

say "nothing malformed went over the wire"
well_formed "$tmp/node.pcapng" 300
well_formed "$tmp/tap.pcapng" 300
