#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What a node shows of itself to programs and to machines: /proc/sys/net by sysctl(8) and shells, /proc/net
# beside the kernel's, ss(8), inaba top, metrics.
. "$(dirname "$0")/lib"
need ip python3 sysctl ss bash stat find
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64
as_nobody "$INABA" up b --link e=wire:x --mac e=02:00:00:00:00:02 --addr e=2001:db8::2/64
can_exec a
reaches a 2001:db8::2
hops=/proc/sys/net/ipv6/conf/e/hop_limit

ok() {
	on "$@"
	[ "$rc" = 0 ] || fail "$*: status $rc: $(cat "$tmp/out")"
}

# is WHAT - the last output, all of it
is() {
	[ "$(cat "$tmp/out")" = "$1" ] || fail "not \"$1\": $(cat "$tmp/out")"
}

say "sysctl"
ok a sysctl -w net.ipv6.conf.e.forwarding=1
as_nobody "$INABA" status a --json | python3 -c '
import json, sys
e = [i for i in json.load(sys.stdin)["interfaces"] if i["name"] == "e"][0]
assert e["forwarding"] and "ff02::2" in e["groups"], e'
ok a sysctl -n net.ipv6.conf.all.forwarding
is 1
on a sysctl -w net.ipv6.conf.e.forwarding=7
[ "$rc" != 0 ] || fail "7 is taken"
said 'Invalid argument'
on a sysctl -w net.ipv6.conf.e.mc_forwarding=1
[ "$(cat "$tmp/out")" != 'net.ipv6.conf.e.mc_forwarding = 1' ] || fail "mc_forwarding is written"
on a sysctl net.ipv6.conf.e.seg6_enabled
[ "$rc" != 0 ] || fail "what the node has no notion of is there"
ok a sysctl -w net.ipv6.conf.e.forwarding=0
ok a sysctl net.ipv6.neigh.e.retrans_time_ms net.core.somaxconn net.ipv4.tcp_congestion_control
is "net.ipv6.neigh.e.retrans_time_ms = 1000
net.core.somaxconn = 4096
net.ipv4.tcp_congestion_control = cubic"

say "sysctl -a"
ok a sysctl -a --pattern '^net\.'
said '^net.ipv6.conf.e.hop_limit = 64'
said '^net.ipv6.conf.lo.hop_limit = 64'
said '^net.ipv6.neigh.default.gc_thresh3 = '
said '^net.ipv4.ip_local_port_range = 32768'
if grep -q 'net.core.bpf_jit' "$tmp/out"; then
	fail "the machine's are there: $(grep bpf_jit "$tmp/out")"
fi
[ "$(grep -c '^net\.' "$tmp/out")" -gt 150 ] || fail "only $(grep -c '^net\.' "$tmp/out") names"

say "shells and others write"
for by in sh bash; do
	ok a $by -c "echo 33 >$hops; cat $hops"
	is 33
	on a $by -c "echo 256 >$hops"
	[ "$rc" != 0 ] || fail "$by: a hop limit of 256"
	on a $by -c "exec 5>$hops; echo 34 >&5; cat $hops"
	is 34
	on a $by -c "cat $hops >$hops.nothing"
	[ "$rc" != 0 ] || fail "$by: a file that is not there"
done
ok a sh -c "echo 35 | tee $hops >/dev/null; cat $hops; printf 36 | dd of=$hops 2>/dev/null; cat $hops"
is "35
36"
cat >"$tmp/write.py" <<'END'
import errno, os, sys
path = sys.argv[1]
def refused(fn):
    try:
        fn()
    except OSError as e:
        return errno.errorcode[e.errno]
with open(path, 'r+') as f:
    assert f.read() == '36\n'
def bad():
    with open(path, 'w') as f:
        f.write('many')
print(refused(bad))
fd = os.open(path, os.O_WRONLY)
os.dup2(fd, 7)          # where nobody looks: the file itself refuses
print(refused(lambda: os.write(7, b'37')))
print(os.writev(fd, [b'3', b'8\n']))
print(refused(lambda: os.open(path, os.O_RDONLY | os.O_DIRECTORY)))
print(refused(lambda: open('/proc/sys/net/ipv6/conf/e/mc_forwarding', 'w')))
print(refused(lambda: open('/proc/net/dev', 'w')), refused(lambda: open('/proc/net/nothing')))
with open(path) as f:
    print(f.read() + f.read(), end='')
    f.seek(0)
    print(f.read(), end='')
