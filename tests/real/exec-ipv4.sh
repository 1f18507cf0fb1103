#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# IPv4 on nodes: programs that speak it, alone and beside IPv6, and a router between.
. "$(dirname "$0")/lib"
need ip ping python3 curl ss
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" up a --link e=wire:x --addr e=192.0.2.1/24 --addr e=2001:db8::1/64 \
	--route default=192.0.2.254%e
as_nobody "$INABA" up r --link e=wire:x --link f=wire:y --addr e=192.0.2.254/24 --addr f=198.51.100.254/24 --forward
as_nobody "$INABA" up b --link e=wire:y --addr e=198.51.100.2/24 --route 192.0.2.0/24=198.51.100.254%e
can_exec a

say "ip"
on a ip -4 addr show dev e
said 'inet 192.0.2.1/24 scope global e'
on a ip -4 route
said 'default via 192.0.2.254 dev e'
said '192.0.2.0/24 dev e proto kernel scope link src 192.0.2.1'
on a ip -4 route get 198.51.100.2
said '198.51.100.2 via 192.0.2.254 dev e src 192.0.2.1'
on a ip addr
said 'inet6 2001:db8::1/64'
said 'inet 127.0.0.1/8 scope host lo'
on a ip addr add 192.0.2.11/24 dev e
[ "$rc" = 0 ] || fail "ip addr add: $(cat "$tmp/out")"
on a ip -4 addr add 192.0.2.11/24 dev e
said 'the interface has this address'
on a ip addr del 192.0.2.11/24 dev e
[ "$rc" = 0 ] || fail "ip addr del: $(cat "$tmp/out")"
on a ip route add 203.0.113.0/24 via 192.0.2.254
[ "$rc" = 0 ] || fail "ip route add: $(cat "$tmp/out")"
on a ip route del 203.0.113.0/24
[ "$rc" = 0 ] || fail "ip route del: $(cat "$tmp/out")"
on a ip -4 route
! grep -q 203.0.113 "$tmp/out" || fail "it is still there: $(cat "$tmp/out")"

say "ping"
on a ping -4 -c 3 -i 0.2 198.51.100.2
said '3 packets transmitted, 3 received, 0% packet loss'
said 'ttl=63'
on a ping -c 2 -i 0.2 -s 5000 198.51.100.2
said '5008 bytes from 198.51.100.2'
on a ping -c 1 127.0.0.1
said '1 received'
on a ping -c 1 -t 1 198.51.100.2
said 'From 192.0.2.254.*Time to live exceeded'
on a ping -c 1 -W 2 10.1.2.3
said 'From 192.0.2.254.*Destination Net Unreachable'
on a ip -4 neigh
said '192.0.2.254 dev e lladdr'

say "a server of both families"
mkdir "$tmp/www"
head -c 3000000 /dev/urandom >"$tmp/www/file"
chmod -R a+rX "$tmp/www"
cat >"$tmp/server.py" <<'END'
import socket, threading, http.server, functools
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        print('from', self.client_address[0], flush=True)
        super().do_GET()
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()
s = Server(('::', 8000), functools.partial(Handler, directory='www'))
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.bind(('::', 5353))
threading.Thread(target=s.serve_forever, daemon=True).start()
print('ready', flush=True)
while True:
    d, a = u.recvfrom(2000)
    u.sendto(d.upper() + b' ' + a[0].encode(), a)
END
serve b "$tmp/server" sh -c "cd $tmp && exec python3 server.py"
in_time 10 grep -q ready "$tmp/server" || fail "no server: $(cat "$tmp/server")"
on a sh -c 'curl -4 -sS -m 15 http://198.51.100.2:8000/file | sha256sum'
said "$(sha256sum <"$tmp/www/file" | cut -d' ' -f1)"
grep -q 'from ::ffff:192.0.2.1' "$tmp/server" || fail "server: $(cat "$tmp/server")"
cat >"$tmp/client.py" <<'END'
import errno, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTTL if hasattr(socket, 'IP_RECVTTL') else 12, 1)
s.sendto(b'hello', ('198.51.100.2', 5353))
d, anc, flags, a = s.recvmsg(100, 100)
print(d, a, [(l, t, int.from_bytes(v, 'little')) for l, t, v in anc], s.getsockname()[0])
d = b'x' * 4000
s.sendto(d, ('198.51.100.2', 5353))
print(len(s.recv(5000)))
c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
c.connect(('198.51.100.2', 9))
c.settimeout(3)
c.send(b'nobody')
try:
    c.recvfrom(1)
except ConnectionRefusedError as e:
    print('refused')
try:
    socket.create_connection(('198.51.100.2', 9), timeout=5)
except ConnectionRefusedError as e:
    print('refused, too')
t = socket.create_connection(('198.51.100.2', 8000), timeout=5)
print('tcp', t.getsockname()[0], t.getpeername())
END
on a python3 "$tmp/client.py"
said "b'HELLO ::ffff:192.0.2.1' ('198.51.100.2', 5353) \[(0, 2, 63)\] 0.0.0.0"
said '^2017$'
said '^refused$'
said '^refused, too$'
said "tcp 192.0.2.1 ('198.51.100.2', 8000)"

say "what is told of it otherwise than by netlink"
on a cat /proc/net/arp
said '^192.0.2.254 *0x1 *0x2 .* e$'
cat >"$tmp/tell.py" <<'END'
import fcntl, socket, struct, subprocess
s = socket.create_server(('192.0.2.1', 7000))
t = socket.create_server(('::', 7001), family=socket.AF_INET6)
def ask(cmd, name):
    r = fcntl.ioctl(s, cmd, struct.pack('16s24x', name.encode()))
    return socket.inet_ntoa(r[20:24])
print('ioctl', ask(0x8915, 'e'), ask(0x891b, 'e'), ask(0x8919, 'e'), ask(0x8915, 'lo'))
for f in '4', '6':
    print('ss', f, *(l.split()[3] for l in subprocess.run(['ss', '-Hltn' + f], capture_output=True, text=True).stdout.splitlines()))
    name = '/proc/net/tcp' + f.strip('4')
    print(name, *(l.split()[1].split(':')[1] for l in open(name).readlines()[1:]))
END
on a python3 "$tmp/tell.py"
said '^ioctl 192.0.2.1 255.255.255.0 192.0.2.255 127.0.0.1$'
said '^ss 4 192.0.2.1:7000$'
said '^ss 6 \[::\]:7001$'
said '^/proc/net/tcp 1B58'
said '^/proc/net/tcp6 1B59$'
