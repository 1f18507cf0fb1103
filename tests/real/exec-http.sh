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
in_time 10 as_nobody "$INABA" exec a curl -sS -o /dev/null 'http://[2001:db8:2::1]:8000/' || fail "http.server: $(cat "$tmp/python")"
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
