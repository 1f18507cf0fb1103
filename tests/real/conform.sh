#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# inaba conform on the command line: what it lists, refuses and exits with, its pages as other parsers
# read them, and its captures as tshark sees them.
set -eu
command -v tshark >/dev/null || { echo "tshark is not installed"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAILED: $*"
	exit 1
}

# refuses STATUS ARGUMENT... - one line on standard error, nothing on standard output.
refuses() {
	want=$1
	shift
	got=0
	"$INABA" conform "$@" >"$dir/out" 2>"$dir/err" || got=$?
	[ $got = "$want" ] || fail "conform $*: exit status $got, not $want"
	[ ! -s "$dir/out" ] || fail "conform $*: writes to standard output"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "conform $*: not one line: $(cat "$dir/err")"
}

refuses 2
refuses 2 frob
refuses 2 run --role cook
refuses 2 run --nut none
refuses 2 run --nut exec:true
refuses 2 run --nut exec:true --if lo -j 2
refuses 2 run --if lo
refuses 2 run --nut netns --if-a lo
refuses 2 run --suite none
refuses 2 run --seed x
refuses 2 run --seed
refuses 2 run --json --tap
refuses 1 run 'no.such.*'
refuses 1 explain 'no.such.*'
refuses 1 run --pcap /dev/null/x
refuses 2 run --html
refuses 2 run --html ''
refuses 2 run --junit ''
refuses 1 run --html /dev/null/x
refuses 1 run --junit /dev/null/x
refuses 1 run --junit "$dir/no-page.xml" --html /dev/null/x

# breaks_off FILE ARGUMENT... - the device for FILE is full: status 1, one line that names it.
breaks_off() {
	file=$1
	shift
	got=0
	"$INABA" conform run "$@" v6lc.1.1.9 >"$dir/out" 2>"$dir/err" || got=$?
	[ $got = 1 ] || fail "conform run $*: exit status $got, not 1"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "conform run $*: not one line: $(cat "$dir/err")"
	grep -q "^inaba conform: .*$file: No space left on device" "$dir/err" ||
		fail "conform run $*: $(cat "$dir/err")"
	grep -q '^1 parts: 1 PASS' "$dir/out" || fail "conform run $*: the results are not told"
}

mkdir "$dir/full"
ln -s /dev/full "$dir/full/index.html"
breaks_off /dev/full --junit /dev/full
breaks_off "$dir/full" --html "$dir/full"

"$INABA" conform list | grep -q '^v6lc.1.1.9 .*RFC 8200 section 3' || fail "list"
"$INABA" conform list --json | python3 -m json.tool >/dev/null || fail "list --json"
"$INABA" conform explain v6lc.1.1.9 | grep -q 'needs .*forwarding' || fail "explain"
for i in a b; do
	"$INABA" conform run --json --seed 7 --html "$dir/$i/html" --junit "$dir/$i.xml" >"$dir/$i.json" ||
		fail "run --json"
done
cmp "$dir/a.json" "$dir/b.json" || fail "two runs from one seed differ"
cmp "$dir/a.xml" "$dir/b.xml" || fail "two runs from one seed differ"
diff -r "$dir/a" "$dir/b" >"$dir/out" || fail "two runs from one seed differ: $(head -n 3 "$dir/out")"
"$(dirname "$0")/check-pages" "$dir/a/html" "$dir/a.xml" "$dir/a.json" >"$dir/out" ||
	fail "pages: $(head -n 20 "$dir/out")"
python3 -m json.tool "$dir/a.json" >/dev/null || fail "run --json"

"$INABA" conform run --pcap "$dir/pcap" 'v6lc.1.1.[49]*' >/dev/null || fail "run --pcap"
capture=$dir/pcap/v6lc.1.1.9-router.pcapng
tshark -n -r "$capture" -Y '_ws.malformed || icmpv6.checksum.status == 0' >"$dir/bad" 2>"$dir/err" ||
	fail "tshark: $(cat "$dir/err")"
