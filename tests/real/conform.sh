#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# inaba conform on the command line: what it lists, refuses and exits with, and its captures as
# tshark sees them.
set -eu
command -v tshark >/dev/null || { echo "tshark is not installed"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}

# refuses STATUS ARGUMENT... - one line on standard error, nothing on standard output.
refuses() {
	want=$1
	shift
	got=0
	"$INABA" conform "$@" >"$dir/out" 2>"$dir/err" || got=$?
	[ $got = "$want" ] || fail "conform $*: exit status $got, not $want"
	[ ! -s "$dir/out" ] || fail "conform $*: writes to standard output"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "conform $*: not one line: $(cat "$dir/err")"
}

refuses 2
refuses 2 frob
refuses 2 run --role cook
refuses 2 run --nut none
refuses 2 run --nut exec:true
refuses 2 run --if lo
refuses 2 run --nut netns --if-a lo
refuses 2 run --suite none
refuses 2 run --seed x
refuses 2 run --seed
refuses 2 run --json --tap
refuses 1 run 'no.such.*'
refuses 1 explain 'no.such.*'
refuses 1 run --pcap /dev/null/x

"$INABA" conform list | grep -q '^v6lc.1.1.9 .*RFC 8200 section 3' || fail "list"
"$INABA" conform list --json | python3 -m json.tool >/dev/null || fail "list --json"
"$INABA" conform explain v6lc.1.1.9 | grep -q 'needs .*forwarding' || fail "explain"
"$INABA" conform run --json --seed 7 >"$dir/a.json" || fail "run --json"
"$INABA" conform run --json --seed 7 >"$dir/b.json" || fail "run --json"
cmp "$dir/a.json" "$dir/b.json" || fail "two runs from one seed differ"
python3 -m json.tool "$dir/a.json" >/dev/null || fail "run --json"

"$INABA" conform run --pcap "$dir/pcap" 'v6lc.1.1.[49]*' >/dev/null || fail "run --pcap"
capture=$dir/pcap/v6lc.1.1.9-router.pcapng
tshark -n -r "$capture" -Y '_ws.malformed || icmpv6.checksum.status == 0' >"$dir/bad" 2>"$dir/err" ||
	fail "tshark: $(cat "$dir/err")"
[ ! -s "$dir/bad" ] || fail "tshark objects to: $(cat "$dir/bad")"
[ "$(tshark -n -r "$capture" -Y 'frame.comment contains "v6lc.1.1.9: as expected" && ipv6.hlim == 14 &&
	frame.interface_name == "link A"' 2>/dev/null | wc -l)" = 1 ] ||
	fail "the judged packet has no comment"
