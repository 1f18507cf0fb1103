#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two sites and a core between them, as processes on segments; any user can run it.
#
#	h1    h2                    h3    h4
#	 |     |      site-a         |     |     site-b
#	-+-+---+-+-  2001:db8:a::  --+--+--+--  2001:db8:b::
#	   |     |                      |
#	   r1    r2                     r3
#	   |     |       core           |
#	---+-----+----------------------+-----  2001:db8:c::
#
# The hosts are told nothing: they make addresses of what the routers advertise, and choose among
# r1 and r2. r3 sends back by way of r2. Later r1 goes and says so, and all hosts use r2 at once.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
inaba=${INABA:-$here/build/release/src/cmd/inaba}
[ -x "$inaba" ] || inaba=$(command -v inaba) || { echo "first do ./run build" >&2; exit 1; }

XDG_RUNTIME_DIR=$(mktemp -d)	# names of our own, whatever else runs
export XDG_RUNTIME_DIR
end() {
	for n in $("$inaba" list); do
		"$inaba" down "$n"
	done
	rm -rf "$XDG_RUNTIME_DIR"
}
trap end EXIT
trap 'exit 130' INT TERM

say() {
	printf '\n== %s\n' "$*"
}

# wait_for NODE WORDS - until a line of its status has them.
wait_for() {
	tries=100
	until "$inaba" status "$1" | grep -q -e "$2"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "$1 never says: $2" >&2; "$inaba" status "$1"; exit 1; }
		sleep 0.2
	done
}

say "three routers, four hosts"
"$inaba" up r1 --forward --link a=wire:site-a --link c=wire:core \
	--addr a=2001:db8:a::1/64 --advertise a=2001:db8:a::/64 \
	--addr c=2001:db8:c::1/64 --route 2001:db8:b::/64=2001:db8:c::3%c
"$inaba" up r2 --forward --link a=wire:site-a --link c=wire:core \
	--addr a=2001:db8:a::2/64 --advertise a=2001:db8:a::/64 \
	--addr c=2001:db8:c::2/64 --route 2001:db8:b::/64=2001:db8:c::3%c
"$inaba" up r3 --forward --link b=wire:site-b --link c=wire:core \
	--addr b=2001:db8:b::3/64 --advertise b=2001:db8:b::/64 \
	--addr c=2001:db8:c::3/64 --route 2001:db8:a::/64=2001:db8:c::2%c
"$inaba" up h1 --link e=wire:site-a --mac e=02:00:00:00:00:01
"$inaba" up h2 --link e=wire:site-a --mac e=02:00:00:00:00:02
"$inaba" up h3 --link e=wire:site-b --mac e=02:00:00:00:00:03
"$inaba" up h4 --link e=wire:site-b --mac e=02:00:00:00:00:04
for i in 1 2; do
	wait_for h$i "2001:db8:a::ff:fe00:$i/64 preferred"
	wait_for h$((i + 2)) "2001:db8:b::ff:fe00:$((i + 2))/64 preferred"
done
for r in r1 r2; do		# until both are known, either may go
	wait_for h1 "$("$inaba" status $r | awk '/ fe80::/ { sub("/.*", "", $1); print $1; exit }') dev e pref"
done
"$inaba" list | paste -sd ' '

say "h1 to h3, over two routers"
"$inaba" ping h1 2001:db8:b::ff:fe00:3 -c 3 -i 0.2

say "the same with 8,000 octets, in fragments"
"$inaba" ping h1 2001:db8:b::ff:fe00:3 -c 2 -i 0.2 -s 8000

say "a packet that may live for one hop only"
"$inaba" ping h1 2001:db8:b::ff:fe00:3 -c 1 -t 1 -W 1 || true

say "r1 goes, and says so: nobody loses a packet"
"$inaba" down r1
for h in h1 h2; do
	"$inaba" ping $h 2001:db8:b::ff:fe00:4 -c 10 -i 0.1 -q
done

say "what h2 knows at the end"
"$inaba" status h2
