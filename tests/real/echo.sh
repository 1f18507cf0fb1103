#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# One daemon on struct host (examples/echo): as a program of the kernel's, and as one of a node's.
. "$(dirname "$0")/lib"
echo=$(dirname "$(dirname "$(dirname "$INABA")")")/examples/echo/echo
[ -x "$echo" ] || skip "examples/echo is not built"
. "$(dirname "$0")/lib-exec"
install -m 755 "$echo" "$tmp/echo"
echo=$tmp/echo

cat >"$tmp/want" <<'END'
udp echo: the same
udp time: as ours
tcp echo: the same
tcp nobody: Connection refused
END

# serves FILE - the server has said that it does
serves() {
	grep -q '^serving' "$1"
}

# has_address NODE - DAD is over
has_address() {
	as_nobody "$INABA" status "$1" | grep -q '2001:db8::./64 preferred'
}

say "on the kernel"
in_ns "$away" "$echo" serve ::1 7007 >"$tmp/serve" 2>&1 &
strays="$strays $!"
in_time 10 serves "$tmp/serve" || fail "echo serve: $(cat "$tmp/serve")"
in_ns "$away" "$echo" ask ::1 7007 >"$tmp/out" || fail "echo ask: $(cat "$tmp/out")"
cmp "$tmp/out" "$tmp/want" || fail "$(cat "$tmp/out")"

say "on two nodes"
as_nobody "$INABA" up a --link e=wire:lan --addr e=2001:db8::1/64
as_nobody "$INABA" up b --link e=wire:lan --addr e=2001:db8::2/64
can_exec a
in_time 10 has_address a && in_time 10 has_address b || fail "no address"
serve a "$tmp/serve-a" "$echo" serve 2001:db8::1 7007
in_time 10 serves "$tmp/serve-a" || fail "echo serve: $(cat "$tmp/serve-a")"
on b "$echo" ask 2001:db8::1 7007
[ "$rc" = 0 ] || fail "echo ask: $(cat "$tmp/out")"
cmp "$tmp/out" "$tmp/want" || fail "$(cat "$tmp/out")"
