#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fine print: exec-odd.py makes the same calls in a namespace of the kernel's and on a node, and is to
# print the same. Then what is odd about programs: linked statically, of another architecture, setuid.
. "$(dirname "$0")/lib"
need ip ping python3 diff gcc
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01 --addr e=2001:db8:1::1/64
can_exec a
install -m 644 tests/real/exec-odd.py "$tmp/odd.py"

say "the kernel and the node"
new_ns kernel
ip -n "$kernel" link add e type veth peer name f
ip -n "$kernel" link set e up
ip -n "$kernel" addr add 2001:db8:1::1/64 dev e nodad
in_ns "$kernel" timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups \
	env PATH=/usr/bin:/bin HOME="$tmp" python3 "$tmp/odd.py" >"$tmp/by-kernel" 2>&1 &
reaches a 2001:db8:1::1
as_nobody timeout 60 "$INABA" exec a python3 "$tmp/odd.py" >"$tmp/by-node" 2>&1 || true
wait $!
grep -q '^-- names' "$tmp/by-kernel" || fail "the kernel's did not end: $(cat "$tmp/by-kernel")"
! grep -q 'EXCEPTION' "$tmp/by-kernel" || fail "the kernel's: $(cat "$tmp/by-kernel")"
diff -u "$tmp/by-kernel" "$tmp/by-node" || fail "the node's programs see something else (-: the kernel's)"

say "a static program"
cat >"$tmp/static.c" <<'END'
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(a);
	char text[64];
	long fd = syscall(SYS_socket, AF_INET6, SOCK_DGRAM, 0);

	inet_pton(AF_INET6, "2001:db8:1::7", &a.sin6_addr);
	a.sin6_port = htons(9);
	if (syscall(SYS_connect, fd, &a, len) < 0 || syscall(SYS_getsockname, fd, &a, &len) < 0)
		return 1;
	puts(inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof(text)));
	return 0;
}
END
gcc -static -o "$tmp/static" "$tmp/static.c" || fail "gcc -static"
on a "$tmp/static"
said '^2001:db8:1::1$'

say "a program of another architecture"
# An ELF header of 32 bits, for the i386; what is behind it nobody reads.
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000\001\000\000\000' >"$tmp/foreign"
head -c 100 /dev/zero >>"$tmp/foreign"
chmod 755 "$tmp/foreign"
on a "$tmp/foreign"
[ "$rc" = 126 ] || fail "a foreign program: status $rc: $(cat "$tmp/out")"
said "foreign is a program for another architecture, whose system calls nobody could answer"
on a sh -c "cd '$tmp' && ./foreign; echo goes on"
said 'another architecture'
said 'goes on'

say "file capabilities and setuid are without effect, and ping needs none"
install -m 4755 -o root "$(command -v id)" "$tmp/setuid"
on a "$tmp/setuid" -u
said '^65534$'
on a ping -c 1 2001:db8:1::1
said ' 0% packet loss'
