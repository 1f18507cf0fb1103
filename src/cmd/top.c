/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba top: what goes on in a node, again and again; inaba metrics: its counters, for machines. */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "host/control.h"

#define WORD	   "top"
#define DELAY_S	   2
#define DELAY_ONCE 1
#define LINES_MIN  24
#define END_MAX	   64
#define NAME_MAX_  32

/* One look. */
struct look {
	json_t *state; /* as "status" has it */
	double when;
};

struct top {
	const char *name;
	bool once, json;
	uint32_t delay;
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static double number(const json_t *o, const char *key)
{
	return (double)json_integer_value(json_object_get(o, key));
}

static int take(const struct top *t, struct look *l)
{
	int fd = control_connect(t->name, "status\n");
	const char *why;
	char *all;
	size_t len;

	if (fd < 0)
		return no_node(WORD, t->name, fd);
	limit_patience(fd);
	all = read_all(fd, &len);
	close(fd);
	l->when = now_s();
	l->state = all != NULL ? json_loads(all, 0, NULL) : NULL;
	free(all);
	why = json_string_value(json_object_get(l->state, "error"));
	if (l->state != NULL && why == NULL)
		return EXIT_OK;
	(void)failed(WORD, "node %s: %s", t->name, why != NULL ? why : "does not answer");
	json_decref(l->state);
	l->state = NULL;
	return EXIT_FAILED;
}

/*
 * What one look says beside the one before.
 */

/* The entry of the list @key of @old that has the same @name; NULL: it is new. */
static const json_t *same(const struct look *old, const char *key, const char *name,
			  const char *value)
{
	const json_t *i;
	size_t k;

	json_array_foreach(json_object_get(old->state, key), k, i)
	{
		if (strcmp(text(i, name), value) == 0)
			return i;
	}
	return NULL;
}

static double rate(double is, double was, const struct look *old, const struct look *new)
{
	double t = new->when - old->when;

	return t > 0 && is > was ? (is - was) / t : 0;
}

/* What the kernel calls the program that opened it; it may have ended, or be another by now. */
static void owner(const json_t *s, char name[NAME_MAX_])
{
	char path[64];
	FILE *f;

	name[0] = '\0';
	if (number(s, "pid") <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%.0f/comm", number(s, "pid"));
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(name, NAME_MAX_, f) == NULL)
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	fclose(f);
}

static json_t *interfaces(const struct look *old, const struct look *new)
{
	static const struct {
		const char *name, *counter;
		double factor;
	} rates[] = {
		{ "receive_frames_per_s", "rx_frames", 1 },
		{ "receive_bits_per_s", "rx_octets", 8 },
		{ "transmit_frames_per_s", "tx_frames", 1 },
		{ "transmit_bits_per_s", "tx_octets", 8 },
		{ "forwarded_per_s", "in_forwarded", 1 },
	};
	json_t *ret = json_array();
	const json_t *i;
	size_t k;

	json_array_foreach(json_object_get(new->state, "interfaces"), k, i)
	{
		const json_t *was = same(old, "interfaces", "name", text(i, "name"));
		json_t *o = json_pack("{s:s, s:O}", "name", text(i, "name"), "up",
				      json_object_get(i, "up"));

		for (size_t r = 0; r < ARRAY_LEN(rates); r++)
			json_object_set_new(o, rates[r].name,
					    json_real(rates[r].factor *
						      rate(number(json_object_get(i, "counters"),
								  rates[r].counter),
							   number(json_object_get(was, "counters"),
								  rates[r].counter),
							   old, new)));
		json_array_append_new(ret, o);
	}
	return ret;
}

static json_t *drops(const struct look *old, const struct look *new)
{
	json_t *ret = json_array();
	const json_t *d;
	size_t k;

	json_array_foreach(json_object_get(new->state, "drops"), k, d)
	{
		const json_t *was = same(old, "drops", "reason", text(d, "reason"));

		if (json_is_true(json_object_get(d, "refusal")))
			json_array_append_new(ret, json_pack("{s:s, s:O, s:f}", "reason",
							     text(d, "reason"), "count",
							     json_object_get(d, "count"), "per_s",
							     rate(number(d, "count"),
								  number(was, "count"), old, new)));
	}
	return ret;
}

static json_t *sockets(const struct look *new)
{
	json_t *ret = json_array(), *o;
	char name[NAME_MAX_];
	const json_t *s;
	size_t k;

	json_array_foreach(json_object_get(new->state, "sockets"), k, s)
	{
		owner(s, name);
		o = json_deep_copy(s);
		json_object_set_new(o, "program", json_string(name));
		json_array_append_new(ret, o);
	}
	return ret;
}

static json_t *seen(const struct top *t, const struct look *old, const struct look *new)
{
	return json_pack("{s:s, s:f, s:o, s:o, s:o, s:O?}", "name", t->name, "seconds",
			 new->when - old->when, "interfaces", interfaces(old, new), "sockets",
			 sockets(new), "drops", drops(old, new), "tcp",
			 json_object_get(new->state, "tcp"));
}

/*
 * For people.
 */

static const char *scaled(double v, char buf[16])
{
	static const char units[] = " kMGT";
	unsigned u = 0;

	while (v >= 9999.5 && u + 2 < sizeof(units)) {
		v /= 1000;
		u++;
	}
	snprintf(buf, 16, u > 0 ? "%.1f%c" : "%.0f", v, units[u]);
	return buf;
}

static const char *end_text(const json_t *s, const char *addr, const char *port, char buf[END_MAX])
{
	snprintf(buf, END_MAX, number(s, port) > 0 ? "[%s]:%.0f" : "[%s]:*", text(s, addr),
		 number(s, port));
	return buf;
}

static unsigned print_interfaces(const json_t *seen_)
{
	char b[4][16];
	const json_t *i;
	unsigned n = 1;
	size_t k;

	printf("%-16s %10s %10s %10s %10s\n", "INTERFACE", "RX pkt/s", "RX bit/s", "TX pkt/s",
	       "TX bit/s");
	json_array_foreach(json_object_get(seen_, "interfaces"), k, i)
	{
		const char *keys[] = { "receive_frames_per_s", "receive_bits_per_s",
				       "transmit_frames_per_s", "transmit_bits_per_s" };

		for (size_t r = 0; r < ARRAY_LEN(keys); r++)
			scaled(json_real_value(json_object_get(i, keys[r])), b[r]);
		printf("%-16s %10s %10s %10s %10s\n", text(i, "name"), b[0], b[1], b[2], b[3]);
		n++;
	}
	return n;
}

static unsigned print_drops(const json_t *seen_)
{
	const json_t *d;
	unsigned n = 0;
	size_t k;

	json_array_foreach(json_object_get(seen_, "drops"), k, d)
	{
		double per_s = json_real_value(json_object_get(d, "per_s"));

		if (per_s <= 0)
			continue;
		if (n++ == 0)
			printf("%-32s %10s %10s\n", "DROPS", "per s", "all");
		printf("%-32s %10.1f %10.0f\n", text(d, "reason"), per_s, number(d, "count"));
	}
	return n > 0 ? n + 1 : 0;
}

/* A window of segments is what people think in; microseconds below a millisecond. */
static void print_tcp(const json_t *s)
{
	double mss = number(s, "mss"), ssthresh = number(s, "ssthresh");
	char thresh[16] = "-";

	if (json_object_get(s, "cwnd") == NULL || mss < 1)
		return;
	if (ssthresh > 0)
		snprintf(thresh, sizeof(thresh), "%.0f", ssthresh / mss);
	printf(" %6.0f %8s %9.3f %7.0f", number(s, "cwnd") / mss, thresh, number(s, "rtt_ns") / 1e6,
	       number(s, "retransmits"));
}

static const char *protocol_name(const json_t *s)
{
	if (strcmp(text(s, "type"), "stream") == 0)
		return "tcp";
	if (strcmp(text(s, "type"), "raw") == 0)
		return "raw";
	return number(s, "protocol") == 17 ? "udp" : "icmp6";
}

static void print_sockets(const json_t *seen_, unsigned room)
{
	char local[END_MAX], peer[END_MAX];
	const json_t *s;
	size_t k;

	printf("%-5s %-11s %7s %7s %-40s %-40s %-16s %6s %8s %9s %7s\n", "PROTO", "STATE", "RECV-Q",
	       "SEND-Q", "LOCAL", "PEER", "OWNER", "CWND", "SSTHRESH", "RTT ms", "RETRANS");
	json_array_foreach(json_object_get(seen_, "sockets"), k, s)
	{
		if (room-- == 0)
			break;
		printf("%-5s %-11s %7.0f %7.0f %-40s %-40s %-16s", protocol_name(s),
		       text(s, "state"), number(s, "receive_queue"), number(s, "send_queue"),
		       end_text(s, "local", "local_port", local),
		       end_text(s, "peer", "peer_port", peer), text(s, "program"));
		print_tcp(s);
		putchar('\n');
	}
}

static unsigned lines(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO))
		return UINT32_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_row == 0)
		return LINES_MIN;
	return w.ws_row;
}

