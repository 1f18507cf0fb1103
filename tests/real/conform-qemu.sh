#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# inaba conform on a kernel under QEMU: some parts in both roles, with capture and page, a part that
# waits for hours, the same verdicts again; and what is said when something is missing.
#
# The kernel is $INABA_KERNEL, or what lies in build/kernel:
#	mkdir -p build/kernel && cd build/kernel && apt-get download linux-image-6.1.0-52-amd64
. "$(dirname "$0")/lib"
need qemu-system-x86_64 ldd tshark

kernel=${INABA_KERNEL:-}
for file in build/kernel/linux-image-*.deb build/kernel/boot/vmlinuz-* /boot/vmlinuz-*; do
	[ ! -r "$file" ] || kernel=${kernel:-$file}
done
[ "$kernel" ] || skip "no kernel: set INABA_KERNEL, or put a package linux-image-*-amd64 into build/kernel (./run test fetches it)"

say "parts, on $kernel"
parts="v6lc.1.1.9 v6lc.2.2.5 v6lc.1.3.1.a v6lc.2.1.5 v6lc.5.1.2.a"
# shellcheck disable=SC2086
"$INABA" conform run --nut "qemu:$kernel" -j 2 --json --pcap "$tmp/pcap" --html "$tmp/html" $parts \
	>"$tmp/one.json" 2>"$tmp/err" || {
	cat "$tmp/one.json" "$tmp/err"
	fail "parts"
}
grep -q '"verdict": *"PASS"' "$tmp/one.json" || fail "nothing passed"
! grep -q '"verdict": *"\(SKIP\|ERROR\|FAIL\)"' "$tmp/one.json" || fail "not all passed"
[ -s "$tmp/html/index.html" ] || fail "no page"
tshark -n -r "$tmp/pcap/v6lc.1.3.1.a-host.pcapng" -Y icmpv6.type==129 >"$tmp/frames" 2>&1
grep -q 'Echo' "$tmp/frames" || fail "no echo reply in the capture: $(cat "$tmp/frames")"

say "hours are nothing"
start=$(date +%s)
"$INABA" conform run --nut "qemu:$kernel" --role host v6lc.3.2.5.b >"$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q '^1 parts: 1 PASS' "$tmp/out" || fail "hours: $(cat "$tmp/out")"
[ $(($(date +%s) - start)) -lt 90 ] || fail "it took $(($(date +%s) - start)) s"

# refused KERNEL WORDS
refused() {
	"$INABA" conform run --nut "qemu:$1" --role host v6lc.1.1.8 >"$tmp/out" 2>&1 && fail "no error of $1"
	grep -q "$2" "$tmp/out" || fail "not \"$2\" but: $(cat "$tmp/out")"
}

say "what is wrong is said"
refused /nonexistent 'it is to be a vmlinuz, or a package linux-image'
refused "$tmp" 'neither boot/vmlinuz'
echo "no kernel" >"$tmp/vmlinuz"
refused "$tmp" 'the machine ended before it was up'
if [ -d "$kernel" ] && [ -n "$(echo "$kernel"/boot/vmlinuz-*)" ]; then
	cp "$kernel"/boot/vmlinuz-* "$tmp/vmlinuz"
	refused "$tmp/vmlinuz" 'no veth devices'
fi
