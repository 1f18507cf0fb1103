#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# iperf3 between nodes: both directions, several streams, UDP. Its figures are those of a test build.
. "$(dirname "$0")/lib"
need ip ping iperf3
. "$(dirname "$0")/lib-exec"

three_nodes
can_exec a
reaches a 2001:db8:2::1
serve b "$tmp/server" iperf3 -s --forceflush
in_time 10 grep -q 'Server listening' "$tmp/server" || fail "iperf3 -s: $(cat "$tmp/server")"

# measure WHAT OPTION... - what has come through is more than nothing.
measure() {
	measured=$1
	shift
	say "iperf3 $measured"
	on a iperf3 -6 -c 2001:db8:2::1 "$@"
	[ "$rc" = 0 ] || fail "iperf3 $*: $(cat "$tmp/out")"
	said '[1-9][0-9.]* [KMG]*Bytes .* [1-9][0-9.]* [KMG]*bits/sec .*receiver'
	grep -E 'receiver|SUM.*sender' "$tmp/out" | tail -1
}

measure "a to b" -t 1
said 'Retr *Cwnd'
said '[1-9][0-9.]* [KM]Bytes *$' # TCP_INFO tells of the window
measure "b to a" -t 1 -R
measure "four streams" -t 1 -P 4
said '^.SUM. .*receiver'
measure "UDP" -t 1 -u -b 5M
measure "UDP, b to a" -t 1 -u -R -b 5M
! grep -q 'getsockopt\|error' "$tmp/server" || fail "iperf3 -s: $(cat "$tmp/server")"
