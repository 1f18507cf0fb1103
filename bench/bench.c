/* SPDX-License-Identifier: BSD-3-Clause */
/* Options, the turns of the sides, and the table; see bench.h and doc/bench.md. */
#include "bench.h"

#include <fnmatch.h>
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

#define ROUNDS	     41
#define ROUNDS_QUICK 9
#define CHUNKS	     16
#define CHUNKS_WARM  4
#define NOISE	     1.05 /* "no slower" is: not by more than this */
#define TEXT_MAX     256

enum format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON };

struct bench {
	enum format format;
	bool quick, list;
	const char *only;
	unsigned rounds;
	int cpu;
	unsigned rows, met, missed; /* so far */
};

struct figure {
	double median, min;
};

bool bench_is_quick(const struct bench *b)
{
	return b->quick;
}

void bench_say(const struct bench *b, const char *fmt, ...)
{
	va_list args;

	(void)b;
	va_start(args, fmt);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
}

double bench_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

void *bench_alloc(size_t n, size_t each)
{
	size_t octets = (n * each + 63) & ~(size_t)63;
	void *p = aligned_alloc(64, octets);

	if (p == NULL) {
		fprintf(stderr, "bench: no memory for %zu octets\n", octets);
		exit(1);
	}
	return memset(p, 0, octets);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double bench_quartile(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 4];
}

static struct figure figure_of(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), compare);
	return (struct figure){ .median = n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2,
				.min = v[0] };
}

static double measure(const struct side *s)
{
	double v[CHUNKS];

	if (s->whole)
		return s->once(s->ctx);
	for (unsigned i = 0; i < CHUNKS_WARM; i++) /* the caches were another side's */
		(void)s->once(s->ctx);
	for (unsigned i = 0; i < CHUNKS; i++)
		v[i] = s->once(s->ctx);
	return bench_quartile(v, CHUNKS);
}

static void take_turns(const struct bench *b, const struct row *row, const struct side *sides,
		       unsigned n, struct figure *f)
{
	unsigned rounds = row->once ? 1 : b->rounds;
	double *v = bench_alloc((size_t)n * rounds, sizeof(*v));

	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < n; i++)
			if (sides[i].once != NULL)
				v[i * rounds + r] = row->once ? sides[i].once(sides[i].ctx)
							      : measure(&sides[i]);
	for (unsigned i = 0; i < n; i++)
		f[i] = figure_of(v + (size_t)i * rounds, rounds);
	free(v);
}

/*
 * The table.
 */

static const char *number(double v, char buf[16])
{
	int digits = v < 10 ? 2 : v < 100 ? 1 : 0;

	snprintf(buf, 16, "%.*f", digits, v);
	return buf;
}

static bool has_goal(const struct row *row, const struct side *sides, unsigned n)
{
	bool peer = false;

	for (unsigned i = 1; i < n; i++)
		peer = peer || sides[i].once != NULL;
	return row->at_most > 0 || (row->beat_peers && peer);
}

static bool is_met(const struct row *row, const struct side *sides, const struct figure *f,
		   unsigned n)
{
	if (row->at_most > 0 && f[0].median > row->at_most)
		return false;
	for (unsigned i = 1; row->beat_peers && i < n; i++)
		if (sides[i].once != NULL && f[0].median > f[i].median * NOISE)
			return false;
	return true;
}

static void goal_text(const struct row *row, bool has, bool met, char buf[TEXT_MAX])
{
	char most[16];

	buf[0] = '\0';
	if (!has)
		return;
	snprintf(buf, TEXT_MAX, "%s%s%s, %s", row->at_most > 0 ? number(row->at_most, most) : "",
		 row->at_most > 0 && row->beat_peers ? ", " : "",
		 row->beat_peers ? "the peer's" : "", met ? "met" : "MISSED");
}

