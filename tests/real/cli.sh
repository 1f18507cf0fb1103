#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The command line: what is refused and how, exit statuses, names and sockets left behind,
# privileges, many nodes.
. "$(dirname "$0")/lib"
need python3 setpriv tshark
k=
new_ns k

inaba() {
	in_ns "$k" "$INABA" "$@"
}

# refuses STATUS PATTERN ARGUMENT... - one line on standard error, nothing on standard output.
refuses() {
	want=$1
	pattern=$2
	shift 2
	got=0
	in_ns "$k" timeout 10 "$INABA" "$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null || got=$?
	[ $got = "$want" ] || fail "inaba $*: exit status $got, not $want: $(cat "$tmp/stderr")"
	[ ! -s "$tmp/stdout" ] || fail "inaba $*: writes to standard output"
	[ "$(wc -l <"$tmp/stderr")" = 1 ] || fail "inaba $*: not one line: $(cat "$tmp/stderr")"
	grep -q -e "^inaba.*$pattern" "$tmp/stderr" || fail "inaba $*: says: $(cat "$tmp/stderr")"
}

say "arguments that are wrong"
refuses 2 'unknown command "frob"' frob
refuses 2 'a name for the node is missing' up
refuses 2 'at least one --link' up n
refuses 2 'unknown option --frob' up n --frob
refuses 2 '--link wants a value' up n --link
refuses 2 'two names: n and m' up n m --link e=wire:x
refuses 2 '"a/b" is no name for a node' up a/b --link e=wire:x
refuses 2 '".a" is no name for a node' up .a --link e=wire:x
refuses 2 'is no name for a node' up aaaaaaaaaabbbbbbbbbbccccccccccddd --link e=wire:x
refuses 2 '--link wants IF=' up n --link e
refuses 2 '--link wants IF=' up n --link e=
refuses 2 '--link wants IF=' up n --link =wire:x
refuses 2 '--proxy wants IF=ADDR' up n --proxy e=2001:db8::5 --link e=wire:x
refuses 2 '"ff02::1" is no address' up n --link e=wire:x --proxy e=ff02::1
refuses 2 '"2001:db8::/64" is no address' up n --link e=wire:x --proxy e=2001:db8::/64
refuses 2 'given twice' up n --link e=wire:x --proxy e=2001:db8::5 --proxy e=2001:db8::5
refuses 2 "of the node's own" up n --link e=wire:x --addr e=2001:db8::5/64 --proxy e=2001:db8::5
refuses 2 '--edge wants IF' up n --edge e --link e=wire:x
refuses 2 'one link leads to the provider' up n --link e=wire:x --link f=wire:y --edge e --edge f
refuses 2 '"foo:bar" is not tap:' up n --link e=foo:bar
refuses 2 '"wire" is not tap:' up n --link e=wire
refuses 2 '"lo" is no name for an interface' up n --link lo=wire:x
refuses 2 '"a b" is no name for an interface' up n --link 'a b=wire:x'
refuses 2 '"-" is no name for an interface' up n --link -=wire:x
refuses 2 'is no name for an interface' up n --link aaaaaaaaaabbbbbb=wire:x
refuses 2 'interface e is given twice' up n --link e=wire:x --link e=wire:y
refuses 2 '--mac wants IF=MAC' up n --mac e=02:00:00:00:00:01 --link e=wire:x
refuses 2 '--mac wants IF=MAC' up n --link e=wire:x --mac f=02:00:00:00:00:01
refuses 2 'is no unicast address' up n --link e=wire:x --mac e=02:00:00:00:00
refuses 2 'is no unicast address' up n --link e=wire:x --mac e=02:00:00:00:00:01:02
refuses 2 'is no unicast address' up n --link e=wire:x --mac e=02:00:00:00:00:0g
refuses 2 'is no unicast address' up n --link e=wire:x --mac e=33:33:00:00:00:01
refuses 2 'is no unicast address' up n --link e=wire:x --mac e=00:00:00:00:00:00
refuses 2 '--addr wants IF=ADDR/LEN' up n --link e=wire:x --addr 2001:db8::1/64
refuses 2 'is no address like' up n --link e=wire:x --addr e=2001:db8::1
refuses 2 'is no address like' up n --link e=wire:x --addr e=2001:db8::1/129
refuses 2 'is no address like' up n --link e=wire:x --addr e=2001:db8::1/-1
refuses 2 'is no address like' up n --link e=wire:x --addr e=ff02::1/64
refuses 2 'is no address like' up n --link e=wire:x --addr e=::/64
refuses 2 'is no address like' up n --link e=wire:x --addr e=::1/128
refuses 2 'is no address like' up n --link e=wire:x --addr e=1.2.3.4/33
refuses 2 'is no address like' up n --link e=wire:x --addr e=224.0.0.1/24
refuses 2 'is no address like' up n --link e=wire:x --addr e=255.255.255.255/8
refuses 2 'is no address like' up n --link e=wire:x --addr e=::ffff:1.2.3.4/96
refuses 2 '2001:db8::1/48 is given twice' up n --link e=wire:x --addr e=2001:db8::1/64 --addr e=2001:db8::1/48
refuses 2 '--route wants PREFIX/LEN=VIA%IF' up n --link e=wire:x --route default
refuses 2 '--route wants PREFIX/LEN=VIA%IF' up n --link e=wire:x --route default=fe80::1
refuses 2 '--route wants PREFIX/LEN=VIA%IF' up n --link e=wire:x --route default=fe80::1%f
refuses 2 'is no prefix like' up n --link e=wire:x --route 2001:db8::=fe80::1%e
refuses 2 'is no prefix like' up n --link e=wire:x --route ff00::/8=fe80::1%e
refuses 2 'is no address' up n --link e=wire:x --route default=x%e
refuses 2 'is no address' up n --link e=wire:x --route default=ff02::1%e
refuses 2 'is given twice' up n --link e=wire:x --route default=fe80::1%e --route ::/0=fe80::1%e
refuses 2 '--advertise wants IF=PREFIX/LEN' up n --link e=wire:x --advertise 2001:db8::/64
refuses 2 'is no prefix like' up n --link e=wire:x --advertise e=2001:db8::
refuses 2 'is no prefix like' up n --link e=wire:x --advertise e=fe80::/64
refuses 2 'is no prefix like' up n --link e=wire:x --advertise e=ff02::/64
refuses 2 'name of a node is missing' down
refuses 2 'one node at a time' down a b
refuses 2 'unknown option --now' down a --now
refuses 2 'takes nothing but --json' list a
refuses 2 'name of a node is missing' status
refuses 2 'name of a node is missing' status --json
refuses 2 'unknown option --xml' status n --xml
refuses 2 'is no name for a node' status ../n
refuses 2 'is no name for a node' status ''
refuses 2 'NAME DEST' ping n
refuses 2 'one destination' ping n ::1 ::2
refuses 1 'no node named n runs' ping n example.org
refuses 2 'is no address' ping n '2001:db8::/64'
refuses 2 'is no address' ping n fe80::1%
refuses 2 'unknown option -Z' ping n ::1 -Z
refuses 2 '-c wants a value' ping n ::1 -c
refuses 2 '-c does not take "0"' ping n ::1 -c 0
refuses 2 '-c does not take "x"' ping n ::1 -c x
refuses 2 '-c does not take "4294967296"' ping n ::1 -c 4294967296
refuses 2 '-s does not take "65528"' ping n ::1 -s 65528
refuses 2 '-s does not take "-1"' ping n ::1 -s -1
refuses 2 '-i does not take "0"' ping n ::1 -i 0
refuses 2 '-W does not take "nan"' ping n ::1 -W nan
refuses 2 '-t does not take "256"' ping n ::1 -t 256
refuses 2 '-t does not take "0"' ping n ::1 -t 0
refuses 2 'NAME \[IF\]' capture
refuses 2 'NAME \[IF\]' capture n e f

