#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The conformance suites guarded: nodes with one fault each (tests/mutants/list), each of which
# has to fail the part that is named for it. One mutant by name: tests/real/mutants.sh NAME.
set -eu
cd "$(dirname "$0")/../.."
command -v cc >/dev/null || { echo "cc is not installed"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
only=${1:-}
export only

# Each mutant in a folder of its own: its file changed, the names of all that belongs to it.
awk -v dir="$tmp" -v only="$only" '
	function slurp(file,   s, line) {
		s = ""
		while ((getline line <file) > 0)
			s = s line "\n"
		close(file)
		return s
	}
	function finish(   s, n, at, out) {
		if (name == "")
			return
		s = slurp("src/" file)
		n = 0
		while ((at = index(s, old)) > 0) {
			out = out substr(s, 1, at - 1) new
			s = substr(s, at + length(old))
			n++
		}
		if (n == 0) {
			print "FAILED: " name ": src/" file " has no: " old
			bad = 1
		}
		if (role == "" || part == "") {
			print "FAILED: " name ": no part is named"
			bad = 1
		}
		if (only == "" || only == name) {
			system("mkdir " dir "/" name)
			printf "%s", out s >(dir "/" name "/mutant.c")
			close(dir "/" name "/mutant.c")
			print file, role, part >(dir "/" name "/what")
			close(dir "/" name "/what")
			count++
		}
		name = role = part = old = new = ""
	}
	/^#/ { next }
	/^- / { old = substr($0, 3); in_old = 1; next }
	/^\+ / { new = substr($0, 3); in_old = 0; next }
	/^> / { role = $2; part = $3; next }
	/^$/ { finish(); next }
	/^[a-z]/ { n_field = split($0, f, "\t"); name = f[1]; file = f[2]; old = new = ""; next }
	{ if (in_old) old = old "\n" $0; else new = new "\n" $0 }
	END { finish(); print count + 0 " mutants"; exit bad }
' tests/mutants/list >"$tmp/list" || { cat "$tmp/list"; exit 1; }
tail -n 1 "$tmp/list"

# What all of them share, built once; without optimization, which is the quickest to build and run.
cat >"$tmp/compile" <<'END'
exec cc -std=gnu11 -D_GNU_SOURCE -O0 -w -DINABA_VERSION=\"mutant\" -Isrc -c "$1" -o "$2"
END
find src -name '*.c' | sed "s|^src/\(.*\)$|src/\1 $tmp/o/\1.o|" >"$tmp/files"
sed 's|.* ||; s|/[^/]*$||' "$tmp/files" | sort -u | xargs mkdir -p
xargs -P "$(nproc)" -n 2 sh "$tmp/compile" <"$tmp/files"
find "$tmp/o" -name '*.c.o' | sort >"$tmp/objects"

# link EXE [OBJECT WITHOUT] - all objects, or all but WITHOUT and OBJECT in its place.
cat >"$tmp/link" <<'END'
objects=$(grep -F -x -v -e "${3:-}" "$tmp/objects")
exec cc -o "$1" $objects ${2:-} -ljansson -lm
END
# one NAME - build it, run its part: a line of result.
cat >"$tmp/one" <<'END'
dir=$tmp/$1
read -r file role part <"$dir/what"
sh "$tmp/compile" "$dir/mutant.c" "$dir/mutant.o" &&
	sh "$tmp/link" "$dir/inaba" "$dir/mutant.o" "$tmp/o/$file.o" ||
	{ echo "FAILED: $1 cannot be built" >>"$tmp/result"; exit; }
"$tmp/inaba" conform run --role "$role" "$part" >"$dir/out" 2>&1 ||
	{ echo "FAILED: $1: $part does not pass as a $role without the fault" >>"$tmp/result"; exit; }
rc=0
timeout 60 "$dir/inaba" conform run --role "$role" "$part" >"$dir/out" 2>&1 || rc=$?
if [ $rc = 1 ] && grep -q "^  FAIL " "$dir/out"; then
	echo "caught  $1: $part" >>"$tmp/result"
else
	echo "FAILED: $1: $part does not see it (exit status $rc)" >>"$tmp/result"
fi
rm -f "$dir/inaba"
END
export tmp
sh "$tmp/link" "$tmp/inaba"
: >"$tmp/result"
(cd "$tmp" && ls -d */what | sed 's|/what||') | xargs -P "$(nproc)" -n 1 sh "$tmp/one"
sort "$tmp/result"
! grep -q '^FAILED' "$tmp/result"