[ ! -s "$dir/bad" ] || fail "tshark objects to: $(cat "$dir/bad")"
[ "$(tshark -n -r "$capture" -Y 'frame.comment contains "v6lc.1.1.9: as expected" && ipv6.hlim == 14 &&
	frame.interface_name == "link A"' 2>/dev/null | wc -l)" = 1 ] ||
	fail "the judged packet has no comment"

# Workers: the same bytes, in order; an interrupted run goes on.
refuses 2 run -j 0
refuses 2 run -j 65
refuses 2 run -j
"$INABA" conform run --json --seed 7 -j 4 >"$dir/c.json" || fail "run -j 4"
cmp "$dir/a.json" "$dir/c.json" || fail "-j 4 gives other results"
"$INABA" conform run --seed 7 --resume "$dir/done" 'v6lc.1.1.4.*' >/dev/null || fail "--resume"
size=$(stat -c %s "$dir/done")
"$INABA" conform run --json --seed 7 --resume "$dir/done" -j2 >"$dir/c.json" || fail "--resume"
cmp "$dir/a.json" "$dir/c.json" || fail "--resume gives other results"
[ "$(stat -c %s "$dir/done")" -gt "$size" ] || fail "--resume: nothing was added"
refuses 1 run --resume "$dir/done"
grep -q 'done: its results are of seed 7, not 1$' "$dir/err" || fail "--resume: $(cat "$dir/err")"
refuses 1 run --resume "$dir/a.json"
refuses 1 run --resume "$dir"

# What is known to fail. Ours passes, so the list is wrong.
printf '# a comment\n\nv6lc.1.1.9 bug 1\n' >"$dir/xfail"
got=0
"$INABA" conform run --json --xfail "$dir/xfail" --seed 7 >"$dir/b.json" || got=$?
[ $got = 1 ] || fail "--xfail: exit status $got"
grep -q '"why": "expected to fail (bug 1), but passes: take it off the list"' "$dir/b.json" ||
	fail "--xfail: no reason"
echo 'v6lc.1.1.99 bug' >>"$dir/xfail"
refuses 2 run --xfail "$dir/xfail"
grep -q 'xfail:4: there is no part "v6lc.1.1.99"' "$dir/err" || fail "--xfail: $(cat "$dir/err")"
refuses 2 run --xfail "$dir/none"

# Two results side by side.
"$INABA" conform compare "$dir/a.json" "$dir/a.json" >"$dir/out" || fail "compare: the same"
grep -q ' the same, 0 different, 0 in one only$' "$dir/out" || fail "compare: $(cat "$dir/out")"
got=0
"$INABA" conform compare "$dir/a.json" "$dir/b.json" >"$dir/out" || got=$?
[ $got = 1 ] || fail "compare: exit status $got"
grep -A1 '^passed, and fails now (1)$' "$dir/out" |
	grep -q '^  PASS  -> FAIL  v6lc.1.1.9 *router ' || fail "compare: $(cat "$dir/out")"
"$INABA" conform compare "$dir/b.json" "$dir/a.json" >"$dir/out" || fail "compare: back"
grep -q '^failed, and passes now (1)$' "$dir/out" || fail "compare: $(cat "$dir/out")"
"$INABA" conform run --json --role host --seed 7 >"$dir/host.json" || fail "run --role host"
"$INABA" conform compare "$dir/host.json" "$dir/a.json" >"$dir/out" || fail "compare: more parts"
grep -q '^only in the second (' "$dir/out" || fail "compare: $(cat "$dir/out")"
"$INABA" conform compare --json "$dir/a.json" "$dir/b.json" >"$dir/out" || :
python3 - "$dir/out" <<'END' || fail "compare --json"
import json, sys
c = json.load(open(sys.argv[1]))
r = c["regressions"]
assert len(r) == 1 and (r[0]["id"], r[0]["a"], r[0]["b"]) == ("v6lc.1.1.9", "PASS", "FAIL"), r
assert c["b"]["sums"]["FAIL"] == 1 and c["same"] > 40 and not c["other"] and not c["only_a"]
END
refuses 2 compare "$dir/a.json"
refuses 2 compare "$dir/a.json" "$dir/none"
refuses 2 compare "$dir/a.json" "$dir/xfail"
refuses 2 compare "$dir/a.json" "$dir/a.json" "$dir/a.json"
refuses 2 compare "$dir/a.json" --frob
echo '{"nut": "sim", "parts": [{"id": "x", "role": "host", "verdict": "GOOD"}]}' >"$dir/bad.json"
refuses 2 compare "$dir/bad.json" "$dir/a.json"
sed 's/"role": "router"/"role": "host"/' "$dir/a.json" >"$dir/bad.json"
refuses 2 compare "$dir/bad.json" "$dir/a.json"

# An interrupt that has come before the first part is through.
interrupted() {
	python3 - "$INABA" conform run --seed 7 "$@" <<'END'
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
os.kill(os.getpid(), signal.SIGINT)
os.execv(sys.argv[1], sys.argv[1:])
END
}
got=0
interrupted --resume "$dir/part" -j 2 >"$dir/out" 2>"$dir/err" || got=$?
[ $got = 130 ] || fail "interrupted: exit status $got"
grep -q '^inaba conform: interrupted, [0-9] of [0-9]* parts are done; the same command again' "$dir/err" ||
	fail "interrupted: $(cat "$dir/err")"
got=0
interrupted >"$dir/out" 2>"$dir/err" || got=$?
[ $got = 130 ] || fail "interrupted: exit status $got"
grep -q 'are done; with --resume FILE such a run can be continued$' "$dir/err" ||
	fail "interrupted: $(cat "$dir/err")"
"$INABA" conform run --seed 7 --resume "$dir/part" --json >"$dir/c.json" || fail "continued"
cmp "$dir/a.json" "$dir/c.json" || fail "the continued run gives other results"
