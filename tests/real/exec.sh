#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Programs that know nothing of us on nodes, without root: ip, ping, python's sockets, files of the
# network's, exit statuses and signals.
. "$(dirname "$0")/lib"
need ip ping python3
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" exec a true 2>"$tmp/err" && fail "no node, no error"
grep -q 'no node named a runs' "$tmp/err" || fail "says: $(cat "$tmp/err")"

as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64
as_nobody "$INABA" up b --link e=wire:x --mac e=02:00:00:00:00:02 --addr e=2001:db8::2/64
can_exec a
sleep 3

say "statuses"
on a sh -c 'exit 7'
[ "$rc" = 7 ] || fail "status $rc, not 7"
on a no-such-program
[ "$rc" = 127 ] || fail "status $rc, not 127"
on a sh -c 'kill -KILL $$'
[ "$rc" = 137 ] || fail "status $rc, not 137"

say "ip"
on a ip -6 addr
said 'inet6 2001:db8::1/64 scope global'
said 'inet6 fe80::ff:fe00:1/64 scope link'
on a ip link
said 'link/ether 02:00:00:00:00:01'
on a ip -6 addr add 2001:db8:5::1/64 dev e
[ "$rc" = 0 ] || fail "ip addr add: $(cat "$tmp/out")"
on a ip -6 -br addr
said '2001:db8:5::1/64'
on a ip -6 addr add 2001:db8:5::1/64 dev e
said 'the interface has this address'

say "ping"
on a ping -6 -c 3 -i 0.2 2001:db8::2
said '3 packets transmitted, 3 received, 0% packet loss'
on a ping -6 -c 1 -W 1 2001:db8::9
[ "$rc" = 1 ] || fail "a ping of nobody: status $rc"

say "UDP"
cat >"$tmp/server.py" <<'END'
import select, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 5353))
print('ready', flush=True)
for i in range(3):
    d, a = s.recvfrom(2000)
    s.sendto(d.upper(), a)
assert select.select([s], [], [], 5)[0]
print(s.recv(100), select.select([s], [], [], 0.1)[0])
END
cat >"$tmp/client.py" <<'END'
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(5)
for i in range(3):
    s.sendto(b'hello%d' % i, ('2001:db8::2', 5353))
    print(s.recvfrom(100))
s.sendto(b'bye', ('2001:db8::2', 5353))
try:
    s.settimeout(0.2)
    s.recvfrom(10)
except socket.timeout:
    print('nothing more')
print(socket.if_nameindex(), socket.if_nametoindex('e'))
END
as_nobody timeout 30 "$INABA" exec b python3 "$tmp/server.py" >"$tmp/server" 2>&1 &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	! grep -q ready "$tmp/server" || break
	sleep 0.3
done
on a python3 "$tmp/client.py"
said "b'HELLO2', ('2001:db8::2', 5353, 0, 0)"
said 'nothing more'
said "(2, 'e')"
wait "$server" || fail "server: $(cat "$tmp/server")"
grep -q "b'bye' \[\]" "$tmp/server" || fail "server: $(cat "$tmp/server")"

say "TCP"
mkdir "$tmp/www"
head -c 5000000 /dev/urandom >"$tmp/www/file"
chmod -R a+rX "$tmp/www"
as_nobody timeout 60 "$INABA" exec b python3 -m http.server --bind :: --directory "$tmp/www" 8000 >"$tmp/http" 2>&1 &
server=$!
strays="$strays $server"
cat >"$tmp/get.py" <<'END'
import errno, hashlib, select, socket, time, urllib.request
for i in range(20):
    try:
        d = urllib.request.urlopen('http://[2001:db8::2]:8000/file', timeout=10).read()
        break
    except OSError:
        time.sleep(0.5)
s = socket.socket(socket.AF_INET6)
s.setblocking(False)
assert s.connect_ex(('2001:db8::2', 8000)) == errno.EINPROGRESS
assert select.select([], [s], [], 5)[1] == [s]
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
s.send(b'HEAD / HTTP/1.0\r\n\r\n')
s.setblocking(True)
assert s.recv(8) == b'HTTP/1.0'
print(len(d), hashlib.sha256(d).hexdigest())
END
on a python3 "$tmp/get.py"
said "5000000 $(sha256sum <"$tmp/www/file" | cut -d' ' -f1)"
kill "$server"
wait "$server" || true

say "what a program wrote goes on when it has ended"
cat >"$tmp/take.py" <<'END'
import socket
s = socket.create_server(('::', 8001), family=socket.AF_INET6)
print('ready', flush=True)
c, _ = s.accept()
n = 0
while d := c.recv(65536):
    n += len(d)
print(n)
END
as_nobody timeout 60 "$INABA" exec b python3 "$tmp/take.py" >"$tmp/taken" 2>&1 &
server=$!
in_time 10 grep -q ready "$tmp/taken" || fail "take.py: $(cat "$tmp/taken")"
on a python3 -c "import socket; socket.create_connection(('2001:db8::2', 8001)).sendall(bytes(3000000))"
[ "$rc" = 0 ] || fail "sendall: $(cat "$tmp/out")"
wait "$server" || fail "take.py: $(cat "$tmp/taken")"
grep -q '^3000000$' "$tmp/taken" || fail "take.py: $(cat "$tmp/taken")"
cat >"$tmp/refused.py" <<'END'
import errno, select, socket
for nonblocking in (False, True):
    s = socket.socket(socket.AF_INET6)
    s.setblocking(not nonblocking)
    rc = s.connect_ex(('2001:db8::2', 81))
    if nonblocking:
        assert rc == errno.EINPROGRESS, rc
        assert select.select([], [s], [], 5)[1] == [s]
        rc = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    print(errno.errorcode[rc])
END
on a python3 "$tmp/refused.py"
[ "$(cat "$tmp/out")" = "$(printf 'ECONNREFUSED\nECONNREFUSED')" ] || fail "refused: $(cat "$tmp/out")"

say "files"
on a cat /proc/net/if_inet6
said '^20010db8000000000000000000000001 02 40 00'
on a cat /proc/net/nf_conntrack
said 'No such file'
