#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Web servers on node b - python's, nginx with two workers, one written in Go - and curl on node a.
. "$(dirname "$0")/lib"
need ip ping curl python3
. "$(dirname "$0")/lib-exec"
peers

three_nodes
can_exec a
mkdir "$tmp/www" "$tmp/got" "$tmp/nginx"
chmod 777 "$tmp/got" "$tmp/nginx"
head -c 20000000 /dev/urandom >"$tmp/www/large"
head -c 20000 /dev/urandom >"$tmp/www/small"
chmod -R a+rX "$tmp/www"
reaches a 2001:db8:2::1

# answers URL LOG - a server comes to.
answers() {
	in_time 15 as_nobody "$INABA" exec a curl -sS -o /dev/null "$1" || fail "$1: $(cat "$2")"
}

# whole URL - it is the large file.
whole() {
	on a curl -sS -m 20 -o "$tmp/got/large" -w '%{http_code} %{size_download} %{time_total} s\n' "$1"
	said '^200 20000000 '
	cat "$tmp/out"
	cmp "$tmp/got/large" "$tmp/www/large" || fail "$1: other octets came"
}

# fifty URL - at once, each of them the small file.
fifty() {
	on a curl -sS -m 20 -Z --parallel-immediate --parallel-max 50 -o "$tmp/got/small#1" "$1?[1-50]"
	[ "$rc" = 0 ] || fail "fifty at once: $(cat "$tmp/out")"
	for i in $(seq 50); do
		cmp "$tmp/got/small$i" "$tmp/www/small" || fail "fifty at once: number $i is not whole"
	done
	rm -f "$tmp"/got/small*
}

say "python's http.server"
serve b "$tmp/python" python3 -m http.server --bind :: --directory "$tmp/www" 8000
answers 'http://[2001:db8:2::1]:8000/small' "$tmp/python"
whole 'http://[2001:db8:2::1]:8000/large'
fifty 'http://[2001:db8:2::1]:8000/small'
grep -q '^2001:db8:1::1 .*GET /large' "$tmp/python" || fail "http.server knows no peer: $(cat "$tmp/python")"
kill "$server"

say "nginx"
cat >"$tmp/nginx.conf" <<END
worker_processes 2;
pid $tmp/nginx/pid;
error_log $tmp/nginx/error;
events { worker_connections 256; }
http {
	access_log $tmp/nginx/access;
	client_body_temp_path $tmp/nginx/body;
	proxy_temp_path $tmp/nginx/proxy;
	fastcgi_temp_path $tmp/nginx/fastcgi;
	uwsgi_temp_path $tmp/nginx/uwsgi;
	scgi_temp_path $tmp/nginx/scgi;
	sendfile on;
	tcp_nopush on;
	server { listen [::]:8080; root $tmp/www; }
}
END
serve b "$tmp/nginx.out" "$PEERS/usr/sbin/nginx" -p "$tmp/nginx" -e "$tmp/nginx/error" \
	-c "$tmp/nginx.conf" -g 'daemon off;'
answers 'http://[2001:db8:2::1]:8080/small' "$tmp/nginx.out"
whole 'http://[2001:db8:2::1]:8080/large'
fifty 'http://[2001:db8:2::1]:8080/small'
grep -q '^2001:db8:1::1 .*GET /large' "$tmp/nginx/access" ||
	fail "nginx knows no peer: $(cat "$tmp/nginx/access")"
on a curl -sS 'http://[2001:db8:2::1]:8081/'
[ "$rc" = 7 ] || fail "a closed port: status $rc: $(cat "$tmp/out")"
kill "$server"

say "a server written in Go"
serve b "$tmp/go" "$PEERS/usr/bin/prometheus-node-exporter" --web.listen-address='[::]:9100' \
	--collector.disable-defaults --collector.uname
answers 'http://[2001:db8:2::1]:9100/' "$tmp/go"
on a curl -sS -m 10 'http://[2001:db8:2::1]:9100/metrics'
said '^node_uname_info'
on a curl -sS -m 10 -Z --parallel-immediate -o "$tmp/got/metrics#1" \
	'http://[2001:db8:2::1]:9100/metrics?[1-20]'
[ "$rc" = 0 ] || fail "twenty at once: $(cat "$tmp/out")"
[ "$(cat "$tmp"/got/metrics* | grep -c '^node_uname_info')" = 20 ] || fail "not all of twenty came"
