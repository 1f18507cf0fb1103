#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Test lwIP, many parts at once, each in a network namespace of its own: as root,
#
#	examples/lwip/side-by-side.sh DIR [inaba conform run's options and GLOBs]
#
# DIR/PART-ROLE.json and DIR/pcap are left; the sums come at the end. JOBS says how many (16).
set -eu
export dir="$1" inaba="${INABA:-inaba}" script="${0%/*}/nut-lwip.sh"
shift
export options="$*"
mkdir -p "$dir"
cat >"$dir/one" <<'END'
ip link set lo up
for i in a b; do
	ip tuntap add lw$i mode tap
	sysctl -qw net.ipv6.conf.lw$i.disable_ipv6=1
	ip link set lw$i up
done
export XDG_RUNTIME_DIR=$(mktemp -d)
$inaba conform run --nut "exec:$script" --if lwb --if-a lwa --role "$1" --pcap "$dir/pcap" --json "$2" \
	>"$dir/$2-$1.json" 2>"$dir/$2-$1.err" || true
rm -rf "$XDG_RUNTIME_DIR"
END
$inaba conform list $options |
	awk '{ print substr($3, 1, 4) == "host" ? "host" : "router", $1 } $3 == "host," { print "router", $1 }' |
	xargs -P "${JOBS:-16}" -L 1 unshare -n sh "$dir/one"
cat "$dir"/*.json | sed -n 's/.*"verdict": *"\([A-Z]*\)".*/\1/p' | sort | uniq -c
