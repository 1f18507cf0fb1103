/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba ping: the arguments, and a line for each event that the node tells. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/addr.h"
#include "cmd/cmd.h"
#include "host/control.h"

#define WORD "ping"
#define DATA_MAX (65535 - 8)

struct args {
	const char *node, *dest;
	char oif[IF_NAME_MAX];
	struct ip6_addr addr;
	uint32_t count, octets, interval_ms, timeout_ms;
	bool json;
};

struct tally {
	uint32_t sent, received, errors;
	double min_ms, max_ms, sum_ms;
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* "2001:db8::1" or "fe80::1%eth0". */
static int parse_dest(struct args *a)
{
	const char *percent = strchr(a->dest, '%');
	char addr[IP6_TEXT_MAX];
	size_t n = percent != NULL ? (size_t)(percent - a->dest) : strlen(a->dest);

	if (n < sizeof(addr)) {
		memcpy(addr, a->dest, n);
		addr[n] = '\0';
		if (ip6_parse(addr, &a->addr) == 0) {
			if (percent == NULL)
				return EXIT_OK;
			if (percent[1] != '\0' && strlen(percent + 1) < sizeof(a->oif)) {
				memcpy(a->oif, percent + 1, strlen(percent + 1) + 1);
				return EXIT_OK;
			}
		}
	}
	return usage(WORD, "\"%s\" is no address like 2001:db8::1 or fe80::1%%IF", a->dest);
}

/* "0.2" seconds as milliseconds. */
static bool parse_seconds(const char *text, uint32_t *ms)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end != '\0' || !(v >= 0.001 && v <= 86400))
		return false;
	*ms = (uint32_t)(v * 1000);
	return true;
}

static int parse(struct args *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;

		if (o[0] != '-') {
			if (a->node == NULL)
				a->node = o;
			else if (a->dest == NULL)
				a->dest = o;
			else
				return usage(WORD, "one destination at a time");
			continue;
		}
		if (strcmp(o, "--json") == 0) {
			a->json = true;
			continue;
		}
		if (strlen(o) != 2 || strchr("csiWI", o[1]) == NULL)
			return usage(WORD, "unknown option %s", o);
		if (v == NULL)
			return usage(WORD, "%s wants a value", o);
		if ((o[1] == 'c' && !parse_u32(v, UINT32_MAX, &a->count)) ||
		    (o[1] == 's' && !parse_u32(v, DATA_MAX, &a->octets)) ||
		    (o[1] == 'i' && !parse_seconds(v, &a->interval_ms)) ||
		    (o[1] == 'W' && !parse_seconds(v, &a->timeout_ms)) ||
		    (o[1] == 'I' && strlen(v) >= sizeof(a->oif)))
			return usage(WORD, "%s does not take \"%s\"", o, v);
		if (o[1] == 'I')
			memcpy(a->oif, v, strlen(v) + 1);
		i++;
	}
	if (a->node == NULL || a->dest == NULL)
		return usage(WORD, "it wants NAME DEST [-c COUNT] [-s OCTETS] [-i SECONDS] "
				   "[-W SECONDS] [-I IF] [--json]");
	return parse_dest(a);
}

static void tell(struct tally *t, const json_t *e)
{
	const char *event = json_string_value(json_object_get(e, "event"));
	double ms = (double)json_integer_value(json_object_get(e, "rtt_ns")) / 1e6;
	const char *from = json_string_value(json_object_get(e, "from"));
	long long seq = json_integer_value(json_object_get(e, "seq"));

	if (event == NULL || from == NULL)
		return;
	if (strcmp(event, "reply") == 0) {
		t->min_ms = t->received == 0 || ms < t->min_ms ? ms : t->min_ms;
		t->max_ms = ms > t->max_ms ? ms : t->max_ms;
		t->sum_ms += ms;
		t->received++;
		t->sent = MAX(t->sent, (uint32_t)seq + 1);
		printf("%lld octets from %s: seq=%lld hop limit=%lld time=%.3f ms\n",
		       (long long)json_integer_value(json_object_get(e, "octets")), from, seq,
		       (long long)json_integer_value(json_object_get(e, "hop_limit")), ms);
	} else if (strcmp(event, "timeout") == 0) {
		t->sent = MAX(t->sent, (uint32_t)seq + 1);
		printf("seq=%lld: no answer\n", seq);
	} else if (strcmp(event, "error") == 0) {
		t->sent = MAX(t->sent, (uint32_t)seq + 1);
		t->errors++;
		printf("from %s: seq=%lld ICMPv6 type %lld code %lld\n", from, seq,
		       (long long)json_integer_value(json_object_get(e, "type")),
		       (long long)json_integer_value(json_object_get(e, "code")));
	} else if (strcmp(event, "send") == 0) {
		t->sent = MAX(t->sent, (uint32_t)seq + 1);
		printf("seq=%lld: not sent: %s\n", seq,
		       strerror((int)json_integer_value(json_object_get(e, "errno"))));
	}
	fflush(stdout);
}

static void summary(const struct tally *t)
{
	printf("%u sent, %u received, %u errors", t->sent, t->received, t->errors);
	if (t->received > 0)
		printf("; round trip min/avg/max %.3f/%.3f/%.3f ms", t->min_ms,
		       t->sum_ms / t->received, t->max_ms);
	putchar('\n');
}

/* Lines until the node closes, or the user has enough. */
static int follow(int fd, const struct args *a, struct tally *t)
{
	FILE *f = fdopen(fd, "r");
	char line[1024];

	if (f == NULL)
		return failed(WORD, "%s", strerror(errno));
	while (!stopped && fgets(line, sizeof(line), f) != NULL) {
		json_t *e = json_loads(line, 0, NULL);
		const char *error = json_string_value(json_object_get(e, "error"));

		if (error != NULL) {
			failed(WORD, "%s", error);
			json_decref(e);
			fclose(f);
			return EXIT_USAGE;
		}
		if (a->json) {
			fputs(line, stdout);
			fflush(stdout);
			if (strstr(line, "\"reply\"") != NULL)
				t->received++;
		} else {
			tell(t, e);
		}
		json_decref(e);
	}
	fclose(f);
	return EXIT_OK;
}

int cmd_ping(int argc, char **argv)
{
	struct args a = { .octets = 56, .interval_ms = 1000, .timeout_ms = 3000 };
	struct sigaction sa = { .sa_handler = on_signal };
	struct tally t = { 0 };
	char line[CONTROL_LINE_MAX], text[IP6_TEXT_MAX];
	int fd, rc = parse(&a, argc, argv);

	if (rc != EXIT_OK)
		return rc;
	snprintf(line, sizeof(line), "ping %s %s %u %u %u %u\n", ip6_text(&a.addr, text),
		 a.oif[0] != '\0' ? a.oif : "-", a.count, a.octets, a.interval_ms, a.timeout_ms);
	fd = control_connect(a.node, line);
	if (fd < 0)
		return no_node(WORD, a.node, fd);
	sigaction(SIGINT, &sa, NULL);
	rc = follow(fd, &a, &t);
	if (rc != EXIT_OK)
		return rc;
	if (!a.json)
		summary(&t);
	return t.received > 0 ? EXIT_OK : EXIT_FAILED;
}
