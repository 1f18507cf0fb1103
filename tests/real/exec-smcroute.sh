#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# smcrouted on a node, root of a user namespace only: routes from its file and from smcroutectl, of a
# source and of any; a stream goes from link to link, what nobody routes does not.
. "$(dirname "$0")/lib"
need ip python3
. "$(dirname "$0")/lib-exec"
. "$(dirname "$0")/lib-userns"
peers

cat >"$tmp/send.py" <<'END'
import socket, sys
group, words = sys.argv[1], sys.argv[2:]
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 4)
for w in words:
    s.sendto(w.encode(), (group, 5000))
END
cat >"$tmp/take.py" <<'END'
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 5000))
for group in ('ff15::1', 'ff15::2', 'ff15::3', 'ff15::4'):
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                 socket.inet_pton(socket.AF_INET6, group) + struct.pack('=I', socket.if_nametoindex('y')))
print('ready', flush=True)
while True:
    d, a = s.recvfrom(100)
    print(d.decode(), a[0], flush=True)
END
cat >"$tmp/smcroute.conf" <<'END'
mroute from x group ff15::1 source 2001:db8:1::5 to y
mroute from x group ff15::2 to y
END
chmod 644 "$tmp"/*.py "$tmp/smcroute.conf"

as_nobody "$INABA" up s --link x=wire:x --mac x=02:00:00:00:00:05 --addr x=2001:db8:1::5/64
can_exec s
as_nobody "$INABA" up r --link x=wire:x --mac x=02:00:00:00:00:01 --addr x=2001:db8:1::1/64 \
	--link y=wire:y --mac y=02:00:00:00:00:02 --addr y=2001:db8:2::1/64 --forward
as_nobody "$INABA" up d --link y=wire:y --mac y=02:00:00:00:00:06 --addr y=2001:db8:2::5/64
ready() {
	on "$1" ip -6 addr show tentative
	! grep . "$tmp/out"
}
for host in s r d; do
	in_time 10 ready "$host" || fail "$host: addresses stay tentative"
done

install -d -m 700 -o 65534 "$tmp/smc"
serve d "$tmp/taken" python3 "$tmp/take.py"
in_time 10 grep -q ready "$tmp/taken" || fail "d: $(cat "$tmp/taken")"
inner_serve r "$tmp/smc.log" "$PEERS/usr/sbin/smcrouted" -n -l debug -f "$tmp/smcroute.conf" \
	-P "$tmp/smc/pid" -u "$tmp/smc/sock"
in_time 10 test -S "$tmp/smc/sock" || fail "smcrouted: $(cat "$tmp/smc.log")"
ctl() {
	as_inner_root timeout 10 "$PEERS/usr/sbin/smcroutectl" -p -u "$tmp/smc/sock" "$@" >"$tmp/out" 2>&1
}
arrived() {
	in_time 10 grep -q "^$1 2001:db8:1::5\$" "$tmp/taken" ||
		fail "$1 does not arrive: $(cat "$tmp/taken" "$tmp/smc.log")"
}

smc_fail() {
	cat "$tmp/smc.log" >&2
	on r ip -s -6 mroute
	cat "$tmp/out" >&2
	fail "$*"
}
# route PATTERN, no_route PATTERN - is there one that matches?
route() {
	on r ip -6 mroute
	grep -e "$1" "$tmp/out" || {
		cat "$tmp/out"
		return 1
	}
}
no_route() {
	! route "$1"
}

say "a route of its file: a source, a group, a stream"
in_time 10 route '^(2001:db8:1::5,ff15::1) *Iif: x *Oifs: y *State: resolved' || smc_fail "no route"
# shellcheck disable=SC2046
on s python3 "$tmp/send.py" ff15::1 $(seq 1 50)
arrived 50
[ "$(sed -n 's/ 2001:db8:1::5$//p' "$tmp/taken")" = "$(seq 1 50)" ] || fail "not all, in order: $(cat "$tmp/taken")"
on r cat /proc/net/ip6_mr_cache
said '^ff15:0000:0000:0000:0000:0000:0000:0001 2001:0db8:0001:0000:0000:0000:0000:0005 [0-9]  *50 '
on r cat /proc/net/ip6_mr_vif
said '^ [0-9] x  *[0-9][0-9]*  *50  *0  *0 00000$'
said '^ [0-9] y  *0  *0  *[0-9][0-9]*  *50 00000$'
ctl show -d || smc_fail "smcroutectl show: $(cat "$tmp/out")"
said '(2001:db8:1::5, ff15::1)  *x  *50  *2491  *y'

say "a route of any source is made when packets ask for it"
no_route 'ff15::2' || fail "it is there before"
on s python3 "$tmp/send.py" ff15::2 any
arrived any
route '^(2001:db8:1::5,ff15::2) *Iif: x *Oifs: y *State: resolved' || smc_fail "no route"

say "smcroutectl adds one and takes it away"
ctl add x 2001:db8:1::5 ff15::3 y || smc_fail "smcroutectl add: $(cat "$tmp/out")"
in_time 10 route '^(2001:db8:1::5,ff15::3) *Iif: x *Oifs: y' || smc_fail "no route"
on s python3 "$tmp/send.py" ff15::3 third
arrived third
ctl remove x 2001:db8:1::5 ff15::3 || smc_fail "smcroutectl remove: $(cat "$tmp/out")"
in_time 10 no_route 'ff15::3' || smc_fail "it stays"

say "what nobody routes goes nowhere"
on s python3 "$tmp/send.py" ff15::4 lost lost
on s python3 "$tmp/send.py" ff15::1 last
arrived last
! grep lost "$tmp/taken" || fail "it went on"

say "smcrouted ends, and all of it goes"
ctl kill || smc_fail "smcroutectl kill: $(cat "$tmp/out")"
wait "$server" || smc_fail "smcrouted ends with $?"
on r cat /proc/net/ip6_mr_vif /proc/net/ip6_mr_cache
[ "$(wc -l <"$tmp/out")" = 2 ] || fail "something stays: $(cat "$tmp/out")"