END
ok a python3 "$tmp/write.py" $hops
is "EINVAL
EPERM
3
ENOTDIR
EACCES
EACCES ENOENT
38
38"

say "names"
ok a stat -c '%A %F' $hops /proc/sys/net/ipv6/conf/e/mc_forwarding /proc/sys/net/ipv6/conf /proc/net/dev
is "-rw-r--r-- regular empty file
-r--r--r-- regular empty file
dr-xr-xr-x directory
-r--r--r-- regular empty file"
ok a sh -c "test -w $hops && test -r $hops && test ! -x $hops && test -d /proc/sys/net && test ! -e $hops/x"
ok a ls /proc/sys/net/ipv6/conf /proc/sys/net
is "/proc/sys/net:
core
ipv4
ipv6

/proc/sys/net/ipv6/conf:
all
default
e
lo"
ok a sh -c 'cd /proc/sys/net/ipv6/conf/all && cat hop_limit forwarding'
is "64
0"
ok a grep -r . /proc/sys/net/ipv6/neigh
said '^/proc/sys/net/ipv6/neigh/e/ucast_solicit:3$'
ok a find /proc/sys/net -name hop_limit
said "^$hops\$"
ok a cat /proc/self/net/if_inet6 /proc/thread-self/net/if_inet6 /proc/1/net/if_inet6
[ "$(grep -c '^20010db8000000000000000000000001 02 40 00 [8c]0 ' "$tmp/out")" = 3 ] ||
	fail "links to /proc/net: $(cat "$tmp/out")"

say "/proc/net beside the kernel's"
kernel() {
	in_ns "$away" cat "/proc/net/$1"
}
for f in tcp6 udp6 raw6 icmp6 tcp udp raw route arp netlink mcfilter6 ip6_flowlabel ip6_mr_vif ip6_mr_cache packet dev; do
	ok a cat /proc/net/$f
	lines=1
	[ $f != dev ] || lines=2
	kernel $f >"$tmp/kernel" 2>/dev/null || continue
	[ "$(head -n $lines "$tmp/out")" = "$(head -n $lines "$tmp/kernel")" ] ||
		fail "$f: $(head -n $lines "$tmp/out" | cat -A)
the kernel: $(head -n $lines "$tmp/kernel" | cat -A)"
done
# columns, where there are no headings
for f in if_inet6 ipv6_route igmp6 rt6_stats sockstat sockstat6; do
	ok a cat /proc/net/$f
	kernel $f >"$tmp/kernel"
	ours=$(awk '{ print NF; exit }' "$tmp/out")
	theirs=$(awk '{ print NF; exit }' "$tmp/kernel")
	[ "$ours" = "$theirs" ] || fail "$f: $ours columns, the kernel has $theirs"
done
# names, where there are some
for f in snmp6 dev_snmp6/lo; do
	ok a cat /proc/net/$f
	kernel $f | awk '{ print $1 }' >"$tmp/names"
	awk '{ print $1 }' "$tmp/out" | grep -v -x -F -f "$tmp/names" &&
		fail "$f: names that the kernel has not"
	awk '{ print $1 }' "$tmp/out" | grep -x -F -f - "$tmp/names" >"$tmp/order"
	[ "$(cat "$tmp/order")" = "$(awk '{ print $1 }' "$tmp/out")" ] || fail "$f: another order"
done
ok a cat /proc/net/ipv6_route
said '^20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001        e$'

say "ss"
cat >"$tmp/server.py" <<'END'
import socket
s = socket.create_server(('::', 8000), family=socket.AF_INET6, backlog=5)
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.bind(('::', 5353))
print('ready', flush=True)
c, _ = s.accept()
c.sendall(b'hello')
while c.recv(100):
    pass
