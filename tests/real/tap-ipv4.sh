#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A node on a TAP device speaks IPv4 with the kernel: ARP, ICMP, fragments, UDP and TCP with checksums
# that devices leave to each other, a route and a path MTU.
. "$(dirname "$0")/lib"
need ip ping python3
[ -c /dev/net/tun ] || skip "no /dev/net/tun"

k=
new_ns k
in_ns "$k" "$INABA" up n --link e=tap:t0 --mac e=02:00:00:00:00:aa --addr e=192.0.2.1/24 \
	--route default=192.0.2.2%e || fail "inaba up"
ip -n "$k" addr add 192.0.2.2/24 dev t0
ip -n "$k" link set lo up
ip -n "$k" addr add 198.51.100.1/32 dev lo
in_ns "$k" sysctl -qw net.ipv4.ip_forward=1
sees n 5 "^    192.0.2.1/24 preferred"

node() {
	in_ns "$k" timeout 30 "$INABA" exec n "$@" >"$tmp/out" 2>&1
}
if ! node true; then
	grep -q 'does not let system calls be answered' "$tmp/out" && skip "$(cat "$tmp/out")"
	fail "true: $(cat "$tmp/out")"
fi

say "ping, whole and in fragments, both ways"
for size in 56 1472 1473 40000 65507; do
	in_ns "$k" ping -4 -q -c 2 -i 0.2 -W 3 -s $size 192.0.2.1 >"$tmp/out" || fail "kernel, $size: $(cat "$tmp/out")"
	node ping -4 -q -c 2 -i 0.2 -W 3 -s $size 192.0.2.2 || fail "node, $size: $(cat "$tmp/out")"
done
ip -n "$k" neigh show dev t0 | grep -q '192.0.2.1 lladdr 02:00:00:00:00:aa' || fail "$(ip -n "$k" neigh)"

say "a host behind the kernel; one that is not there"
node ping -4 -q -c 1 -W 3 198.51.100.1 || fail "$(cat "$tmp/out")"
ip -n "$k" route add unreachable 203.0.113.0/24
node ping -4 -c 1 -W 3 203.0.113.1 && fail "an answer?"
grep -q 'From 192.0.2.2.*Destination Host Unreachable' "$tmp/out" || fail "$(cat "$tmp/out")"

say "streams, both ways"
cat >"$tmp/serve.py" <<'END'
import hashlib, socket, sys
s = socket.create_server((sys.argv[1], 7000))
print('ready', flush=True)
c, a = s.accept()
h, n = hashlib.sha256(), 0
while d := c.recv(65536):
    h.update(d)
    n += len(d)
print(a[0], n, h.hexdigest(), flush=True)
END
cat >"$tmp/send.py" <<'END'
import hashlib, socket, sys
c = socket.create_connection((sys.argv[1], 7000), timeout=10)
d = bytes(range(256)) * 4096
for i in range(4):
    c.sendall(d)
c.close()
print(4 * len(d), hashlib.sha256(d * 4).hexdigest())
END
in_ns "$k" timeout 30 python3 "$tmp/serve.py" 192.0.2.2 >"$tmp/served" 2>&1 &
server=$!
in_time 5 grep -q ready "$tmp/served" || fail "$(cat "$tmp/served")"
node python3 "$tmp/send.py" 192.0.2.2 || fail "$(cat "$tmp/out")"
wait $server || fail "$(cat "$tmp/served")"
grep -q "^192.0.2.1 $(cat "$tmp/out")" "$tmp/served" || fail "$(cat "$tmp/served" "$tmp/out")"
in_ns "$k" timeout 30 "$INABA" exec n python3 "$tmp/serve.py" 0.0.0.0 >"$tmp/served" 2>&1 &
server=$!
in_time 5 grep -q ready "$tmp/served" || fail "$(cat "$tmp/served")"
in_ns "$k" timeout 30 python3 "$tmp/send.py" 192.0.2.1 >"$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
wait $server || fail "$(cat "$tmp/served")"
grep -q "^192.0.2.2 $(cat "$tmp/out")" "$tmp/served" || fail "$(cat "$tmp/served" "$tmp/out")"
