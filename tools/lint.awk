# SPDX-License-Identifier: BSD-3-Clause
# The checks of tools/lint that look at the text of one file at a time. Arguments: paths as "src/..";
# "file:line: message" for each finding on standard output; exit 1 if there was any.
#
# A line whose comment says "lint-ok: why" is exempt from the checks of calls and casts.

function say(msg) {
	printf "%s:%d: %s\n", FILENAME, FNR, msg
	found = 1
}

# A call that is banned except in files whose path matches allowed; "only" limits it to some files.
function ban(names, allowed, only, instead,	i, k, a) {
	k = split(names, a, " ")
	for (i = 1; i <= k; i++) {
		nbans++
		ban_name[nbans] = a[i]
		ban_re[nbans] = "(^|[^A-Za-z0-9_.>])" a[i] "[ \t]*\\("
		ban_allowed[nbans] = allowed
		ban_only[nbans] = only
		ban_instead[nbans] = instead
	}
}

BEGIN {
	# Lowest first; folders on one line are equals and may not include each other.
	layer("base")
	layer("link")
	layer("ip6")
	layer("ip4")
	layer("mld")
	layer("nd")		# above mld: ND joins groups through it
	layer("xfrm")
	layer("conntrack")
	layer("filter")
	layer("transport")
	layer("netlink pfkey")
	layer("node")
	layer("host")
	layer("exec")
	layer("sim")
	layer("mobility")
	layer("conform")
	layer("lab")
	layer("cmd")

	outer = "^(src/(host|exec|link|cmd|lab)|bench|tests)/|^fuzz/replay\\.c$"
	core = "^src/(base|ip6|ip4|mld|nd|xfrm|conntrack|filter|transport|node|sim)/"

	ban("clock_gettime gettimeofday time", outer, "", "take `now` as an argument")
	ban("usleep nanosleep sleep", outer, "", "return a deadline and let the caller wait")
	ban("rand random srand srandom drand48 getrandom", outer, "",
	    "use the random handle of the context")
	ban("strcpy strcat strncpy sprintf vsprintf", "", "", "use snprintf() or memcpy() with a size")
	ban("gets", "", "", "use fgets()")
	ban("alloca", "", "", "use a fixed array or a pool")
	ban("assert", "", "", "use ASSERT(), which is always on")
	ban("socket open openat close read write readv writev send sendto sendmsg sendmmsg recv " \
	    "recvfrom recvmsg recvmmsg ioctl poll ppoll select epoll_wait epoll_ctl pthread_create fork",
	    "", core, "no system calls here: input and `now` come in, output and a deadline go out")
	ban("fopen fdopen", "^src/base/pcapng", core, "no files here: only base/pcapng writes them")

	nwire = split("ip ip6_hdr ip6_ext ip6_hbh ip6_dest ip6_rthdr ip6_rthdr0 ip6_frag ip6_opt icmp6_hdr " \
	    "icmp6hdr icmphdr icmp nd_router_solicit nd_router_advert nd_neighbor_solicit " \
	    "nd_neighbor_advert nd_redirect nd_opt_hdr nd_opt_prefix_info nd_opt_mtu mld_hdr iphdr " \
	    "ipv6hdr ipv6_opt_hdr ipv6_rt_hdr udphdr tcphdr ether_header ethhdr ether_arp arphdr " \
	    "ip_esp_hdr ip_auth_hdr ip6_mh", w, " ")
	for (i = 1; i <= nwire; i++)
		is_wire[w[i]] = 1
	cast = "\\([ \t]*(const[ \t]+)?struct[ \t]+[a-z0-9_]+[ \t]*(const[ \t]*)?\\*[ \t]*\\)[ \t]*[A-Za-z_(&]"

	# in two parts, so that this file is not its own finding
	machine_path = "(^|[^A-Za-z0-9_.])/(" "work|home|root|Users)/"
	leftover = "(^|[^A-Za-z0-9_])(" "TODO|FIXME|XXX|HACK)([^A-Za-z0-9_]|$)"
}

