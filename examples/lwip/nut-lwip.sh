#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# lwIP under test: what "inaba conform run --nut exec:examples/lwip/nut-lwip.sh --if lwb --if-a lwa"
# calls. Before it, once, as root:
#
#	cc -o lwip-tap examples/lwip/lwip-tap.c $(pkg-config --cflags --libs lwip)
#	for i in a b; do
#		ip tuntap add lw$i mode tap
#		sysctl -w net.ipv6.conf.lw$i.disable_ipv6=1
#		ip link set lw$i up
#	done
set -eu
dir=${XDG_RUNTIME_DIR:-/run}/nut-lwip
orders=$dir/orders	# a pipe that lwip-tap reads
n() { [ "$1" = b ] && echo 0 || echo 1; }	# lwip-tap counts its interfaces from 0
mac() { echo "02:00:00:00:0$1:00"; }
stop() {
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
	rm -rf "$dir"
}

case $1 in
has)	printf '%s\n' reboot addr ping forwarding ;;
mac)	mac "$2" ;;
stop)	stop ;;
start|reboot)
	role=${2:-$(cat "$dir/role")}
	stop
	mkdir -p "$dir"
	echo "$role" >"$dir/role"
	mkfifo "$orders"
	set -- lwb "$(mac b)"
	[ "$role" = host ] || set -- "$@" lwa "$(mac a)"
	setsid "${LWIP_TAP:-./lwip-tap}" "$@" <>"$orders" >"$dir/log" 2>&1 &
	echo $! >"$dir/pid" ;;
addr)	echo "addr $(n "$2") ${3%/*}" >"$orders" ;;
ping)	echo "ping $(n "$2") $3 $4" >"$orders" ;;
forwarding) ;;	# it always does
*)	exit 77 ;;
esac