END
serve b "$tmp/server" python3 "$tmp/server.py"
in_time 15 grep -q ready "$tmp/server" || fail "server.py: $(cat "$tmp/server")"
ok b ss -H -6tuanpi
said 'LISTEN.*\[::\]:8000.*users:(("python3",pid=[0-9]*,fd=3))'
said 'UNCONN.*\*:5353.*users:(("python3"'
ok b netstat -6ln
said 'tcp6 .*:::8000 .*LISTEN'
said 'udp6 .*:::5353'
cat >"$tmp/client.py" <<'END'
import socket, subprocess, sys
s = socket.create_connection(('2001:db8::2', 8000))
assert s.recv(100) == b'hello'
s.sendall(b'world')
print(subprocess.run(['ss', '-H', '-6', '-tni', 'dport', '=', '8000'], capture_output=True, text=True).stdout)
print(subprocess.run([sys.argv[1], 'top', 'a', '--once', '--json'], capture_output=True, text=True).stdout)
END
ok a python3 "$tmp/client.py" "$INABA"
said 'ESTAB.*\[2001:db8::1\]:[0-9]* *\[2001:db8::2\]:8000'
said 'cubic.*rtt:.*cwnd:10'
python3 - "$tmp/out" <<'END'
import json, sys
t = open(sys.argv[1]).read()
o = json.loads(t[t.index('{\n'):])
s = [s for s in o['sockets'] if s.get('peer_port') == 8000][0]
assert s['state'] == 'ESTAB' and s['program'] == 'python3' and s['cwnd'] >= 10 and s['rtt_ns'] > 0, s
assert {i['name'] for i in o['interfaces']} == {'lo', 'e'}, o
assert all('receive_bits_per_s' in i for i in o['interfaces'])
END

say "inaba top, for people"
as_nobody "$INABA" top b --once >"$tmp/out"
said '^INTERFACE '
said '^e  '
as_nobody "$INABA" top nobody --once >"$tmp/out" 2>&1 && fail "a node that is not there"
said 'no node named nobody'

say "metrics"
cat >"$tmp/metrics.py" <<'END'
import re, socket, sys
name = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
label = name + r'="(?:[^"\\\n]|\\[\\"n])*"'
line = re.compile(rf'({name})\{{({label}(?:,{label})*)\}} ([0-9]+(?:\.[0-9]+)?)$')
def parse(text):
    kinds, helps, seen = {}, set(), set()
    for l in text.splitlines():
        if l.startswith('# TYPE '):
            _, _, n, kind = l.split(' ')
            assert n not in kinds and kind in ('counter', 'gauge'), l
            kinds[n] = kind
        elif l.startswith('# HELP '):
            helps.add(l.split(' ')[2])
        else:
            m = line.match(l)
            assert m, l
            assert m[1] in kinds and m[1] in helps, l
            assert (kinds[m[1]] == 'counter') == m[1].endswith('_total'), l
            assert l.rsplit(' ', 1)[0] not in seen, l
            seen.add(l.rsplit(' ', 1)[0])
            if m[1] == 'inaba_interface_receive_frames_total' and 'interface="e"' in l:
                assert float(m[3]) > 0, l
    for n in ('interface_up', 'neighbours', 'routes', 'sockets', 'drops_total', 'tcp_active_opens_total'):
        assert 'inaba_' + n in kinds, n
    return len(seen)
text = open(sys.argv[1]).read()
n = parse(text)
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[2])
s.send(b'GET /metrics HTTP/1.1\r\nHost: a\r\n')
s.send(b'Accept: */*\r\n\r\n')
got = b''
while d := s.recv(65536):
    got += d
head, body = got.split(b'\r\n\r\n', 1)
assert head.startswith(b'HTTP/1.1 200 OK\r\n') and b'text/plain; version=0.0.4' in head, head
assert ('Content-Length: %d' % len(body)).encode() in head
assert parse(body.decode()) == n
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[2])
s.send(b'GET /nothing HTTP/1.1\r\n\r\n')
assert s.recv(1000).startswith(b'HTTP/1.1 404 ')
print(n, 'series')
END
as_nobody "$INABA" metrics a >"$tmp/metrics"
as_nobody python3 "$tmp/metrics.py" "$tmp/metrics" "$XDG_RUNTIME_DIR/inaba/node/a.sock"

say "nothing is left"
left=$(find /dev/shm /tmp -maxdepth 1 -name 'inaba-exec-*' -user 65534 -newer "$tmp/client.py" 2>/dev/null || true)
for d in $left; do
	in_time 5 test ! -e "$d" || fail "left: $d"
done
