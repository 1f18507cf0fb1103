#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# radvd on a node that is a router and does not advertise by itself, without root: a host configures
# itself from it by what it asks for and by what comes unasked, and has no router when radvd ends.
. "$(dirname "$0")/lib"
need ip ping radvd
. "$(dirname "$0")/lib-exec"

# says NODE PATTERN COMMAND... - does it come to say so?
says() {
	says_node=$1
	says_what=$2
	shift 2
	on "$says_node" "$@"
	grep -q -e "$says_what" "$tmp/out" || {
		cat "$tmp/out"
		return 1
	}
}

as_nobody "$INABA" up r --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8:1::1/64 --forward
can_exec r
cat >"$tmp/radvd.conf" <<'END'
interface e {
	AdvSendAdvert on;
	MinRtrAdvInterval 3;
	MaxRtrAdvInterval 4;
	AdvDefaultLifetime 1000;
	AdvLinkMTU 1400;
	AdvDefaultPreference high;
	prefix 2001:db8:1::/64 {
		AdvValidLifetime 7000;
		AdvPreferredLifetime 6000;
	};
	route 2001:db8:77::/48 { AdvRouteLifetime 900; };
	RDNSS 2001:db8:1::53 { };
	DNSSL example.net { };
};
END
chmod 644 "$tmp/radvd.conf"
install -d -m 700 -o 65534 "$tmp/radvd"
in_time 10 says r 'inet6 fe80::[^ ]* scope link *$' ip -6 addr show dev e || fail "r has no address"
serve r "$tmp/radvd.log" radvd -n -d 5 -m stderr -C "$tmp/radvd.conf" -p "$tmp/radvd/pid"
more() {
	[ "$(grep -c 'sending RA to ff02::1 on e' "$tmp/radvd.log")" -gt "$1" ]
}
# The second comes soon after the first, the next 3 s later: else a host hears it before it asks.
in_time 10 more 1 || fail "radvd: $(cat "$tmp/radvd.log")"

say "a host that comes asks, and is answered"
as_nobody "$INABA" up h --link e=wire:x --mac e=02:00:00:00:00:02
in_time 15 says h '^default via fe80::ff:fe00:1 dev e proto ra .*pref high' ip -6 route ||
	fail "h has no router; radvd: $(cat "$tmp/radvd.log")"
said '^2001:db8:77::/48 via fe80::ff:fe00:1 dev e proto ra .*expires [89]..sec'
said '^2001:db8:1::/64 dev e proto ra .*expires 6...sec'
grep -q 'sending RA to fe80::ff:fe00:2 on e' "$tmp/radvd.log" || fail "h is not answered: $(cat "$tmp/radvd.log")"
in_time 10 says h 'inet6 2001:db8:1::ff:fe00:2/64 scope global dynamic mngtmpaddr *$' ip -6 addr ||
	fail "h has no address"
on h cat /etc/resolv.conf
said '^nameserver 2001:db8:1::53$'
said '^search example.net$'
on h ping -6 -n -c 1 -W 5 2001:db8:1::1
said ' 0% packet loss'
on h ping -6 -n -c 1 -W 1 -M 'do' -s 1400 2001:db8:1::1
said 'message too long, mtu: 1400'

say "advertisements come by themselves, and radvd hears its own"
sent=$(grep -c 'sending RA to ff02::1 on e' "$tmp/radvd.log")
in_time 10 more "$sent" || fail "radvd is silent: $(cat "$tmp/radvd.log")"
in_time 5 grep -q 'received RA from: fe80::ff:fe00:1 (myself)' "$tmp/radvd.log" ||
	fail "radvd: $(cat "$tmp/radvd.log")"

say "radvd ends, and says so"
kill "$(cat "$tmp/radvd/pid")"
wait "$server" || fail "radvd ends with $?: $(cat "$tmp/radvd.log")"
no_default() {
	on h ip -6 route
	! grep '^default' "$tmp/out"
}
in_time 5 no_default || fail "h keeps a router that has said that it is none"
