#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# One script of ip(8) commands sets up hosts a and b and a router r between them, once in namespaces of the
# kernel's, by "ip netns exec", and once on nodes, by "inaba exec". Then ip shows the same in both, but for the order
# in which routes are listed and what is left out by shown().
#
# Not asked for, as it differs for a reason:
# - the route to a prefix of 128 bits: the kernel has one besides that of the address itself
# - which source address is taken when RFC 6724 has no preference
# - neighbours whom nobody has talked to: a node tells of its new addresses, routers remember it (RFC 9131)
# - neighbours without ARP: to a node, they are permanent
# - the anycast address of a router in fe80::/64, which the kernel joins
# - what is bound to an interface when all that is left is an unreachable route: to the kernel, there is none
. "$(dirname "$0")/lib"
need ip ping diff
. "$(dirname "$0")/lib-exec"

# The script: sh hosts NODE.
cat >"$tmp/hosts" <<'END'
set -e
ip link set lo up
ip link set e up
case $1 in
a)
	ip -6 addr add 2001:db8:1::1/64 dev e nodad
	ip -6 addr add fd00:5::1/64 dev e nodad valid_lft 5000 preferred_lft 4000
	ip -6 addr add fd00:6::1/64 dev e nodad noprefixroute
	ip -6 addr add fd00:7::1/64 dev e nodad preferred_lft 0
	ip -6 route add default via 2001:db8:1::f dev e
	ip -6 route add 2001:db8:77::/48 via 2001:db8:1::f dev e metric 50 mtu 1400 hoplimit 9
	ip -6 route add 2001:db8:78::/48 via fe80::ff:fe00:e dev e pref high
	ip -6 route add unreachable 2001:db8:66::/48 metric 10
	ip -6 route add blackhole 2001:db8:65::/48
	ip -6 route add prohibit 2001:db8:64::/48 table 100
	ip -6 route add 2001:db8:50::/48 via 2001:db8:1::f dev e table 100 proto 77
	ip -6 route add 2001:db8:51::/48 dev e table 200
	ip -6 route add 2001:db8:52::/48 nexthop via 2001:db8:1::f dev e nexthop via 2001:db8:1::e dev e
	ip -6 route add 2001:db8:53::/48 dev e
	ip -6 route replace 2001:db8:53::/48 via 2001:db8:1::f dev e
	ip -6 route append 2001:db8:53::/48 via 2001:db8:1::e dev e
	ip -6 route add throw 2001:db8:54::/48 table 100
	ip -6 rule add from 2001:db8:1::1 lookup 100 pref 1000
	ip -6 rule add to 2001:db8:51::/48 iif lo lookup 200 pref 1001
	ip -6 rule add fwmark 0x10/0xff lookup 100 pref 1002
	ip -6 rule add from 2001:db8:99::/64 oif e prohibit pref 1003
	ip -6 rule add not iif lo lookup 200 pref 1004
	ip -6 rule add lookup main suppress_prefixlength 47 pref 1005
	ip -6 rule del pref 1005
	ip -6 neigh add 2001:db8:1::e lladdr 02:00:00:00:00:ee dev e nud permanent
	ip -6 neigh add proxy 2001:db8:1::abc dev e
	;;
b)
	ip -6 addr add 2001:db8:2::1/64 dev e nodad
	ip -6 route add 2001:db8:1::/48 via 2001:db8:2::f
	ip -6 route add 2001:db8::/32 via 2001:db8:2::f metric 5
	ip -6 route del 2001:db8:1::/48
	;;
r)
	ip link set f up
	ip -6 addr add 2001:db8:1::f/64 dev e nodad
	ip -6 addr add 2001:db8:2::f/64 dev f nodad
	ip -6 route add 2001:db8:66::/48 via 2001:db8:2::1 dev f
	ip -6 route add unreachable 2001:db8::/32
	ip -6 rule add iif e to 2001:db8:67::/48 prohibit pref 500
	;;
esac
END

cat >"$tmp/show" <<'END'
echo '- addr'
ip -6 addr
for table in all main 100 200; do
	echo "- route show table $table"
	ip -6 route show table $table
