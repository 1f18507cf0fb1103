#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Are tests/netlink/kernel*.txt, which a node is compared with, what this kernel says? The requests of
# each file are asked again in a namespace that is set up as the node of the test is: two links up,
# with its link-layer addresses, and no DAD. "netlink-oracle.sh --record" writes the files anew.
. tests/real/lib 2>/dev/null || . "$(dirname "$0")/lib"

RECORD=${RECORD:-$PWD/build/release/tests/netlink_record}
[ -x "$RECORD" ] || RECORD=$PWD/build/asan/tests/netlink_record
[ -x "$RECORD" ] || skip "no program netlink_record: build the tests first"
need sysctl diff

# Two links up, in namespaces that are new.
begin() {
	new_ns "$1"
	new_ns "$2"
	eval "A=\$$1 B=\$$2"
	i=0
	while [ $i -lt 2 ]; do
		ip -n "$A" link add e$i index $((i + 2)) address 02:00:00:00:00:0$i type veth \
			peer name p$i index $((i + 102)) || skip "no veth here"
		ip -n "$A" link set p$i netns "$B"
		for key in accept_dad accept_ra router_solicitations; do
			in_ns "$A" sysctl -q -w net.ipv6.conf.e$i.$key=0
		done
		ip -n "$B" link set p$i up
		ip -n "$A" link set e$i up
		i=$((i + 1))
	done
	sleep 2
}

rc=0
for name in kernel kernel-objects; do
	begin "${name#kernel-}1" "${name#kernel-}2"
	in_ns "$A" "$RECORD" <"tests/netlink/$name.txt" >"$tmp/now"
	if [ "${1:-}" = --record ]; then
		cp "$tmp/now" "tests/netlink/$name.txt"
		continue
	fi
	say "$name: $(grep -c '^>' "$tmp/now") requests, $(grep -c '^[<~]' "$tmp/now") messages"
	diff -u "tests/netlink/$name.txt" "$tmp/now" || rc=1
done
[ $rc = 0 ] || fail "this kernel says something else than the recording"
