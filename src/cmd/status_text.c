/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/status_text.h"

#include <stdbool.h>
#include <string.h>

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* Seconds left, or "forever". */
static const char *left(const json_t *o, const char *key, char buf[32])
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v))
		snprintf(buf, 32, "%" JSON_INTEGER_FORMAT " s", json_integer_value(v));
	else
		snprintf(buf, 32, "forever");
	return buf;
}

/* RFC 8106, 8781, 8910, 5175. */
static void print_said(const json_t *i, FILE *to)
{
	const json_t *s;
	char buf[32];
	size_t k;

	json_array_foreach(json_object_get(i, "dns_servers"), k, s) fprintf(
		to, "    name server %s, for %s\n", text(s, "address"), left(s, "lifetime_s", buf));
	json_array_foreach(json_object_get(i, "dns_search"), k, s)
		fprintf(to, "    search domain %s, for %s\n", text(s, "domain"),
			left(s, "lifetime_s", buf));
	json_array_foreach(json_object_get(i, "nat64_prefixes"), k, s) fprintf(
		to, "    NAT64 prefix %s, for %s\n", text(s, "prefix"), left(s, "lifetime_s", buf));
	json_array_foreach(json_object_get(i, "known_routers"), k,
			   s) if (strcmp(text(s, "state"), "heard") != 0)
		fprintf(to, "    router of an earlier link %s at %s: %s, heard %s ago\n",
			text(s, "address"), text(s, "mac"), text(s, "state"),
			left(s, "heard_s_ago", buf));
	if (text(i, "captive_portal")[0] != '\0')
		fprintf(to, "    captive portal %s\n", text(i, "captive_portal"));
	if (text(i, "ra_flags")[0] != '\0')
		fprintf(to, "    advertised flags %s\n", text(i, "ra_flags"));
}

/* Groups that are not listened to from all sources. */
static void print_filters(const json_t *i, FILE *to)
{
	const json_t *f, *source;
	size_t k, n;

	json_array_foreach(json_object_get(i, "group_filters"), k, f)
	{
		fprintf(to, "    %s %s", text(f, "group"), text(f, "mode"));
		json_array_foreach(json_object_get(f, "sources"), n, source)
			fprintf(to, " %s", json_string_value(source));
		fprintf(to, "\n");
	}
}

/* What an MLD router knows of listeners, and who contradicts its advertisements. */
static void print_listened(const json_t *i, FILE *to)
{
	const json_t *w, *list = json_object_get(i, "listened");
	char filter[32];
	size_t k;

	if (number(i, "ra_conflicts") > 0)
		fprintf(to,
			"    %s contradicts our advertisements (%" JSON_INTEGER_FORMAT " times)\n",
			text(i, "ra_conflict_with"), number(i, "ra_conflicts"));
	if (list == NULL)
		return;
	fprintf(to, "    multicast listeners, %s:%s\n",
		is_true(i, "mld_querier") ? "we ask" : "another router asks",
		json_array_size(list) == 0 ? " none" : "");
	json_array_foreach(list, k, w)
		fprintf(to,
			"      %s %s, %" JSON_INTEGER_FORMAT
			" sources wanted, %" JSON_INTEGER_FORMAT " not%s%s%s\n",
			text(w, "group"), text(w, "mode"), number(w, "sources_wanted"),
			number(w, "sources_excluded"), is_true(w, "mldv1") ? ", MLDv1" : "",
			json_object_get(w, "filter_s") != NULL ? ", for " : "",
			json_object_get(w, "filter_s") != NULL ? left(w, "filter_s", filter) : "");
}

static void print_if(const json_t *i, FILE *to)
{
	const json_t *c = json_object_get(i, "counters"), *a, *groups;
	char pref[32], valid[32];
	size_t k;

	fprintf(to, "%s: %s%s mtu %" JSON_INTEGER_FORMAT "%s%s\n", text(i, "name"),
		is_true(i, "up") ? "up" : "DOWN", is_true(i, "forwarding") ? " forwarding" : "",
		number(i, "ip6_mtu"), text(i, "mac")[0] != '\0' ? " mac " : "", text(i, "mac"));
	json_array_foreach(json_object_get(i, "addresses"), k, a)
		fprintf(to, "    %s/%" JSON_INTEGER_FORMAT " %s %s, preferred %s, valid %s\n",
			text(a, "address"), number(a, "prefix_length"), text(a, "state"),
			text(a, "origin"), left(a, "preferred_s", pref), left(a, "valid_s", valid));
	json_array_foreach(json_object_get(i, "withdrawn"), k, a)
		fprintf(to, "    prefix %s withdrawn, told for %s\n", text(a, "prefix"),
			left(a, "told_s", valid));
	json_array_foreach(json_object_get(i, "proxied"), k, a)
		fprintf(to, "    answers for %s\n", json_string_value(a));
	groups = json_object_get(i, "groups");
	if (json_array_size(groups) > 0)
		fprintf(to, "    groups:");
	json_array_foreach(groups, k, a) fprintf(to, " %s", json_string_value(a));
	if (json_array_size(groups) > 0)
		fprintf(to, "\n");
	print_filters(i, to);
	print_listened(i, to);
	print_said(i, to);
	fprintf(to,
		"    received %" JSON_INTEGER_FORMAT " frames, %" JSON_INTEGER_FORMAT
		" octets; sent %" JSON_INTEGER_FORMAT " frames, %" JSON_INTEGER_FORMAT
		" octets; forwarded %" JSON_INTEGER_FORMAT "\n",
		number(c, "rx_frames"), number(c, "rx_octets"), number(c, "tx_frames"),
		number(c, "tx_octets"), number(c, "in_forwarded"));
}

