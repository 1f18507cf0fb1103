#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# FRR's zebra and ospf6d on each of three nodes in a line, without root: an end learns the other's
# prefixes, packets go there, and what one daemon withdraws goes from the routes of all.
. "$(dirname "$0")/lib"
need ip ping
. "$(dirname "$0")/lib-exec"
. "$(dirname "$0")/lib-userns"
. "$(dirname "$0")/lib-frr"

# ospf NODE ID INTERFACE...
ospf() {
	ospf_node=$1
	printf 'router ospf6\n ospf6 router-id %s\n redistribute kernel\nexit\n' "$2" >"$tmp/conf"
	shift 2
	for ifname in "$@"; do
		printf 'interface %s\n ipv6 ospf6 area 0\n ipv6 ospf6 hello-interval 1\n' "$ifname"
		printf ' ipv6 ospf6 dead-interval 3\nexit\n'
	done >>"$tmp/conf"
	frr "$ospf_node" ospf6d <"$tmp/conf"
}
ospf a 10.0.0.1 x
ospf r 10.0.0.2 x y
ospf b 10.0.0.3 y z

vty_says() {
	vty "$1" "$2" >"$tmp/out"
	grep -e "$3" "$tmp/out"
}

say "ospf6d finds its neighbours, zebra gives the node its routes"
in_time 20 has a '^2001:db8:3::/64 .*via fe80::ff:fe00:1 dev x proto ospf metric 20' ||
	frr_logs "a does not learn of 2001:db8:3::/64: $(cat "$tmp/out")"
has a '^2001:db8:2::/64 .*via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "a has no route to 2001:db8:2::/64"
in_time 10 has b '^2001:db8:1::/64 .*via fe80::ff:fe00:2 dev y proto ospf' ||
	frr_logs "b does not learn of 2001:db8:1::/64: $(cat "$tmp/out")"
vty_says r 'show ipv6 ospf6 neighbor' '^10.0.0.1 .* Full/' || frr_logs "r and a: $(cat "$tmp/out")"
vty_says r 'show ipv6 ospf6 neighbor' '^10.0.0.3 .* Full/' || frr_logs "r and b: $(cat "$tmp/out")"
vty_says a 'show ipv6 route' '^O>\* 2001:db8:3::/64 .110/30. via fe80::ff:fe00:1, x' ||
	frr_logs "zebra of a: $(cat "$tmp/out")"
on a ping -6 -n -c 3 -i 0.2 -W 5 -I 2001:db8:1::a 2001:db8:3::b
said ' 0% packet loss'

say "a route that ip gives a node goes to the others"
on b ip -6 route add 2001:db8:99::/48 via 2001:db8:3::1 dev z
[ "$rc" = 0 ] || fail "ip route add: $(cat "$tmp/out")"
in_time 15 has a '^2001:db8:99::/48 .*via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "2001:db8:99::/48 does not reach a"
on b ip -6 route del 2001:db8:99::/48
in_time 15 has_no a '^2001:db8:99::/48' || frr_logs "a keeps 2001:db8:99::/48"

say "a link that is down takes its routes along"
on r ip link set y down
in_time 15 has_no a '^2001:db8:3::/64' || frr_logs "a keeps 2001:db8:3::/64: $(cat "$tmp/out")"
on r ip link set y up
in_time 20 has a '^2001:db8:3::/64 .*via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "2001:db8:3::/64 does not come back"

say "zebra ends and takes its routes away"
kill "$(cat "$tmp/a/zebra.pid")"
in_time 10 has_no a 'proto ospf' || frr_logs "a keeps routes: $(cat "$tmp/out")"
has a '^2001:db8:1::/64 dev x proto kernel' || fail "not only its own"
