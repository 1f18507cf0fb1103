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
