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

say "with the kernel, over a TAP device; then the kernel with itself, over veth"
if [ -c /dev/net/tun ]; then
	new_ns k
	new_ns l
	in_ns "$k" "$INABA" up t --link e=tap:t0 --mac e=02:00:00:00:00:aa --addr e=2001:db8:7::2/64
	ip -n "$k" addr add 2001:db8:7::1/64 dev t0 nodad
	ip -n "$k" link add v0 type veth peer name v0 netns "$l"
	for ns in "$k" "$l"; do ip -n "$ns" link set v0 up; done
	ip -n "$k" addr add 2001:db8:8::1/64 dev v0 nodad
	ip -n "$l" addr add 2001:db8:8::2/64 dev v0 nodad
	in_ns "$k" iperf3 -s --forceflush >"$tmp/server.k" 2>&1 &
	in_time 10 grep -q 'Server listening' "$tmp/server.k" || fail "iperf3 -s: $(cat "$tmp/server.k")"
	kernel_ping "$k" -c 1 2001:db8:7::2
	for way in "" -R; do
		in_ns "$k" timeout 20 "$INABA" exec t iperf3 -6 -c 2001:db8:7::1 -t 1 $way >"$tmp/out" 2>&1 ||
			fail "iperf3 $way to the kernel: $(cat "$tmp/out")"
		echo "node and kernel $way: $(grep receiver "$tmp/out")"
		in_time 3 ip netns exec "$l" iperf3 -6 -c 2001:db8:8::1 -t 1 $way || fail "kernel: $(cat "$tmp/in_time")"
		echo "kernel and kernel $way: $(grep receiver "$tmp/in_time")"
	done
fi
