#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# socat on nodes: TCP with a child for each connection, UDP both ways, files in both directions.
. "$(dirname "$0")/lib"
need ip ping socat
. "$(dirname "$0")/lib-exec"

three_nodes
can_exec a
head -c 3000000 /dev/urandom >"$tmp/file"
mkdir -m 777 "$tmp/got"
reaches a 2001:db8:2::1

say "TCP, a child for each connection"
serve b "$tmp/echo" socat -d -d TCP6-LISTEN:7000,fork,reuseaddr EXEC:'tr a-z A-Z'
in_time 10 grep -q 'listening on' "$tmp/echo" || fail "socat: $(cat "$tmp/echo")"
for i in 1 2 3; do
	on a sh -c "echo hello $i | socat -t 5 - TCP6:[2001:db8:2::1]:7000"
	said "^HELLO $i$"
done
on a socat -d - TCP6:[2001:db8:2::1]:7001
[ "$rc" = 1 ] || fail "nobody listens: status $rc"
said 'Connection refused'

say "3 MB each way at once"
serve b "$tmp/file.b" socat -d -d TCP6-LISTEN:7002 "SYSTEM:cat '$tmp/file' & cat >'$tmp/got/b'; wait"
in_time 10 grep -q 'listening on' "$tmp/file.b" || fail "socat: $(cat "$tmp/file.b")"
on a sh -c "socat -t 5 - TCP6:[2001:db8:2::1]:7002 <'$tmp/file' >'$tmp/got/a'"
[ "$rc" = 0 ] || fail "status $rc: $(cat "$tmp/out" "$tmp/file.b")"
in_time 10 cmp "$tmp/file" "$tmp/got/b" || fail "b got something else"
cmp "$tmp/file" "$tmp/got/a" || fail "a got something else"

say "UDP"
serve b "$tmp/udp" socat -d -d UDP6-RECVFROM:7003,fork EXEC:'tr a-z A-Z'
answered() {
	echo question | as_nobody timeout 5 "$INABA" exec a socat -t 1 - UDP6:[2001:db8:2::1]:7003 | grep -q '^QUESTION$'
}
in_time 10 answered || fail "UDP: $(cat "$tmp/udp")"
