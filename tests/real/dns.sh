#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A node on a TAP device learns a name server from radvd and looks names up at dnsmasq; then the other
# way round: the kernel's side hears what the node advertises.
. "$(dirname "$0")/lib"
need radvd dnsmasq ping tshark
[ -c /dev/net/tun ] || skip "no /dev/net/tun"

k=
new_ns k
say "a TAP device, the kernel a router behind it"
in_ns "$k" sysctl -qw net.ipv6.conf.all.forwarding=1
in_ns "$k" "$INABA" up n --link e=tap:t0 --mac e=02:00:00:00:00:aa || fail "inaba up"
ip -n "$k" addr add 2001:db8:7::1/64 dev t0 nodad
ip -n "$k" addr add 2001:db8:7::53/64 dev t0 nodad
in_time 5 sh -c "ip -n $k -6 addr show dev t0 scope link | grep fe80 | grep -qv tentative" ||
	fail "the kernel has no link-local address"
capture n "$tmp/node.pcapng"

# refuses TEXT DEST - the ping ends at once, with one line that says so, and status 1.
refuses() {
	rc=0
	"$INABA" ping n "$2" -c 1 >"$tmp/out" 2>&1 || rc=$?
	[ $rc = 1 ] && [ "$(wc -l <"$tmp/out")" = 1 ] && grep -q -e "$1" "$tmp/out" || {
		cat "$tmp/out" >&2
		fail "inaba ping $2: status $rc, and not: $1"
	}
}

refuses "www.example.com: no name server is known" www.example.com

say "a server and a domain from radvd"
cat >"$tmp/radvd.conf" <<END
interface t0 {
	AdvSendAdvert on;
	MinRtrAdvInterval 3;
	MaxRtrAdvInterval 4;
	prefix 2001:db8:7::/64 { };
	RDNSS 2001:db8:7::53 { AdvRDNSSLifetime 600; };
	DNSSL example.com { AdvDNSSLLifetime 600; };
};
END
chmod 755 "$tmp"
ip netns exec "$k" radvd -n -C "$tmp/radvd.conf" -p "$tmp/radvd.pid" -m stderr >"$tmp/radvd.log" 2>&1 &
radvd=$!
sees n 12 "^    2001:db8:7::ff:fe00:aa/64 preferred"
sees n 4 "^    name server 2001:db8:7::53, for (600|59[0-9]) s"
sees n 4 "^    search domain example.com, for (600|59[0-9]) s"

say "nobody serves there"
refuses "no name server can be reached" www.example.com

say "dnsmasq does"
ip netns exec "$k" dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
	--listen-address=2001:db8:7::53 --bind-interfaces --local=/com/ \
	--host-record=www.example.com,2001:db8:7::1 --host-record=four.example.com,192.0.2.1 \
	--cname=alias.example.com,www.example.com >"$tmp/dnsmasq.log" 2>&1 &
in_time 5 grep -q started "$tmp/dnsmasq.log" || {
	cat "$tmp/dnsmasq.log" >&2
	fail "dnsmasq does not start"
}
for name in www.example.com www alias.example.com ALIAS; do
	node_ping n $name -c 2 -i 0.2
	grep -q "PING $name (2001:db8:7::1): 56 data bytes" "$tmp/ping" || fail "$name is another address"
done
refuses "nothere.example.com: there is no such name" nothere.example.com
refuses "four.example.com: it has no IPv6 address" four.example.com

say "radvd takes the server back"
sed -i 's/AdvRDNSSLifetime 600/AdvRDNSSLifetime 0/' "$tmp/radvd.conf"
kill -HUP $radvd
in_time 8 no_status n "^    name server" || fail "the server is still known"
refuses "other.example.com: no name server is known" other.example.com
"$INABA" down n || fail "inaba down"

say "a node advertises, another hears it"
in_ns "$k" "$INABA" up r --link e=wire:lan --addr e=2001:db8:9::1/64 --advertise e=2001:db8:9::/64 \
	--rdnss e=2001:db8:9::53 --rdnss e=fe80::53 --dnssl e=example.org || fail "inaba up r"
in_ns "$k" "$INABA" up h --link e=wire:lan || fail "inaba up h"
sees h 10 "^    name server 2001:db8:9::53, for 1(800|79[0-9]) s"
sees h 1 "^    name server fe80::53, for"
sees h 1 "^    search domain example.org, for"
"$INABA" down r && "$INABA" down h || fail "inaba down"

say "nothing malformed went over the wire"
in_time 5 well_formed "$tmp/node.pcapng" 30
[ "$(tshark -n -r "$tmp/node.pcapng" -Y 'udp.checksum.status == "Bad"' 2>/dev/null | wc -l)" = 0 ] ||
	fail "a wrong UDP checksum"
