#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Tunnels that ip makes: between a and b, over the router r, which knows nothing of what is inside.
. "$(dirname "$0")/lib"
need ip ping
. "$(dirname "$0")/lib-exec"

three_nodes
can_exec a
reaches a 2001:db8:2::1

# does NODE COMMAND... - it must succeed.
does() {
	on "$@"
	[ "$rc" = 0 ] || fail "$*: status $rc: $(cat "$tmp/out")"
}

say "ip makes them"
does a ip link add t0 type ip6tnl local 2001:db8:1::1 remote 2001:db8:2::1 mode any encaplimit 5 hoplimit 33
does a ip -d link show t0
said 'mtu 1452'
said 'link/tunnel6 2001:db8:1::1 peer 2001:db8:2::1'
said 'ip6tnl any remote 2001:db8:2::1 local 2001:db8:1::1 hoplimit 33 encaplimit 5'
on a ip link add t1 type ip6tnl local 2001:db8:1::1 remote 2001:db8:2::1
[ "$rc" = 2 ] || fail "a second one: status $rc"
said 'there is a tunnel between the two'
does b ip link add t0 type ip6tnl local 2001:db8:2::1 remote 2001:db8:1::1 mode any encaplimit none dev e
does b ip -d link show type ip6tnl
said 'ip6tnl any remote 2001:db8:1::1 local 2001:db8:2::1 dev e hoplimit 64 encaplimit none'
for node in a b; do
	does $node ip link set t0 up
	does $node ip -6 addr add "2001:db8:$node$node::1/64" dev t0
done
does a ip -6 route add 2001:db8:bb::/64 dev t0
does b ip -6 route add 2001:db8:aa::/64 dev t0

say "ping"
does a ping -c 2 -i 0.2 2001:db8:bb::1
said '64 bytes from 2001:db8:bb::1: icmp_seq=2 ttl=64'
does a ping -c 1 -s 4000 2001:db8:bb::1
said ' 0% packet loss'
on a ping -c 1 -M do -s 1405 2001:db8:bb::1
said 'message too long, mtu: 1452'
does a ip -s link show t0
said 'link/tunnel6'

say "errors from within"
does r ip -6 route add unreachable 2001:db8:2::1/128
on a ping -c 1 -W 2 2001:db8:bb::1
said 'Destination unreachable: Address unreachable'
does r ip -6 route del unreachable 2001:db8:2::1/128
does a ping -c 1 2001:db8:bb::1

say "IPv4"
for node in a b; do
	does $node ip addr add "192.0.2.$([ $node = a ] && echo 1 || echo 2)/24" dev t0
done
does a ping -c 1 192.0.2.2
said ' 0% packet loss'

say "and takes them away"
does a ip link del t0
on a ip link show t0
[ "$rc" != 0 ] || fail "it is still there"