static void print_neighbours(const json_t *root, FILE *to)
{
	const json_t *n, *list = json_object_get(root, "neighbours");
	size_t k;

	if (json_array_size(list) > 0)
		fprintf(to, "neighbours (%" JSON_INTEGER_FORMAT "):\n",
			number(root, "neighbour_count"));
	json_array_foreach(list, k, n)
		fprintf(to, "    %s dev %s %s %s%s\n", text(n, "address"), text(n, "interface"),
			text(n, "mac"), text(n, "state"), is_true(n, "router") ? " router" : "");
}

static void print_routers(const json_t *root, FILE *to)
{
	const json_t *r, *list = json_object_get(root, "default_routers");
	char buf[32];
	size_t k;

	if (json_array_size(list) > 0)
		fprintf(to, "default routers:\n");
	json_array_foreach(list, k, r)
		fprintf(to, "    %s dev %s preference %s, for %s\n", text(r, "address"),
			text(r, "interface"), text(r, "preference"), left(r, "lifetime_s", buf));
}

static void print_routes(const json_t *root, FILE *to)
{
	const json_t *r, *list = json_object_get(root, "routes");
	char buf[32];
	size_t k;

	if (json_array_size(list) > 0)
		fprintf(to, "routes (%" JSON_INTEGER_FORMAT "):\n", number(root, "route_count"));
	json_array_foreach(list, k, r)
	{
		bool unicast = strcmp(text(r, "type"), "unicast") == 0;

		fprintf(to, "    %s%s%s%s", unicast ? "" : text(r, "type"), unicast ? "" : " ",
			text(r, "prefix"), text(r, "from")[0] != '\0' ? " from " : "");
		fprintf(to, "%s%s%s%s%s metric %" JSON_INTEGER_FORMAT " proto %s, for %s\n",
			text(r, "from"), text(r, "via")[0] != '\0' ? " via " : "", text(r, "via"),
			text(r, "interface")[0] != '\0' ? " dev " : "", text(r, "interface"),
			number(r, "metric"), text(r, "protocol"), left(r, "expires_s", buf));
	}
}

static void print_paths(const json_t *root, FILE *to)
{
	const json_t *p, *list = json_object_get(root, "paths");
	char buf[32];
	size_t k;

	if (json_array_size(list) > 0)
		fprintf(to, "paths:\n");
	json_array_foreach(list, k, p)
	{
		fprintf(to, "    %s", text(p, "destination"));
		if (json_object_get(p, "mtu") != NULL)
			fprintf(to, " mtu %" JSON_INTEGER_FORMAT " for %s", number(p, "mtu"),
				left(p, "mtu_expires_s", buf));
		if (text(p, "redirected_to")[0] != '\0')
			fprintf(to, " redirected to %s dev %s", text(p, "redirected_to"),
				text(p, "interface"));
		fprintf(to, "\n");
	}
}

static void print_drops(const json_t *root, FILE *to)
{
	const json_t *d, *list = json_object_get(root, "drops");
	bool head = false;
	size_t k;

	json_array_foreach(list, k, d)
	{
		if (!is_true(d, "refusal"))
			continue;
		if (!head)
			fprintf(to, "drops:\n");
		head = true;
		fprintf(to, "    %8" JSON_INTEGER_FORMAT " %s: %s\n", number(d, "count"),
			text(d, "reason"), text(d, "text"));
	}
}

void status_text(const json_t *root, FILE *to)
{
	const json_t *i;
	size_t k;

	json_array_foreach(json_object_get(root, "interfaces"), k, i) print_if(i, to);
	print_routers(root, to);
	print_neighbours(root, to);
	print_routes(root, to);
	print_paths(root, to);
	print_drops(root, to);
}