say "what cannot be done"
for word in down status capture; do
	refuses 1 'no node named n runs; "inaba list"' $word n
done
refuses 1 'no node named n runs' ping n ::1
refuses 1 'packet:nosuch: there is no such interface' up n --link e=packet:nosuch
refuses 1 'tap:lo: that interface is no TAP' up n --link e=tap:lo
refuses 1 'packet:lo: not an Ethernet interface' up n --link e=packet:lo
refuses 1 '1 to 32 letters' up n --link 'e=wire:a/b'
[ -z "$(inaba list)" ] || fail "a node was left behind"
[ "$(inaba list --json | tr -d ' \n')" = '[]' ] || fail "list --json"
[ -z "$(ip netns pids "$k")" ] || fail "a process was left behind"
install -m 755 "$INABA" "$tmp/inaba"
for dev in tap:t9 packet:lo; do
	in_ns "$k" setpriv --reuid=65534 --regid=65534 --clear-groups env -u XDG_RUNTIME_DIR \
		"$tmp/inaba" up n --link e=$dev >"$tmp/out" 2>&1 && fail "$dev without privileges"
	grep -q "^inaba up: $dev: needs root or CAP_NET_" "$tmp/out" || fail "says: $(cat "$tmp/out")"
done

say "help and version"
inaba help | grep -q "^  capture " || fail help
inaba help up | grep -q "^  --advertise IF=PREFIX" || fail "help up"
[ "$(inaba conform run -j 2 --help)" = "$(inaba help conform)" ] || fail "conform --help"
inaba --version | grep -q '^inaba [0-9]' || fail version

