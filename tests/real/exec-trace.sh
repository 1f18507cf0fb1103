#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Programs that ask the way: ping, traceroute and tracepath from a over the router r to b.
. "$(dirname "$0")/lib"
need ip ping traceroute tracepath
. "$(dirname "$0")/lib-exec"

three_nodes
can_exec a
reaches a 2001:db8:2::1

say "ping"
on a ping -c 2 -i 0.2 -s 4000 2001:db8:2::1
said '4008 bytes from 2001:db8:2::1: icmp_seq=2 ttl=63'
said ' 0% packet loss'
on a ping -c 1 -M do -s 4000 2001:db8:2::1
said 'local error: message too long, mtu: 1500'
on a ping -c 1 -I e 2001:db8:2::1
said 'from 2001:db8:1::1 e: 56 data bytes'
said ' 0% packet loss'
on a ping -c 1 -t 1 2001:db8:2::1
said 'From 2001:db8:1::f icmp_seq=1 Time exceeded: Hop limit'
on a ping -c 1 ::1
said ' 0% packet loss'
on a ping -c 1 ff02::1%e
said ' 0% packet loss'
on r ip link set f mtu 1400
[ "$rc" = 0 ] || fail "ip link set mtu: $(cat "$tmp/out")"

# seen: a line for each hop, and who answers there
hops() {
	said '^ 1  2001:db8:1::f  '
	said '^ 2  2001:db8:2::1  '
	! grep -q '^ 3' "$tmp/out" || fail "beyond the end: $(cat "$tmp/out")"
}

say "traceroute by UDP, ICMP and TCP"
on a traceroute -6 -n -q 1 -w 2 2001:db8:2::1
hops
on a traceroute -6 -n -q 1 -w 2 -I 2001:db8:2::1
hops
on a traceroute -6 -n -q 1 -w 2 -T -p 81 2001:db8:2::1
hops

say "tracepath"
on a tracepath -6 -n 2001:db8:2::1
said '1:  2001:db8:1::f '
said '2001:db8:1::f .* pmtu 1400'
said '2:  2001:db8:2::1 .* reached'
said 'pmtu 1400 hops 2 back 2'