/* Peer @i (0: there is none) on its line of the table. */
static void print_line(const struct bench *b, const struct row *row, const struct side *sides,
		       const struct figure *f, unsigned i, const char *goal)
{
	char own[2][16] = { "", "" }, peer[2][16] = { "", "" }, ratio[16] = "";
	bool first = i <= 1, md = b->format == FORMAT_MARKDOWN;
	char who[TEXT_MAX] = "";

	if (first) {
		number(f[0].median, own[0]);
		number(f[0].min, own[1]);
	}
	if (i > 0) {
		snprintf(who, sizeof(who), "%s%s%s%s", sides[i].name,
			 sides[i].note[0] != '\0' ? " (" : "", sides[i].note,
			 sides[i].note[0] != '\0' ? ")" : "");
		if (sides[i].once != NULL) {
			number(f[i].median, peer[0]);
			number(f[i].min, peer[1]);
			number(f[i].median / f[0].median, ratio);
		}
	}
	printf(md ? "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n"
		  : "%-22s %-11s %8s %8s  %-34s %8s %8s %7s  %s\n",
	       first ? row->name : "", first ? row->unit : "", own[0], own[1], who, peer[0],
	       peer[1], ratio, first ? goal : "");
}

static void print_json(const struct bench *b, const struct row *row, const struct side *sides,
		       const struct figure *f, unsigned n, bool has, bool met)
{
	printf("%s\n  {\"row\": \"%s\", \"unit\": \"%s\", \"median\": %.3f, \"min\": %.3f",
	       b->rows > 1 ? "," : "", row->name, row->unit, f[0].median, f[0].min);
	if (row->at_most > 0)
		printf(", \"at_most\": %.3f", row->at_most);
	if (has)
		printf(", \"met\": %s", met ? "true" : "false");
	printf(", \"peers\": [");
	for (unsigned i = 1; i < n; i++) {
		printf("%s{\"name\": \"%s\"", i > 1 ? ", " : "", sides[i].name);
		if (sides[i].once != NULL)
			printf(", \"median\": %.3f, \"min\": %.3f", f[i].median, f[i].min);
		if (sides[i].note[0] != '\0')
			printf(", \"note\": \"%s\"", sides[i].note);
		printf("}");
	}
	printf("]}");
}

void bench_measure(struct bench *b, const struct row *row, const struct side *sides, unsigned n)
{
	struct figure f[BENCH_SIDES_MAX] = { { 0 } };
	bool has = has_goal(row, sides, n), met;
	char goal[TEXT_MAX];

	ASSERT(n >= 1 && n <= BENCH_SIDES_MAX && sides[0].once != NULL);
	take_turns(b, row, sides, n, f);
	met = is_met(row, sides, f, n);
	b->rows++;
	b->met += has && met;
	b->missed += has && !met;
	if (b->format == FORMAT_JSON) {
		print_json(b, row, sides, f, n, has, met);
	} else {
		goal_text(row, has, met, goal);
		print_line(b, row, sides, f, n > 1, goal);
		for (unsigned i = 2; i < n; i++)
			print_line(b, row, sides, f, i, "");
	}
	fflush(stdout);
}

/*
 * Where it ran.
 */

static void cpu_model(char buf[TEXT_MAX])
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[TEXT_MAX];

	snprintf(buf, TEXT_MAX, "unknown");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || colon == NULL)
			continue;
		colon[strcspn(colon, "\n\"\\")] = '\0';
		snprintf(buf, TEXT_MAX, "%s", colon + 1 + (colon[1] == ' '));
		break;
	}
	if (f != NULL)
		fclose(f);
}

