#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# FRR's zebra and ospf6d on each of three nodes in a line, without root: an end learns the other's
# prefixes, packets go there, and what one daemon withdraws goes from the routes of all.
. "$(dirname "$0")/lib"
need ip ping
. "$(dirname "$0")/lib-exec"
. "$(dirname "$0")/lib-userns"
peers

# FRR changes its groups and looks for one of its own, before anything else.
printf 'root:x:0:\nfrrvty:x:0:\n' >"$tmp/group"
chmod 644 "$tmp/group"
as_inner_root mount --bind "$tmp/group" /etc/group
frr_libs=$PEERS/usr/lib/$(uname -m)-linux-gnu/frr

# daemon NODE NAME - with the configuration $tmp/NODE/NAME.conf.
daemon() {
	inner_serve "$1" "$tmp/$1/$2.log" env LD_LIBRARY_PATH="$frr_libs" "$PEERS/usr/lib/frr/$2" \
		-u root -g root -P 0 --log stdout -f "$tmp/$1/$2.conf" -i "$tmp/$1/$2.pid" \
		-z "$tmp/$1/zserv" --vty_socket "$tmp/$1"
}

# vty NODE COMMAND
vty() {
	as_inner_root env LD_LIBRARY_PATH="$frr_libs" timeout 5 "$PEERS/usr/bin/vtysh" \
		--vty_socket "$tmp/$1" --config_dir "$tmp/$1" -c "$2" 2>&1
}

frr_logs() {
	for log in "$tmp"/[arb]/*.log; do
		echo "-- $log" >&2
		tail -n 40 "$log" >&2
	done
	fail "$*"
}

# frr NODE ID INTERFACE... - both daemons.
frr() {
	node=$1
	mkdir -m 700 "$tmp/$node"
	echo 'debug zebra kernel' >"$tmp/$node/zebra.conf"
	echo 'username root nopassword' >"$tmp/$node/vtysh.conf"
	printf 'router ospf6\n ospf6 router-id %s\n redistribute kernel\nexit\n' "$2" >"$tmp/$node/ospf6d.conf"
	shift 2
	for ifname in "$@"; do
		printf 'interface %s\n ipv6 ospf6 area 0\n ipv6 ospf6 hello-interval 1\n' "$ifname"
		printf ' ipv6 ospf6 dead-interval 3\nexit\n'
	done >>"$tmp/$node/ospf6d.conf"
	chown -R 65534:65534 "$tmp/$node"
	daemon "$node" zebra
	in_time 10 test -S "$tmp/$node/zserv" || frr_logs "zebra of $node does not start"
	daemon "$node" ospf6d
}

as_nobody "$INABA" up a --link x=wire:x --mac x=02:00:00:00:00:0a --addr x=2001:db8:1::a/64 --forward
can_exec a
as_nobody "$INABA" up r --link x=wire:x --mac x=02:00:00:00:00:01 --addr x=2001:db8:1::1/64 \
	--link y=wire:y --mac y=02:00:00:00:00:02 --addr y=2001:db8:2::1/64 --forward
as_nobody "$INABA" up b --link y=wire:y --mac y=02:00:00:00:00:0b --addr y=2001:db8:2::b/64 \
	--link z=wire:z --mac z=02:00:00:00:00:0c --addr z=2001:db8:3::b/64 --forward
frr a 10.0.0.1 x
frr r 10.0.0.2 x y
frr b 10.0.0.3 y z

# has NODE PATTERN, has_no NODE PATTERN - does a route of the node's match?
has() {
	on "$1" ip -6 route
	grep -e "$2" "$tmp/out" || {
		cat "$tmp/out"
		return 1
	}
}
has_no() {
	! has "$@"
}
vty_says() {
	vty "$1" "$2" >"$tmp/out"
	grep -e "$3" "$tmp/out"
}

say "ospf6d finds its neighbours, zebra gives the node its routes"
in_time 20 has a '^2001:db8:3::/64 via fe80::ff:fe00:1 dev x proto ospf metric 20' ||
	frr_logs "a does not learn of 2001:db8:3::/64: $(cat "$tmp/out")"
has a '^2001:db8:2::/64 via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "a has no route to 2001:db8:2::/64"
in_time 10 has b '^2001:db8:1::/64 via fe80::ff:fe00:2 dev y proto ospf' ||
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
in_time 15 has a '^2001:db8:99::/48 via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "2001:db8:99::/48 does not reach a"
on b ip -6 route del 2001:db8:99::/48
in_time 15 has_no a '^2001:db8:99::/48' || frr_logs "a keeps 2001:db8:99::/48"

say "a link that is down takes its routes along"
on r ip link set y down
in_time 15 has_no a '^2001:db8:3::/64' || frr_logs "a keeps 2001:db8:3::/64: $(cat "$tmp/out")"
on r ip link set y up
in_time 20 has a '^2001:db8:3::/64 via fe80::ff:fe00:1 dev x proto ospf' || frr_logs "2001:db8:3::/64 does not come back"

say "zebra ends and takes its routes away"
kill "$(cat "$tmp/a/zebra.pid")"
in_time 10 has_no a 'proto ospf' || frr_logs "a keeps routes: $(cat "$tmp/out")"
has a '^2001:db8:1::/64 dev x proto kernel' || fail "not only its own"
