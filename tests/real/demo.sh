#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The demo's capture, read by tshark: nothing malformed, no error, every frame there.
set -eu
command -v tshark >/dev/null || { echo "tshark is not installed"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for seed in 1 2 3; do
	"$INABA" demo --seed $seed --out "$dir/$seed" >"$dir/out"
	capture=$dir/$seed/demo.pcapng
	tshark -n -r "$capture" -o ipv6.defragment:TRUE -Y "_ws.malformed || _ws.expert.severity == error" \
		>"$dir/bad" 2>"$dir/err" || { cat "$dir/err"; exit 1; }
	if [ -s "$dir/bad" ]; then
		echo "seed $seed: tshark objects to:"
		cat "$dir/bad"
		exit 1
	fi
	# what is in it, as somebody else sees it
	for what in "icmpv6.type == 134" "icmpv6.type == 2 && icmpv6.mtu == 1400" \
		"ipv6.fragment.count == 2" "icmpv6.type == 136 && icmpv6.nd.na.flag.s == 0" \
		'frame.comment contains "IP6_TOO_BIG"' 'frame.interface_name == "core"'; do
		[ "$(tshark -n -r "$capture" -Y "$what" 2>/dev/null | head -n 1)" ] || {
			echo "seed $seed: no frame with $what"
			exit 1
		}
	done
done
"$INABA" demo --seed 1 --out "$dir/again" >/dev/null
cmp "$dir/1/demo.pcapng" "$dir/again/demo.pcapng"
cmp "$dir/1/index.html" "$dir/again/index.html"