static void print_head(const struct bench *b)
{
	static const char *const compiler =
#ifdef __clang__
		"clang " __clang_version__;
#else
		"gcc " __VERSION__;
#endif
	char model[TEXT_MAX], date[64];
	struct utsname u;
	time_t now = time(NULL);
	struct tm tm;

	cpu_model(model);
	uname(&u);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &tm));
	if (b->format == FORMAT_JSON) {
		printf("{\"date\": \"%s\", \"cpu\": \"%s\", \"cpus\": %ld, \"kernel\": \"%s %s %s\", "
		       "\"compiler\": \"%s\", \"rounds\": %u, \"rows\": [",
		       date, model, sysconf(_SC_NPROCESSORS_ONLN), u.sysname, u.release, u.machine,
		       compiler, b->rounds);
		return;
	}
	printf("%s, %ld cores (one used), %s %s, %s; %s; %u rounds\n\n", model,
	       sysconf(_SC_NPROCESSORS_ONLN), u.sysname, u.release, compiler, date, b->rounds);
	if (b->format == FORMAT_MARKDOWN)
		printf("| | | Inaba: median | min | peer | median | min | peer / Inaba | goal |\n"
		       "|---|---|--:|--:|---|--:|--:|--:|---|\n");
	else
		printf("%-22s %-11s %8s %8s  %-34s %8s %8s %7s  %s\n", "", "", "median", "min",
		       "peer", "median", "min", "ratio", "goal");
}

static void print_tail(const struct bench *b)
{
	if (b->format == FORMAT_JSON)
		printf("\n]}\n");
	else
		printf("\nratio: the peer's median by Inaba's; above 1 Inaba is ahead. "
		       "Goals: %u met, %u missed.\n",
		       b->met, b->missed);
}

/*
 * The program.
 */

static void usage(FILE *to)
{
	fprintf(to,
		"usage: bench [OPTION...]\n"
		"  --only GLOB  only rows whose name matches, as in 'forward/*'\n"
		"  --quick      fewer rounds, and without what takes long to set up\n"
		"  --rounds N   measurements for each side of a row (%u)\n"
		"  --cpu N      core to run on (the last one)\n"
		"  --markdown   the table for a README\n"
		"  --json       for programs\n"
		"  --list       names of the rows\n"
		"See doc/bench.md for what is measured, and how.\n",
		ROUNDS);
}

static int options(struct bench *b, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "only", required_argument, NULL, 'o' },
		{ "quick", no_argument, NULL, 'q' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "cpu", required_argument, NULL, 'c' },
		{ "markdown", no_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'o':
			b->only = optarg;
			break;
		case 'q':
			b->quick = true;
			break;
		case 'r':
			b->rounds = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			b->cpu = atoi(optarg);
			break;
		case 'm':
			b->format = FORMAT_MARKDOWN;
			break;
		case 'j':
			b->format = FORMAT_JSON;
			break;
		case 'l':
			b->list = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	if (b->rounds == 0)
		b->rounds = b->quick ? ROUNDS_QUICK : ROUNDS;
	return 0;
}

/* One core, so that neither side moves; the kernel's forwarding runs on the same one. */
static void pin(struct bench *b)
{
	cpu_set_t set;

	if (b->cpu < 0)
		b->cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	CPU_ZERO(&set);
	CPU_SET((unsigned)b->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		bench_say(b, "cannot stay on core %d: %s", b->cpu, strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct row *const all[] = { forward_rows, mroute_rows, lookup_rows, part_rows,
						 frag_rows,    world_rows,  tcp_rows,	 udp_rows };
	struct bench b = { .cpu = -1 };
	int rc = options(&b, argc, argv);

	if (rc != 0)
		return rc;
	if (!b.list) {
		pin(&b);
		kernel_start(); /* a process of its own: before this one has memory to copy */
		print_head(&b);
	}
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		for (const struct row *row = all[i]; row->name != NULL; row++) {
			if (b.only != NULL && fnmatch(b.only, row->name, 0) != 0)
				continue;
			if (b.list) {
				printf("%s\n", row->name);
				continue;
			}
			bench_say(&b, "%s", row->name);
			row->run(&b, row);
		}
	}
	if (!b.list) {
		print_tail(&b);
		kernel_stop();
	}
	return 0;
}
