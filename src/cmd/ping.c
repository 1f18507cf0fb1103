/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba ping: the arguments, and a line for each event that the node tells. */
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/dname.h"
#include "cmd/cmd.h"
#include "host/control.h"

#define WORD	 "ping"
#define DATA_MAX (65535 - 8)

struct args {
	const char *node, *dest;
	char oif[IF_NAME_MAX];
	struct ip6_addr addr; /* unless it is a name */
	bool is_name;
	uint32_t count, octets, interval_ms, timeout_ms, deadline_s;
	int hop_limit; /* -1: the node's */
	bool json, quiet;
};

struct tally {
	uint32_t sent, received, errors;
	double min_ms, max_ms, sum_ms, sum2_ms;
};

static volatile sig_atomic_t stopped;

/* Also SIGALRM, for -w. */
static void on_signal(int sig)
{
	(void)sig;
	stopped = stopped + 1;
}

/* "2001:db8::1", "fe80::1%eth0" or "www.example.com". */
static int parse_dest(struct args *a)
{
	const char *percent = strchr(a->dest, '%');
	char addr[IP6_TEXT_MAX];
	size_t n = percent != NULL ? (size_t)(percent - a->dest) : strlen(a->dest);
	struct dname name;

	/* "1.2.3.4" would be a name, too, but nobody means one */
	a->is_name = dname_parse(a->dest, &name) == 0 &&
		     a->dest[strspn(a->dest, "0123456789.")] != '\0';
	if (a->is_name)
		return EXIT_OK;
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
	return usage(WORD, "\"%s\" is no address like 2001:db8::1 or fe80::1%%IF, and no name",
		     a->dest);
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

static bool parse_value(struct args *a, char o, const char *v)
{
	uint32_t hops;

	switch (o) {
	case 'c':
		return parse_u32(v, UINT32_MAX, &a->count) && a->count > 0;
	case 's':
		return parse_u32(v, DATA_MAX, &a->octets);
	case 'i':
		return parse_seconds(v, &a->interval_ms);
	case 'W':
		return parse_seconds(v, &a->timeout_ms);
	case 'w':
		return parse_u32(v, 86400, &a->deadline_s) && a->deadline_s > 0;
	case 't':
		if (!parse_u32(v, 255, &hops) || hops == 0)
			return false;
		a->hop_limit = (int)hops;
		return true;
	default: /* 'I' */
		if (v[0] == '\0' || strlen(v) >= sizeof(a->oif) || strpbrk(v, " \n") != NULL)
			return false;
		memcpy(a->oif, v, strlen(v) + 1);
		return true;
	}
}

static int parse_word(struct args *a, const char *word)
{
	if (a->node == NULL)
		a->node = word;
	else if (a->dest == NULL)
		a->dest = word;
	else
		return usage(WORD, "one destination at a time");
	return EXIT_OK;
}

static int parse(struct args *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *v;

		if (o[0] != '-') {
			if (parse_word(a, o) != EXIT_OK)
				return EXIT_USAGE;
			continue;
		}
		if (strcmp(o, "--json") == 0) {
			a->json = true;
			continue;
		}
		if (strcmp(o, "-q") == 0) {
			a->quiet = true;
			continue;
		}
		if (strcmp(o, "-n") == 0 || strcmp(o, "-6") == 0)
			continue; /* it is always so */
		if (strlen(o) < 2 || strchr("csiWwtI", o[1]) == NULL)
			return usage(WORD, "unknown option %s", o);
		v = o[2] != '\0' ? o + 2 : i + 1 < argc ? argv[++i] : NULL;
		if (v == NULL)
			return usage(WORD, "%s wants a value", o);
		if (!parse_value(a, o[1], v))
			return usage(WORD, "-%c does not take \"%s\"", o[1], v);
	}
	if (a->node == NULL || a->dest == NULL)
		return usage(WORD, "it wants NAME DEST [-c COUNT] [-s OCTETS] [-i SECONDS] "
				   "[-W SECONDS] [-w SECONDS] [-t HOPS] [-I IF] [-q] [--json]");
	return parse_dest(a);
}

/* RFC 4443 section 3, in the words of ping(8). */
static const char *error_text(long long type, long long code, char buf[64])
{
	static const char *const unreach[] = {
		"No route",
		"Administratively prohibited",
		"Beyond scope of source address",
		"Address unreachable",
		"Port unreachable",
		"Source address failed policy",
		"Reject route",
	};

	if (type == 1 && code >= 0 && code < (long long)ARRAY_LEN(unreach))
		snprintf(buf, 64, "Destination unreachable: %s", unreach[code]);
	else if (type == 2)
		snprintf(buf, 64, "Packet too big");
	else if (type == 3)
		snprintf(buf, 64, "Time exceeded: %s", code == 0 ? "Hop limit" : "Reassembly");
	else
		snprintf(buf, 64, "ICMPv6 type %lld code %lld", type, code);
	return buf;
}

static long long number(const json_t *e, const char *key)
{
	return json_integer_value(json_object_get(e, key));
}

