#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# inaba conform on devices in real time: the kernel as host and router, by --nut netns, as root and
# as a user, and by --nut exec with the script of the documentation. Most of it is waiting, so the
# runs are side by side.
. "$(dirname "$0")/lib"
need sysctl ping setpriv tshark
cp "$INABA" "$tmp/inaba"
chmod 755 "$tmp/inaba"

k='' bad=''
new_ns k
new_ns bad
"$INABA" conform run --nut netns v6lc.1.1.99 2>"$tmp/err" && fail "there is no part 99"
in_ns "$k" "$INABA" conform run --nut netns v6lc.1.1.5.c >"$tmp/probe" 2>&1 || {
	grep -q 'network namespaces: \|RTNETLINK\|Unknown device type' "$tmp/probe" && skip "no veth devices or namespaces here"
	cat "$tmp/probe"
	fail "a first part"
}

# in_background NAME NS COMMAND... - its output goes to NAME.out, its exit status to NAME.rc.
jobs=
in_background() {
	name=$1
	jobs="$jobs $name"
	shift
	{
		rc=0
		in_ns "$@" >"$tmp/$name.out" 2>&1 || rc=$?
		echo $rc >"$tmp/$name.rc"
	} &
}

say "parts in real time, side by side"
for role in host router; do
	in_background "netns-$role" "$k" "$INABA" conform run --nut netns --role $role \
		v6lc.1.1.2 v6lc.1.1.9 v6lc.1.2.1
done
in_background group "$k" "$INABA" conform run --nut netns 'v6lc.1.1.10.[hi]' --pcap "$tmp/pcap"
in_background user "$k" setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$tmp/inaba" conform run --nut netns --role router v6lc.1.1.3

say "the script of the documentation"
export NUT_NS="inaba-$$-nut"
in_ns "$k" examples/nut-netns.sh up || skip "no veth devices here"
in_background script "$k" "$INABA" conform run --nut exec:examples/nut-netns.sh --if tb --if-a ta \
	v6lc.1.1.5.a v6lc.1.1.9 v6lc.1.1.10.h

# in_ns gives each command a mount namespace, so what the script has made is only seen by its own.
for name in $jobs; do
	in_time 90 test -s "$tmp/$name.rc" || fail "$name does not end"
	cat "$tmp/$name.out"
done
wait
if grep -q 'namespaces: Operation not permitted' "$tmp/user.out"; then
	say "users may not make namespaces here: that part is not judged"
	echo 0 >"$tmp/user.rc"
	echo '1 parts: 1 PASS' >"$tmp/user.out"
fi
for name in $jobs; do
	[ "$(cat "$tmp/$name.rc")" = 0 ] || fail "$name: exit status $(cat "$tmp/$name.rc")"
	! grep -q ' \(FAIL\|ERROR\) ' "$tmp/$name.out" || fail "$name"
done
grep -q '^4 parts: 3 PASS 1 SKIP' "$tmp/script.out" || fail "script"
grep -q '^3 parts: 3 PASS' "$tmp/netns-router.out" || fail "netns, router"
grep -q '^2 parts: 2 PASS' "$tmp/netns-host.out" || fail "netns, host"
grep -q '^1 parts: 1 PASS' "$tmp/user.out" || fail "user"
tshark -n -r "$tmp/pcap/v6lc.1.1.10.h-router.pcapng" -Y 'icmpv6.checksum.status == 0' >"$tmp/frames" 2>&1
[ "$(grep -c 'ICMPv6' "$tmp/frames")" = 0 ] || fail "checksums: $(cat "$tmp/frames")"

# says WORDS DEV [SCRIPT] - the reason of an ERROR.
says() {
	in_ns "$bad" "$INABA" conform run --nut "exec:${3:-$tmp/dumb}" --if "$2" --role host v6lc.1.1.8 \
		>"$tmp/out" 2>&1 && fail "no error on $2"
	grep -q "$1" "$tmp/out" || fail "not \"$1\" but: $(cat "$tmp/out")"
}

say "what is wrong is said"
cat >"$tmp/dumb" <<'END'
#!/bin/sh
case $1 in
has) exit 77 ;;
mac) echo "${DUMB_MAC:-02:00:00:00:00:01}" ;;
*) echo one >&2; echo "it is raining" >&2; exit 1 ;;
esac
END
chmod +x "$tmp/dumb"
ip -n "$bad" link add d0 type veth peer name d1
says 'interface nix: ip link shows' nix
says 'interface d0: it is down: ip link set it up' d0
ip -n "$bad" link set d1 up
ip -n "$bad" link set d0 up
says 'this machine speaks IPv6 there: sysctl -w net.ipv6.conf.d0.disable_ipv6=1' d0
in_ns "$bad" sysctl -qw net.ipv6.conf.d0.disable_ipv6=1
says 'dumb start: it is raining' d0
export DUMB_MAC=x
says 'dumb mac b: not six octets' d0
unset DUMB_MAC
says 'could not be run: No such file' d0 ./no-such-script

say "nothing is left behind, however it ends"
ip netns exec "$bad" "$INABA" conform run --nut netns --role router v6lc.1.1.9 >"$tmp/out" 2>&1 &
pid=$!
started() {
	[ -n "$(radvds)" ]
}
radvds() {
	for p in $(ps -o pid= --ppid "$pid" 2>/dev/null) \
		$(ps -o pid= --ppid "$pid" 2>/dev/null | xargs -r -n 1 ps -o pid= --ppid 2>/dev/null); do
		grep -q radvd "/proc/$p/comm" 2>/dev/null && echo "$p"
	done
	return 0
}
in_time 10 started || fail "no radvd"
r=$(radvds)
kill -KILL "$pid"
wait "$pid" || true
gone() {
	for p in $r; do
		case $(sed 's/.*) //; s/ .*//' "/proc/$p/stat" 2>/dev/null) in
		''|Z|X) ;;
		*) return 1 ;;
		esac
	done
}
in_time 5 gone || fail "radvd outlives its tester"
