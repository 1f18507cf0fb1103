#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# As a user without any privilege: two nodes on segments ping through a third that forwards.
. "$(dirname "$0")/lib"
need setpriv tshark

# The program where that user can read it, and a runtime directory of its own.
k=
new_ns k
install -m 755 "$INABA" "$tmp/inaba"
mkdir -m 700 "$tmp/user"
chown 65534:65534 "$tmp/user"
cat >"$tmp/as-user" <<END
#!/bin/sh
exec ip netns exec $k setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
	env XDG_RUNTIME_DIR=$tmp/user $tmp/inaba "\$@"
END
chmod 755 "$tmp/as-user"
INABA=$tmp/as-user

say "a router and two hosts"
"$INABA" up r --link a=wire:left --link b=wire:right \
	--addr a=2001:db8:1::1/64 --advertise a=2001:db8:1::/64 \
	--addr b=2001:db8:2::1/64 --advertise b=2001:db8:2::/64 || fail "inaba up r"
capture r "$tmp/r.pcapng"
"$INABA" up h1 --link e=wire:left --mac e=02:00:00:00:00:01 || fail "inaba up h1"
"$INABA" up h2 --link e=wire:right --mac e=02:00:00:00:00:02 || fail "inaba up h2"
[ "$("$INABA" list | tr '\n' ' ')" = "h1 h2 r " ] || fail "inaba list"
for n in h1 h2 r; do
	pid=$(node_pid "$k" $n)
	grep -q '^Uid:	65534	65534	65534	65534' "/proc/$pid/status" || fail "$n is not the user's"
done
sees h1 10 "^    2001:db8:1::ff:fe00:1/64 preferred slaac"
sees h2 10 "^    2001:db8:2::ff:fe00:2/64 preferred slaac"
sees h1 5 "^    fe80::.* dev e preference"

say "they ping each other"
for size in 56 40000; do
	node_ping h1 2001:db8:2::ff:fe00:2 -c 5 -i 0.2 -s $size
	node_ping h2 2001:db8:1::ff:fe00:1 -c 5 -i 0.2 -s $size
	node_ping h1 2001:db8:1::1 -c 5 -i 0.2 -s $size
done
"$INABA" ping h1 2001:db8:2::ff:fe00:2 -c 2 -i 0.2 | grep -q 'ttl=63 ' || fail "not forwarded once"
"$INABA" ping h1 2001:db8:2::ff:fe00:2 -c 1 -t 1 -W 1 >"$tmp/out" && fail "hop limit 1 came through"
grep -q '^From 2001:db8:1::1 icmp_seq=0 Time exceeded: Hop limit' "$tmp/out" || fail "no time exceeded: $(cat "$tmp/out")"
"$INABA" ping h1 2001:db8:2::dead -c 1 -W 8 >"$tmp/out" && fail "a reply from nobody"
grep -q 'Destination unreachable: Address unreachable' "$tmp/out" || fail "no unreachable: $(cat "$tmp/out")"
"$INABA" ping h1 2001:db8:3::1 -c 1 -W 2 >"$tmp/out" && fail "a reply from nowhere"
grep -q '^From 2001:db8:1::1 .*Destination unreachable: No route' "$tmp/out" || fail "no route: $(cat "$tmp/out")"

say "a duplicate address"
"$INABA" up twin --link e=wire:left --mac e=02:00:00:00:00:01 || fail "inaba up twin"
sees twin 5 "^    fe80::ff:fe00:1/64 duplicate"
"$INABA" up twin2 --link e=wire:left --mac e=02:00:00:00:00:11 --addr e=2001:db8:1::1/64 || fail "inaba up twin2"
sees twin2 5 "^    2001:db8:1::1/64 duplicate"
sees twin2 5 "^    fe80::ff:fe00:11/64 preferred"
status h1 "^    fe80::ff:fe00:1/64 preferred" || fail "the first owner lost its address"
"$INABA" down twin
"$INABA" down twin2

say "opaque identifiers: the same at each start, with the same secret"
address_of() {
	sees "$1" 10 "^    2001:db8:1::?.*/64 preferred slaac" >&2
	"$INABA" status "$1" | sed -n 's|^    \(2001:db8:1:[^/]*\)/64 preferred slaac.*|\1|p'
}
secret=$tmp/user/secret
"$INABA" up o --link e=wire:left --opaque "$secret" || fail "inaba up o --opaque"
first=$(address_of o)
"$INABA" down o
[ "$(stat -c %a "$secret")" = 600 ] || fail "others may read the secret"
"$INABA" up o --link e=wire:left --opaque "$secret" || fail "inaba up o --opaque, again"
[ "$(address_of o)" = "$first" ] || fail "the address has changed"
"$INABA" down o
"$INABA" up o --link e=wire:left --opaque "$tmp/user/other" || fail "inaba up o, another secret"
[ "$(address_of o)" != "$first" ] || fail "another secret, but the same address"
case $first in
*ff:fe*) fail "$first is made of a link-layer address" ;;
esac
"$INABA" down o
chmod 644 "$secret"
"$INABA" up o --link e=wire:left --opaque "$secret" 2>"$tmp/err" && fail "a secret that others read is taken"
grep -q 'chmod 600' "$tmp/err" || fail "no advice: $(cat "$tmp/err")"

say "a peer that stops keeps nobody else waiting"
kill -STOP "$(node_pid "$k" h2)"
node_ping h1 2001:db8:1::1 -c 3 -i 0.2
"$INABA" ping h1 2001:db8:2::ff:fe00:2 -c 3 -i 0.2 -W 1 >"$tmp/out" && fail "a stopped node answers"
kill -CONT "$(node_pid "$k" h2)"
node_ping h1 2001:db8:2::ff:fe00:2 -c 3 -i 0.2 -W 5

say "the router goes, with a word"
"$INABA" down r || fail "inaba down"
[ "$("$INABA" list | tr '\n' ' ')" = "h1 h2 " ] || fail "inaba list"
in_time 3 no_status h1 "dev e preference" || fail "h1 still has a router"
"$INABA" down h1
"$INABA" down h2
wait

say "nothing malformed went over the wire"
well_formed "$tmp/r.pcapng" 300