static void tell_reply(const struct args *a, struct tally *t, const json_t *e, const char *from)
{
	double ms = (double)number(e, "rtt_ns") / 1e6;

	t->min_ms = t->received == 0 || ms < t->min_ms ? ms : t->min_ms;
	t->max_ms = ms > t->max_ms ? ms : t->max_ms;
	t->sum_ms += ms;
	t->sum2_ms += ms * ms;
	t->received++;
	if (!a->quiet)
		printf("%lld bytes from %s: icmp_seq=%lld ttl=%lld time=%.3f ms\n",
		       number(e, "octets"), from, number(e, "seq"), number(e, "hop_limit"), ms);
}

static void tell_start(const struct args *a, const char *addr)
{
	if (a->is_name && addr != NULL)
		printf("PING %s (%s): %u data bytes\n", a->dest, addr, a->octets);
	else
		printf("PING %s: %u data bytes\n", a->dest, a->octets);
}

/* "done" tells how many were sent, replies and errors or not. */
static void tell(const struct args *a, struct tally *t, const json_t *e)
{
	const char *event = json_string_value(json_object_get(e, "event"));
	const char *from = json_string_value(json_object_get(e, "from"));
	char text[64];

	if (event != NULL && strcmp(event, "start") == 0)
		tell_start(a, json_string_value(json_object_get(e, "address")));
	fflush(stdout);
	if (event == NULL || from == NULL)
		return;
	t->sent = (uint32_t)number(e, "sent");
	if (strcmp(event, "reply") == 0) {
		tell_reply(a, t, e, from);
	} else if (strcmp(event, "timeout") == 0 && !a->quiet) {
		printf("no answer yet for icmp_seq=%lld\n", number(e, "seq"));
	} else if (strcmp(event, "error") == 0) {
		t->errors++;
		if (!a->quiet)
			printf("From %s icmp_seq=%lld %s\n", from, number(e, "seq"),
			       error_text(number(e, "type"), number(e, "code"), text));
	} else if (strcmp(event, "send") == 0) {
		t->errors++;
		if (!a->quiet)
			printf("icmp_seq=%lld not sent: %s\n", number(e, "seq"),
			       strerror((int)number(e, "errno")));
	}
	fflush(stdout);
}

static void summary(const struct args *a, const struct tally *t)
{
	uint32_t lost = t->sent > t->received ? t->sent - t->received : 0;
	double avg, var;

	printf("\n--- %s ping statistics ---\n%u packets transmitted, %u received, ", a->dest,
	       t->sent, t->received);
	if (t->errors > 0)
		printf("+%u errors, ", t->errors);
	printf("%.6g%% packet loss\n", t->sent > 0 ? 100.0 * lost / t->sent : 0.0);
	if (t->received == 0)
		return;
	avg = t->sum_ms / t->received;
	var = t->sum2_ms / t->received - avg * avg;
	printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", t->min_ms, avg, t->max_ms,
	       sqrt(var > 0 ? var : 0));
}

/* A line of the node's. Return: EXIT_OK, or EXIT_FAILED if the node refused. */
static int on_line(const struct args *a, struct tally *t, const char *line)
{
	json_t *e = json_loads(line, 0, NULL);
	const char *error = json_string_value(json_object_get(e, "error"));
	const char *event = json_string_value(json_object_get(e, "event"));
	int rc = EXIT_OK;

	if (error != NULL) {
		rc = failed(WORD, "%s", error);
	} else if (a->json) {
		fputs(line, stdout);
		fflush(stdout);
		if (event != NULL && strcmp(event, "reply") == 0)
			t->received++;
	} else if (e != NULL) {
		tell(a, t, e);
	}
	json_decref(e);
	return rc;
}

/* Lines until the node closes. One signal ends the pinging, a second the waiting as well. */
static int follow(int fd, const struct args *a, struct tally *t)
{
	FILE *f = fdopen(fd, "r");
	bool told = false;
	char line[1024];
	int rc = EXIT_OK;

	if (f == NULL)
		return failed(WORD, "%s", strerror(errno));
	while (rc == EXIT_OK && stopped < 2) {
		if (stopped > 0 && !told) {
			shutdown(fd, SHUT_WR);
			told = true;
		}
		if (fgets(line, sizeof(line), f) != NULL)
			rc = on_line(a, t, line);
		else if (!ferror(f) || errno != EINTR)
			break;
		clearerr(f);
	}
	fclose(f);
	return rc;
}

static void catch_signals(const struct args *a)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	if (a->deadline_s > 0)
		alarm(a->deadline_s);
}

int cmd_ping(int argc, char **argv)
{
	struct args a = { .octets = 56, .interval_ms = 1000, .timeout_ms = 3000, .hop_limit = -1 };
	struct tally t = { 0 };
	char line[CONTROL_LINE_MAX], text[IP6_TEXT_MAX];
	int fd, rc = parse(&a, argc, argv);

	if (rc != EXIT_OK)
		return rc;
	snprintf(line, sizeof(line), "ping %s %s %u %u %u %u %d\n",
		 a.is_name ? a.dest : ip6_text(&a.addr, text), a.oif[0] != '\0' ? a.oif : "-",
		 a.count, a.octets, a.interval_ms, a.timeout_ms, a.hop_limit);
	catch_signals(&a);
	fd = control_connect(a.node, line);
	if (fd < 0)
		return no_node(WORD, a.node, fd);
	rc = follow(fd, &a, &t);
	if (rc != EXIT_OK)
		return rc;
	if (!a.json)
		summary(&a, &t);
	return t.received > 0 ? EXIT_OK : EXIT_FAILED;
}
