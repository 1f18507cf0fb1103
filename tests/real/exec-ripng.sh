#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# FRR's zebra and ripngd on each of three nodes in a line: by UDP to ff02::9, prefixes get from end to
# end, and time out when nobody tells of them any more.
. "$(dirname "$0")/lib"
need ip ping
. "$(dirname "$0")/lib-exec"
. "$(dirname "$0")/lib-userns"
. "$(dirname "$0")/lib-frr"

# ripng NODE INTERFACE...
ripng() {
	ripng_node=$1
	shift
	{
		printf 'router ripng\n timers basic 2 8 4\n'
		printf ' network %s\n' "$@"
	} >"$tmp/conf"
	frr "$ripng_node" ripngd <"$tmp/conf"
}
ripng a x
ripng r x y
ripng b y z

say "prefixes of three links"
in_time 20 has a '^2001:db8:3::/64 .*via fe80::ff:fe00:1 dev x proto 190' ||
	frr_logs "a does not learn of 2001:db8:3::/64: $(cat "$tmp/out")"
has a '^2001:db8:2::/64 .*via fe80::ff:fe00:1 dev x proto 190' || frr_logs "a has no route to 2001:db8:2::/64"
in_time 10 has b '^2001:db8:1::/64 .*via fe80::ff:fe00:2 dev y proto 190' ||
	frr_logs "b does not learn of 2001:db8:1::/64: $(cat "$tmp/out")"
on a ping -6 -n -c 3 -i 0.2 -W 5 -I 2001:db8:1::a 2001:db8:3::b
said ' 0% packet loss'
vty a 'show ipv6 ripng' >"$tmp/out"
said '2001:db8:3::/64'

say "nobody tells of them any more"
kill -KILL "$(cat "$tmp/b/ripngd.pid")"
in_time 25 has_no a '^2001:db8:3::/64' || frr_logs "a keeps 2001:db8:3::/64"
has a '^2001:db8:2::/64 .*proto 190' || frr_logs "a has lost 2001:db8:2::/64"
