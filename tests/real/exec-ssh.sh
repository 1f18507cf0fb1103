#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# sshd on node b and ssh, scp and sftp on node a, all as nobody, with keys of their own.
. "$(dirname "$0")/lib"
need ip ping ssh scp sftp ssh-keygen
. "$(dirname "$0")/lib-exec"
peers

three_nodes
can_exec a
mkdir "$tmp/ssh"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/user"
cp "$tmp/ssh/user.pub" "$tmp/ssh/authorized"
echo "[2001:db8:2::1]:2222 $(cat "$tmp/ssh/host.pub")" >"$tmp/ssh/known"
head -c 5000000 /dev/urandom >"$tmp/ssh/file"
cat >"$tmp/ssh/sshd_config" <<END
ListenAddress [::]:2222
HostKey $tmp/ssh/host
PidFile $tmp/ssh/pid
AuthorizedKeysFile $tmp/ssh/authorized
StrictModes no
UsePAM no
Subsystem sftp internal-sftp
END
cat >"$tmp/ssh/config" <<END
Host b
	HostName 2001:db8:2::1
	Port 2222
	User nobody
	IdentityFile $tmp/ssh/user
	UserKnownHostsFile $tmp/ssh/known
	BatchMode yes
END
chown -R 65534:65534 "$tmp/ssh"
# The machine's nobody may not log in; that of these processes may.
echo "nobody:x:65534:65534::$tmp/ssh:/bin/sh" >"$tmp/passwd"
echo "nobody:x:1::::::" >"$tmp/shadow"
as_nobody() {
	$as_itself ip netns exec "$away" sh -c 'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/shadow" /etc/shadow && exec "$@"' "$tmp" \
		setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
		env PATH="/usr/bin:/bin:/usr/sbin:/sbin" HOME="$tmp/ssh" "$@"
}
chmod 700 "$tmp/ssh"
reaches a 2001:db8:2::1

serve b "$tmp/sshd" "$PEERS/usr/sbin/sshd" -D -e -f "$tmp/ssh/sshd_config"
in_time 10 grep -q 'Server listening on ::' "$tmp/sshd" || fail "sshd: $(cat "$tmp/sshd")"

say "ssh"
on a ssh -F "$tmp/ssh/config" b 'cat; echo $SSH_CONNECTION; exit 3' </dev/null
[ "$rc" = 3 ] || fail "ssh: status $rc: $(cat "$tmp/out" "$tmp/sshd")"
said '^2001:db8:1::1 [0-9]* 2001:db8:2::1 2222$'
on a sh -c "ssh -F '$tmp/ssh/config' b 'cat; echo; ip -6 addr' <'$tmp/ssh/file' | head -c 5000000 | cmp - '$tmp/ssh/file'"
[ "$rc" = 0 ] || fail "5 MB there and back: $(cat "$tmp/out")"
on a ssh -F "$tmp/ssh/config" b ip -6 -br addr
said '^e .* 2001:db8:2::1/64' # what sshd starts is on the node, too

say "scp, sftp"
on a scp -q -F "$tmp/ssh/config" "$tmp/ssh/file" "b:$tmp/ssh/copy"
[ "$rc" = 0 ] || fail "scp: $(cat "$tmp/out")"
cmp "$tmp/ssh/file" "$tmp/ssh/copy" || fail "scp: other octets came"
echo "get $tmp/ssh/copy $tmp/ssh/back" >"$tmp/batch"
on a sftp -q -F "$tmp/ssh/config" -b "$tmp/batch" b
[ "$rc" = 0 ] || fail "sftp: $(cat "$tmp/out")"
cmp "$tmp/ssh/file" "$tmp/ssh/back" || fail "sftp: other octets came"

say "a connection within it, to b itself"
on a sh -c "sleep 1 | ssh -F '$tmp/ssh/config' -W '[::1]:2222' b"
said '^SSH-2.0-OpenSSH'