function layer(names,	i, k, a) {
	nlayers++
	k = split(names, a, " ")
	for (i = 1; i <= k; i++)
		level[a[i]] = nlayers
}

function done_file() {
	if (want_spdx)
		say_spdx()
}

function say_spdx() {
	printf "%s:%d: the first line (after #!) must be SPDX-License-Identifier: BSD-3-Clause\n",
	    last_file, spdx_line
	found = 1
	want_spdx = 0
}

FNR == 1 {
	done_file()
	last_file = FILENAME
	is_c = FILENAME ~ /\.[ch]$/
	is_code = is_c || FILENAME ~ /\.(sh|awk|py)$|meson[a-z_.]*$|meson\.build$/ || /^#!/
	want_spdx = is_code
	spdx_line = /^#!/ ? 2 : 1
	in_comment = 0
	folder = ""
	if (FILENAME ~ /^src\/[a-z0-9]+\//) {
		split(FILENAME, part, "/")
		folder = part[2]
		if (!(folder in level))
			say("src/" folder " has no place in the order of the layers (tools/lint.awk)")
	}
	for (i = 1; i <= nbans; i++)
		active[i] = (ban_allowed[i] == "" || FILENAME !~ ban_allowed[i]) &&
		    (ban_only[i] == "" || FILENAME ~ ban_only[i])
}

want_spdx && FNR == spdx_line {
	if ($0 !~ /SPDX-License-Identifier: BSD-3-Clause/)
		say_spdx()
	want_spdx = 0
}

# A quick test first: most lines have no capital X, T, F or H word like these.
/TODO|FIXME|XXX|HACK/ && is_code && $0 ~ leftover && FILENAME !~ /^tools\/lint/ {
	say("leftover mark: do it now, or write it down outside of the code")
}

$0 ~ machine_path {
	say("a path of one machine: use a relative path or a variable")
}

!is_c { next }

/^[ \t]*#[ \t]*include[ \t]*"/ {
	path = $0
	sub(/^[^"]*"/, "", path)
	sub(/".*/, "", path)
	if (path ~ /\.\./)
		say("#include \"" path "\": name it from src/, without ..")
	if (folder != "") {
		to = path
		if (!sub(/\/.*/, "", to))
			say("#include \"" path "\": name its folder too, as \"" folder "/" path "\"")
		else if (!(to in level))
			say("#include \"" path "\": there is no layer " to)
		else if (to != folder && level[to] >= level[folder])
			say("#include \"" path "\": " folder " is not above " to)
	}
	next
}

{
	# what remains after comments and strings
	exempt = /lint-ok: [^ *]/
	code = ""
	rest = $0
	while (rest != "") {
		if (in_comment) {
			if (!(i = index(rest, "*/")))
				break
			rest = substr(rest, i + 2)
			in_comment = 0
			continue
		}
		if (!match(rest, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
			code = code rest
			break
		}
		t = substr(rest, RSTART, 2)
		code = code substr(rest, 1, RSTART - 1)
		if (t == "//")
			break
		if (t == "/*")
			in_comment = 1
		else
			code = code "\"\""
		rest = substr(rest, RSTART + RLENGTH)
	}
	if (exempt || code !~ /\(/)
		next
	for (i = 1; i <= nbans; i++)
		if (active[i] && index(code, ban_name[i]) && code ~ ban_re[i])
			say(ban_name[i] "(): " ban_instead[i])
	c = code
	while (match(c, cast)) {
		name = substr(c, RSTART, RLENGTH)
		c = substr(c, RSTART + RLENGTH)
		sub(/^\([ \t]*(const[ \t]+)?struct[ \t]+/, "", name)
		sub(/[^a-z0-9_].*/, "", name)
		if (name in is_wire)
			say("cast to struct " name ": read the bytes through a cursor (base/rd.h)")
	}
}

END {
	if (want_spdx)
		say_spdx()
	exit found
}
