#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A Linux namespace under test, as "inaba conform run --nut exec:examples/nut-netns.sh --if tb --if-a ta"
# calls it. First, as root:	examples/nut-netns.sh up	and at the end:	examples/nut-netns.sh down
set -eu
ns=${NUT_NS:-inaba-nut} all=/proc/sys/net/ipv6/conf
dev() { ip -n $ns "$@"; }
case $1 in
up)	ip link add ta type veth peer name na address 02:00:00:00:0a:01
	ip link add tb type veth peer name nb address 02:00:00:00:0b:01
	for t in ta tb; do echo 1 >$all/$t/disable_ipv6; ip link set $t up; done ;;
down)	ip link del ta; ip link del tb ;;
has)	printf '%s\n' reboot addr route mtu forwarding ping class flow ;;
mac)	echo "02:00:00:00:0$2:01" ;;
start)	echo "$2" >/run/$ns; ip netns add $ns; for l in a b; do ip link set n$l netns $ns; done
	ip netns exec $ns sysctl -qw net.ipv6.conf.all.forwarding=$([ "$2" = host ] && echo 0 || echo 1)
	dev link set lo up; [ "$2" = host ] || dev link set na up; dev link set nb up ;;
stop)	for l in a b; do dev link set n$l netns $$; done; ip netns del $ns ;;
reboot)	"$0" stop; "$0" start "$(cat /run/$ns)" ;;
addr)	dev addr add "$3" dev "n$2" ;;
route)	dev route add "$3" via "$4" dev "n$2" ;;
mtu)	ip netns exec $ns sysctl -qw "net.ipv6.conf.n$2.mtu=$3" ;;
forwarding) ip netns exec $ns sysctl -qw "net.ipv6.conf.all.forwarding=$([ "$3" = on ] && echo 1 || echo 0)" ;;
ping)	ip netns exec $ns ping -c 1 -w 5 -s "$4" -I "n$2" "$3" >/dev/null 2>&1 & ;;
*)	exit 77 ;;	# no advertise, no mroute
esac
