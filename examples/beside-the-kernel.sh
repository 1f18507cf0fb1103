#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A node and the Linux kernel at the two ends of a TAP device, in a network namespace of its own:
# nothing else on the machine notices. Root is not needed where users may make namespaces.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
inaba=${INABA:-$here/build/release/src/cmd/inaba}
[ -x "$inaba" ] || inaba=$(command -v inaba) || { echo "first do ./run build" >&2; exit 1; }
PATH=$PATH:/usr/sbin:/sbin
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" = 0 ] && exec unshare -n "$0" inside
	exec unshare -Urn "$0" inside
fi

XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR
trap '"$inaba" down n >/dev/null 2>&1; rm -rf "$XDG_RUNTIME_DIR"' EXIT
trap 'exit 130' INT TERM

echo "== a node on the TAP device t0, the kernel behind it"
"$inaba" up n --link e=tap:t0 --mac e=02:00:00:00:00:02 --addr e=2001:db8::2/64
ip addr add 2001:db8::1/64 dev t0 nodad
until "$inaba" status n | grep -q '2001:db8::2/64 preferred'; do
	sleep 0.2
done

echo "== the kernel pings the node"
ping -6 -n -c 3 -i 0.3 2001:db8::2
echo "== the node pings the kernel, in fragments"
"$inaba" ping n 2001:db8::1 -c 3 -i 0.3 -s 5000
echo "== what the kernel knows of the node"
ip -6 neigh show dev t0
echo "== what the node knows"
"$inaba" status n
