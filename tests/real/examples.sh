#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The examples do what they say, as they stand.
. "$(dirname "$0")/lib"
need unshare ping
export INABA

say "two sites"
./examples/two-sites.sh >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "two-sites.sh"; }
[ "$(grep -c ' 0% packet loss' "$tmp/out")" = 4 ] || { cat "$tmp/out"; fail "two-sites.sh: lost something"; }
grep -q '^From 2001:db8:a::.* Time exceeded' "$tmp/out" || { cat "$tmp/out"; fail "two-sites.sh: no time exceeded"; }

[ -c /dev/net/tun ] || exit 0
say "beside the kernel"
./examples/beside-the-kernel.sh >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "beside-the-kernel.sh"; }
[ "$(grep -c ' 0% packet loss' "$tmp/out")" = 2 ] || { cat "$tmp/out"; fail "beside-the-kernel.sh: lost something"; }