say "a node and its state"
inaba up n --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64 \
	--route default=fe80::9%e --route 2001:db8:5::/48=2001:db8::9%e || fail "inaba up"
refuses 1 'a node named n runs already: inaba down n' up n --link e=wire:x
[ "$(inaba list)" = n ] || fail "inaba list"
[ "$(inaba list --json | tr -d ' \n')" = '["n"]' ] || fail "list --json"
sees n 5 '^    2001:db8::1/64 preferred static, preferred forever, valid forever'
status n '^    ::/0 via fe80::9 dev e ' || fail "no default route"
status n '^    2001:db8:5::/48 via 2001:db8::9 dev e ' || fail "no route"
inaba status n --json | python3 -m json.tool >/dev/null || fail "status --json"

say "privileges"
pid=$(node_pid "$k" n)
for line in 'Uid:	65534	65534	65534	65534' 'Gid:	65534	65534	65534	65534' 'Groups:	*' \
	'CapInh:	0*' 'CapPrm:	0*' 'CapEff:	0*' 'CapAmb:	0*' 'NoNewPrivs:	1'; do
	grep -q "^$line *\$" "/proc/$pid/status" || fail "not in the process' status: $line"
done
# by identity, not by name: in a chroot the links read otherwise
same() {
	[ "$(stat -Lc %d:%i "$1")" = "$(stat -Lc %d:%i "$2")" ]
}
same "/proc/$pid/cwd" / || fail "its directory is not /"
for fd in 0 1 2; do
	same "/proc/$pid/fd/$fd" /dev/null || fail "descriptor $fd is not /dev/null"
done

