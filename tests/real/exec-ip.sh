#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# ip(8) on nodes, all that it shows and changes: addresses, routes, neighbours, rules, links; as JSON, from
# a batch, and ip monitor, which sees what another ip does.
. "$(dirname "$0")/lib"
need ip ping python3
. "$(dirname "$0")/lib-exec"

three_nodes
can_exec a
reaches a 2001:db8:2::1

say "what it shows"
on a ip -6 route get 2001:db8:2::1
said '^2001:db8:2::1 from :: via 2001:db8:1::f dev e .*src 2001:db8:1::1'
on a ip -6 neigh
said '^2001:db8:1::f dev e lladdr 02:00:00:00:00:0e router'
on a ip -6 rule
said '^32766:.from all lookup main'
on a ip -s link show dev e
said 'RX: *bytes *packets'
on a ip -j -6 addr show dev e
python3 -c 'import json, sys
a = json.load(open(sys.argv[1]))[0]
assert a["ifname"] == "e", a
assert {"2001:db8:1::1"} <= {i["local"] for i in a["addr_info"]}, a' "$tmp/out" || fail "JSON: $(cat "$tmp/out")"
on r ip -6 route show proto kernel
said '^2001:db8:2::/64 dev f'
on a ip -6 addrlabel
said 'prefix ::1/128 label 0'
on a ip -6 ntable show dev e
said 'ndisc_cache'
on r ip netconf show dev e
said 'inet6 e forwarding on'
on a bridge link
[ "$rc" = 0 ] || fail "bridge link: $(cat "$tmp/out")"

say "a batch, and ip monitor"
serve a "$tmp/monitor" ip monitor addr route neigh rule link
# it has asked for its groups when it sees something
seen() {
	as_nobody "$INABA" exec a ip -6 neigh replace 2001:db8:1::5 lladdr 02:00:00:00:00:55 dev e nud permanent
	grep -q '2001:db8:1::5 dev e lladdr 02:00:00:00:00:55 PERMANENT' "$tmp/monitor"
}
in_time 10 seen || fail "ip monitor: $(cat "$tmp/monitor")"
cat >"$tmp/batch" <<END
addr add 2001:db8:8::8/64 dev e nodad
route add 2001:db8:88::/48 via 2001:db8:1::f dev e table 9
rule add from 2001:db8:8::/64 lookup 9 pref 900
neigh del 2001:db8:1::5 dev e
link set e mtu 1400
END
on a ip -6 -batch "$tmp/batch"
[ "$rc" = 0 ] || fail "ip -batch: $(cat "$tmp/out")"
for line in 'inet6 2001:db8:8::8/64 scope global' '2001:db8:88::/48 via 2001:db8:1::f dev e table 9' \
	'900:.from 2001:db8:8::/64 lookup 9' '[Dd]eleted.* 2001:db8:1::5 dev e' 'mtu 1400'; do
	in_time 5 grep -q "$line" "$tmp/monitor" || fail "ip monitor without \"$line\": $(cat "$tmp/monitor")"
done
on a ip -6 route get 2001:db8:88::1 from 2001:db8:8::8
said 'via 2001:db8:1::f dev e table 9'
on a ip -6 route flush table 9
on a ip -6 route show table 9
! grep -q 2001 "$tmp/out" || fail "after a flush: $(cat "$tmp/out")"
in_time 5 grep -q '[Dd]eleted 2001:db8:88::/48' "$tmp/monitor" || fail "ip monitor: $(cat "$tmp/monitor")"

say "what is refused, with a sentence or its errno"
printf 'addr add 2001:db8:8::8/64 dev e\nroute del 2001:db8:99::/48\nlink set nix up\n' >"$tmp/batch"
on a ip -6 -force -batch "$tmp/batch"
[ "$rc" = 1 ] || fail "ip -force -batch: status $rc"
said 'the interface has this address'
said 'there is no such route'
said 'Cannot find device "nix"'
