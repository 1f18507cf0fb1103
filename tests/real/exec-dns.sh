#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Name servers on node b, one of ours and dnsmasq: dig by UDP and TCP, and names of programs on node a, which has heard of
# the server from its router.
. "$(dirname "$0")/lib"
need ip ping dig getent curl python3
. "$(dirname "$0")/lib-exec"

as_nobody "$INABA" up b --link e=wire:x --mac e=02:00:00:00:00:02 --addr e=2001:db8:1::2/64 \
	--forward --advertise e=2001:db8:1::/64 --rdnss e=2001:db8:1::2 --dnssl e=example.org
as_nobody "$INABA" up a --link e=wire:x --mac e=02:00:00:00:00:01
can_exec a
install -m 644 tests/real/exec-dns.py "$tmp/dns.py"
serve b "$tmp/dns" python3 "$tmp/dns.py"
dns=$server
server_b=2001:db8:1::2
in_time 15 as_nobody "$INABA" exec a dig +tries=1 +time=1 @$server_b +short www.example.org aaaa ||
	fail "no answer: $(cat "$tmp/dns" "$tmp/in_time")"

say "dig"
on a dig @$server_b www.example.org aaaa
said '^www.example.org.*AAAA.*2001:db8:1::2$'
said 'SERVER: 2001:db8:1::2#53.*(UDP)'
on a dig +tcp @$server_b www.example.org aaaa
said '^www.example.org.*AAAA.*2001:db8:1::2$'
said 'SERVER: 2001:db8:1::2#53.*(TCP)'
on a dig +ignore @$server_b many.example.org aaaa
said 'flags: .* tc '
on a dig @$server_b many.example.org aaaa
said 'Truncated, retrying in TCP mode'
[ "$(grep -c '^many.example.org' "$tmp/out")" = 100 ] || fail "not a hundred: $(cat "$tmp/out")"
on a dig +tries=1 +time=1 @$server_b -p 5354 www.example.org aaaa
said 'connection refused'

say "what programs read of the router's servers"
in_time 10 as_nobody "$INABA" exec a grep -q "nameserver $server_b" /etc/resolv.conf || fail "no name server"
on a cat /etc/resolv.conf
said '^search example.org$'
on a getent ahosts www.example.org
said '^2001:db8:1::2 *STREAM'
on a getent hosts www
said '^2001:db8:1::2 *www.example.org'
mkdir "$tmp/www"
echo "a page" >"$tmp/www/page"
chmod -R a+rX "$tmp/www"
serve b "$tmp/http" python3 -m http.server --bind :: --directory "$tmp/www" 8000
in_time 10 as_nobody "$INABA" exec a curl -sS -o /dev/null http://www.example.org:8000/page || fail "curl: $(cat "$tmp/in_time")"
on a curl -sS http://www:8000/page
said '^a page$'
on a curl -sS http://nix.example.org:8000/page
[ "$rc" = 6 ] || fail "a name that is not there: status $rc: $(cat "$tmp/out")"

say "dnsmasq as the name server, when the other has ended"
if command -v dnsmasq >/dev/null; then
	for i in 1 2 3; do echo "2001:db8:1::$i host$i.example.org"; done >"$tmp/hosts"
	kill "$dns"
	wait "$dns" || true
	serve b "$tmp/dnsmasq" dnsmasq -k --user=nobody --conf-file=/dev/null --no-resolv --no-hosts \
		--addn-hosts="$tmp/hosts" --pid-file= --log-facility=-
	dnsmasq_answers() {
		as_nobody "$INABA" exec a dig +tries=1 +time=1 +short @$server_b host2.example.org aaaa |
			grep -q '^2001:db8:1::2$'
	}
	in_time 10 dnsmasq_answers || fail "dnsmasq: $(cat "$tmp/dnsmasq")"
fi