static void print(const struct top *t, const json_t *s)
{
	unsigned all = lines(), n = 3;

	if (t->json) {
		json_dumpf(s, stdout, t->once ? JSON_INDENT(2) : JSON_COMPACT);
		putchar('\n');
		return;
	}
	if (!t->once && isatty(STDOUT_FILENO))
		printf("\033[H\033[2J");
	printf("node %s, over %.1f s; q ends\n", t->name,
	       json_real_value(json_object_get(s, "seconds")));
	n += print_interfaces(s);
	n += print_drops(s);
	print_sockets(s, all > n ? all - n : 1);
}

/*
 * Again and again.
 */

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Until it is time, or somebody wants no more. */
static void wait_for_it(uint32_t seconds, bool keys)
{
	struct pollfd p = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key;

	if (poll(&p, 1, (int)seconds * 1000) > 0 &&
	    (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
		stopped = 1;
}

static int run(const struct top *t, bool keys)
{
	struct look old = { .state = NULL }, new = { .state = NULL };
	int rc = take(t, &old);

	while (rc == EXIT_OK) {
		json_t *s;

		wait_for_it(t->delay, keys);
		if (stopped)
			break;
		rc = take(t, &new);
		if (rc != EXIT_OK)
			break;
		s = seen(t, &old, &new);
		print(t, s);
		json_decref(s);
		json_decref(old.state);
		old = new;
		if (fflush(stdout) != 0 || t->once)
			break;
	}
	json_decref(old.state);
	return rc;
}

static int parse(struct top *t, int argc, char **argv)
{
	bool delayed = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--once") == 0)
			t->once = true;
		else if (strcmp(argv[i], "--json") == 0)
			t->json = true;
		else if (strcmp(argv[i], "-d") == 0 && i + 1 < argc &&
			 parse_u32(argv[i + 1], 86400, &t->delay) && t->delay > 0 && ++i > 0)
			delayed = true;
		else if (argv[i][0] == '-')
			return usage(WORD, "unknown option %s, or a value that it cannot have",
				     argv[i]);
		else if (t->name != NULL)
			return usage(WORD, "one node at a time");
		else
			t->name = argv[i];
	}
	if (t->name == NULL)
		return usage(WORD, "the name of a node is missing");
	if (!isatty(STDOUT_FILENO) && !t->json)
		t->once = true;
	if (!delayed)
		t->delay = t->once ? DELAY_ONCE : DELAY_S;
	return EXIT_OK;
}

int cmd_top(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct termios was, raw;
	struct top t = { .name = NULL };
	int rc = parse(&t, argc, argv);
	bool keys = !t.once && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		    tcgetattr(STDIN_FILENO, &was) == 0;

	if (rc != EXIT_OK)
		return rc;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	if (keys) {
		raw = was;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rc = run(&t, keys);
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &was);
	return rc;
}

int cmd_metrics(int argc, char **argv)
{
	size_t len;
	char *all;
	int fd;

	if (argc != 2 || argv[1][0] == '-')
		return usage("metrics", "it wants NAME");
	fd = control_connect(argv[1], "metrics\n");
	if (fd < 0)
		return no_node("metrics", argv[1], fd);
	limit_patience(fd);
	all = read_all(fd, &len);
	close(fd);
	if (all == NULL || len == 0) {
		free(all);
		return failed("metrics", "node %s does not answer", argv[1]);
	}
	(void)fwrite(all, 1, len, stdout);
	free(all);
	return EXIT_OK;
}