# Where users may make namespaces: a TAP without root, and no capability left afterwards.
mkdir "$tmp/user"
chown 65534:65534 "$tmp/user"
as_user() {
	in_ns "$k" setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
if [ -c /dev/net/tun ] && as_user unshare -Urn true 2>/dev/null; then
	ip netns exec "$k" setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_RUNTIME_DIR="$tmp/user" \
		unshare -Urn "$tmp/inaba" up u --foreground --link e=tap:t0 &
	user=$!
	strays=$user
	in_time 5 as_user env XDG_RUNTIME_DIR="$tmp/user" "$tmp/inaba" status u || fail "no node in a user namespace"
	for line in 'CapPrm:	0*' 'CapEff:	0*' 'NoNewPrivs:	1'; do
		grep -q "^$line *\$" "/proc/$user/status" || fail "in a user namespace, not: $line"
	done
	as_user env XDG_RUNTIME_DIR="$tmp/user" "$tmp/inaba" down u || fail "inaba down u"
	wait $user || fail "--foreground: exit status $?"
	strays=
fi

say "ping"
inaba up m --link e=wire:x --mac e=02:00:00:00:00:02 --addr e=2001:db8::2/64 || fail "inaba up"
sees m 5 '^    2001:db8::2/64 preferred'
sees m 5 '^    fe80::ff:fe00:2/64 preferred'
inaba ping m 2001:db8::1 -c 3 -i 0.1 -s 100 >"$tmp/out" || fail "ping: $(cat "$tmp/out")"
grep -q '^PING 2001:db8::1: 100 data bytes$' "$tmp/out" || fail "ping: $(cat "$tmp/out")"
[ "$(grep -c '^108 bytes from 2001:db8::1: icmp_seq=[012] ttl=64 time=[0-9.]* ms$' "$tmp/out")" = 3 ] ||
	fail "ping: $(cat "$tmp/out")"
grep -q '^3 packets transmitted, 3 received, 0% packet loss$' "$tmp/out" || fail "ping: $(cat "$tmp/out")"
grep -q '^rtt min/avg/max/mdev = [0-9.]*/[0-9.]*/[0-9.]*/[0-9.]* ms$' "$tmp/out" || fail "ping: $(cat "$tmp/out")"
inaba ping m fe80::ff:fe00:1%e -c1 -q >/dev/null || fail "ping of a link-local address"
inaba ping m -I e fe80::ff:fe00:1 -c 1 >/dev/null || fail "ping -I"
inaba ping m ::1 -c 1 >/dev/null || fail "ping of ::1"
inaba ping m 2001:db8::2 -c 1 -s 0 >/dev/null || fail "ping of itself"
inaba ping m 2001:db8::1 -c 1 -s 65527 >/dev/null || fail "the largest ping"
inaba ping m ff02::1%e -c 1 -W 1 >/dev/null || fail "ping of all nodes"
inaba ping m 2001:db8::1 -c 2 -i 0.1 --json >"$tmp/out" || fail "ping --json"
while read -r line; do
	echo "$line" | python3 -m json.tool >/dev/null || fail "ping --json: $line"
done <"$tmp/out"
refuses 1 'no such interface' ping m 2001:db8::1 -c 1 -I f
rc=0
inaba ping m 2001:db8::77 -c 1 -W 1 >"$tmp/out" || rc=$?
[ $rc = 1 ] || fail "ping of nobody: exit status $rc"
grep -q '^1 packets transmitted, 0 received, 100% packet loss' "$tmp/out" || fail "ping of nobody: $(cat "$tmp/out")"
rc=0
in_ns "$k" timeout -s INT 2 "$INABA" ping m 2001:db8::1 -i 0.5 >"$tmp/out" || rc=$?
grep -q '^[45] packets transmitted, [45] received, 0% packet loss' "$tmp/out" || fail "interrupted ping: $(cat "$tmp/out")"
inaba ping m 2001:db8::77 -w 1 -i 0.2 >"$tmp/out" && fail "ping -w of nobody"
grep -q '^[456] packets transmitted, 0 received' "$tmp/out" || fail "ping -w: $(cat "$tmp/out")"

say "a capture whose reader goes"
refuses 1 'no such interface' capture m f
in_ns "$k" timeout 5 "$INABA" capture m | head -c 4 | od -An -tx1 | grep -q '0a 0d 0d 0a' || fail "no pcapng"
ip netns exec "$k" "$INABA" capture m >"$tmp/cap" &
cap=$!
in_time 3 test -s "$tmp/cap" || fail "no capture"
inaba ping m 2001:db8::1 -c 20 -i 0.01 -s 60000 -W 1 >/dev/null || fail "ping"
kill -INT $cap
wait $cap || fail "interrupted capture: exit status $?"
well_formed "$tmp/cap" 1000

say "clients that ask too much"
in_ns "$k" python3 - "$tmp/run/inaba/node/m.sock" <<'END' || fail "clients"
import json, os, socket, sys, time
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(sys.argv[1])
    return s
def all_of(s):
    r = b""
    while (d := s.recv(65536)):
        r += d
    return r
for line in (b"\n", b"frob\n", b"ping\n", b"ping x\n", b"ping ::1 - 1 56 0 0\n", b"\0\n", b"ping ::1 - 1 56 1000 1000 999\n"):
    s = connect()
    s.sendall(line)
    assert "error" in json.loads(all_of(s)), line
s = connect()			# a line without end
try:
    s.sendall(b"x" * 5000)
    assert all_of(s) == b""
except (BrokenPipeError, ConnectionResetError):
    pass
s = connect()			# half closed before the answer
s.sendall(b"status\n")
s.shutdown(socket.SHUT_WR)
assert json.loads(all_of(s))["interfaces"]
idle = []
for i in range(40):
    idle.append(connect())
time.sleep(0.5)
assert "error" in json.loads(all_of(connect()))
for s in idle:
    s.close()
time.sleep(0.5)
s = connect()
s.sendall(b"sta")
time.sleep(0.2)
s.sendall(b"tus\n")
assert json.loads(all_of(s))["interfaces"]
END

say "nodes that die, and sockets they leave"
kill -KILL "$pid"
in_time 3 sh -c "! kill -0 $pid" || fail "it lives"
refuses 1 'no node named n runs' status n
[ "$(inaba list)" = m ] || fail "inaba list"
inaba up n --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8::1/64 || fail "up after kill"
sees n 5 '^    2001:db8::1/64 preferred'
node_ping m 2001:db8::1 -c 2 -i 0.1 -W 5
kill -TERM "$(node_pid "$k" n)"
in_time 5 sh -c "! '$INABA' status n" || fail "SIGTERM"
ip netns exec "$k" "$INABA" up fg --foreground --link e=wire:x &
fg=$!
in_time 5 "$INABA" status fg || fail "--foreground"
inaba down fg || fail "inaba down"
wait $fg || fail "--foreground: exit status $?"
for i in 1 2 3 4 5; do
	inaba up again --link e=wire:x || fail "up $i"
	inaba down again || fail "down $i"
done
inaba down m
[ -z "$(inaba list)" ] || fail "inaba list"
[ -z "$(ls "$tmp/run/inaba/node")" ] || fail "sockets were left: $(ls "$tmp/run/inaba/node")"
in_time 5 sh -c "[ -z \"\$(ip netns pids $k)\" ]" || fail "processes were left"

say "twenty nodes on a segment"
for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
	inaba up n$i --link e=wire:many --mac e=02:00:00:00:01:$i --addr e=2001:db8::$i/64 || fail "up n$i"
done
[ "$(inaba list | wc -l)" = 20 ] || fail "inaba list"
sees n20 10 '^    2001:db8::20/64 preferred'
sees n20 10 '^    fe80::.* preferred'
for i in 01 07 19; do
	node_ping n20 2001:db8::$i -c 3 -i 0.1
done
inaba ping n20 ff02::1%e -c 1 -W 2 >"$tmp/out" || fail "ping of all nodes"
[ "$(grep -c ' bytes from ' "$tmp/out")" -ge 19 ] || fail "all nodes: $(cat "$tmp/out")"
for n in $(inaba list); do
	inaba down "$n" || fail "down $n"
done