done
echo '- route show proto, dev, type'
ip -6 route show proto kernel
ip -6 route show dev e 2001:db8:77::/48
ip -6 route show type unreachable table all
ip -6 route show root 2001:db8:60::/44
echo '- rule'
ip -6 rule
echo '- neigh'
ip -6 neigh show to 2001:db8:1::/64
ip -6 neigh show to 2001:db8:2::/64
ip -6 neigh show proxy
get() {
	echo "- get $*"
	ip -6 route get "$@" 2>&1
}
get 2001:db8:1::1
get 2001:db8:2::1
get 2001:db8:1::5
get 2001:db8:66::1
get 2001:db8:65::1
get 2001:db8:64::1
get 2001:db8:77::1
get 2001:db8:78::1
get ::1
get fe80::5 dev e
get ff02::1 dev e
get 2001:db8:51::1
get 2001:db8:50::1 mark 0x10
get 3fff::1 from 3fff::2
case $1 in
a)
	get 2001:db8:2::1 oif e
	get 2001:db8:50::1 from 2001:db8:1::1
	get 2001:db8:64::1 from 2001:db8:1::1
	get 2001:db8:54::1 from 2001:db8:1::1
	get 2001:db8:2::1 from 2001:db8:99::1
	;;
r)
	get 2001:db8:67::1 from 2001:db8:1::1 iif e
	get 2001:db8:2::1 from 2001:db8:1::1 iif e
	;;
esac
END

# shown FILE - without numbers of interfaces, peers of veth, the length of queues, seconds that pass and what a
# neighbour's reachability is right now; of each part the lines in order.
shown() {
	sed -E 's/^[0-9]+: ([a-z]+)(@[^:]*)?:/IF \1:/; s/ qlen [0-9]+//; s/[0-9]+sec/Nsec/g; s/ +$//
		s/ (REACHABLE|STALE|DELAY|PROBE)$//; s/^Error: .*/Error/; /^anycast fe80::/d' "$1" |
		awk '/^- / { part++ } /^\t/ { sub(/^\t/, " "); last = last $0; next }
			NR > 1 { print last } { last = sprintf("%03d %s", part, $0) } END { print last }' |
		awk '{ line = $0; if ($2 == "IF" || $2 == "inet6" || $2 == "valid_lft" || $2 == "-") n++; printf "%s\t%04d\t%s\n", $1, n, line }' |
		sort -s -t "$(printf '\t')" -k 1,1 -k 2,2n -k 3 | cut -f 3
}

say "in namespaces of the kernel's"
new_ns ka
new_ns kr
new_ns kb
ip -n "$ka" link add e address 02:00:00:00:00:01 type veth peer name e address 02:00:00:00:00:0e netns "$kr"
ip -n "$kb" link add e address 02:00:00:00:00:02 type veth peer name f address 02:00:00:00:00:0f netns "$kr"
for ns in "$ka" "$kr" "$kb"; do
	in_ns "$ns" sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.e.accept_ra=0
done
in_ns "$kr" sysctl -q -w net.ipv6.conf.all.forwarding=1
in_ns "$ka" sh "$tmp/hosts" a || fail "a of the kernel's"
in_ns "$kb" sh "$tmp/hosts" b || fail "b of the kernel's"
in_ns "$kr" sh "$tmp/hosts" r || fail "r of the kernel's"

say "on nodes"
as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01
as_nobody "$INABA" up b --link e=wire:y --mac e=02:00:00:00:00:02
as_nobody "$INABA" up r --link e=wire:x --link f=wire:y --mac e=02:00:00:00:00:0e \
	--mac f=02:00:00:00:00:0f --forward
can_exec a
for node in a b r; do
	on "$node" sh "$tmp/hosts" "$node"
	[ "$rc" = 0 ] || fail "$node: $(cat "$tmp/out")"
done

say "they are the same"
reaches a 2001:db8:2::1
in_time 5 in_ns "$ka" ping -c 1 -W 1 2001:db8:2::1 || fail "no way from a to b of the kernel's"
no_tentative() {
	! as_nobody "$INABA" exec "$1" ip -6 addr | grep tentative
}
bad=
for node in a b r; do
	in_time 5 no_tentative "$node" || fail "$node: addresses are still tested"
	eval "in_ns \"\$k$node\"" sh "$tmp/show" "$node" >"$tmp/kernel.$node" 2>&1
	on "$node" sh "$tmp/show" "$node"
	shown "$tmp/kernel.$node" >"$tmp/kernel"
	shown "$tmp/out" >"$tmp/node"
	echo "$node: $(wc -l <"$tmp/kernel") lines"
	diff -u "$tmp/kernel" "$tmp/node" || bad="$bad $node"
done
[ ! "$bad" ] || fail "differences at$bad (-: the kernel's)"
