/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba conform: list, run and explain the parts of the conformance suites; compare results. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "cmd/cmd.h"
#include "cmd/compare.h"
#include "cmd/reports.h"
#include "conform/guest.h"
#include "conform/qemu.h"
#include "conform/resume.h"
#include "conform/xfail.h"

#define WORD		 "conform"
#define EXIT_INTERRUPTED 130 /* as a shell has it for SIGINT */
#define WHY_OCTETS	 512

struct args {
	struct run_conf conf;
	const char *resume, *xfail; /* files */
	const char *kernel;	    /* of --nut qemu, or NULL */
	bool json, tap;
	struct nut_exec_conf exec;
	struct reports reports;
};

static struct nut *open_sim(void *ctx, uint64_t seed, char *why, size_t size)
{
	(void)ctx;
	(void)why;
	(void)size;
	return nut_sim_new(seed);
}

static struct nut *open_netns(void *ctx, uint64_t seed, char *why, size_t size)
{
	(void)ctx;
	(void)seed;
	return nut_netns_new(why, size);
}

static struct nut *open_networkd(void *ctx, uint64_t seed, char *why, size_t size)
{
	(void)ctx;
	(void)seed;
	return nut_networkd_new(why, size);
}

static struct nut *open_exec(void *ctx, uint64_t seed, char *why, size_t size)
{
	const struct nut_exec_conf *conf = ctx;

	(void)seed;
	return nut_exec_new(conf, why, size);
}

static int set_role(struct args *a, const char *v)
{
	if (strcmp(v, "host") == 0)
		a->conf.roles = NUT_HOST;
	else if (strcmp(v, "router") == 0)
		a->conf.roles = NUT_ROUTER;
	else if (strcmp(v, "both") == 0)
		a->conf.roles = NUT_BOTH;
	else
		return usage(WORD, "--role is host, router or both, not \"%s\"", v);
	return EXIT_OK;
}

static int set_suite(struct args *a, const char *v)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		if (strcmp(s->name, v) == 0 || strcmp(suite_family(s), v) == 0) {
			a->conf.suite = v;
			return EXIT_OK;
		}
	}
	return usage(WORD,
		     "there is no suite \"%s\"; \"inaba conform list --json\" has their names", v);
}

static int set_nut(struct args *a, const char *v)
{
	a->conf.nut_name = v;
	if (strcmp(v, "sim") == 0) {
		a->conf.open = open_sim;
	} else if (strcmp(v, "netns") == 0) {
		a->conf.open = open_netns;
	} else if (strcmp(v, "networkd") == 0) {
		a->conf.open = open_networkd;
	} else if (strncmp(v, "exec:", 5) == 0 && v[5] != '\0') {
		a->conf.open = open_exec;
		a->exec.script = v + 5;
	} else if (strncmp(v, "qemu:", 5) == 0 && v[5] != '\0') {
		a->conf.open = NULL;
		a->kernel = v + 5;
	} else {
		return usage(
			WORD,
			"--nut is sim, netns, networkd, qemu:KERNEL or exec:SCRIPT, not \"%s\"", v);
	}
	return EXIT_OK;
}

static int set_if(struct args *a, const char *v)
{
	a->exec.dev[LINK_B] = v;
	return EXIT_OK;
}

static int set_if_a(struct args *a, const char *v)
{
	a->exec.dev[LINK_A] = v;
	return EXIT_OK;
}

static int set_seed(struct args *a, const char *v)
{
	uint32_t seed;

	if (!parse_u32(v, UINT32_MAX, &seed))
		return usage(WORD, "--seed: \"%s\" is no number up to 4294967295", v);
	a->conf.seed = seed;
	return EXIT_OK;
}

static int set_jobs(struct args *a, const char *v)
{
	uint32_t n;

	if (!parse_u32(v, RUN_JOBS_MAX, &n) || n == 0)
		return usage(WORD, "-j: \"%s\" is no number from 1 to %u", v, RUN_JOBS_MAX);
	a->conf.jobs = n;
	return EXIT_OK;
}

static int set_resume(struct args *a, const char *v)
{
	a->resume = v;
	return EXIT_OK;
}

static int set_xfail(struct args *a, const char *v)
{
	a->xfail = v;
	return EXIT_OK;
}

static int set_pcap(struct args *a, const char *v)
{
	if (v[0] == '\0')
		return usage(WORD, "--pcap wants the name of a folder");
	a->conf.pcap_dir = v;
	return EXIT_OK;
}

static int set_html(struct args *a, const char *v)
{
	if (v[0] == '\0')
		return usage(WORD, "--html wants the name of a folder");
	a->reports.html_dir = v;
	return EXIT_OK;
}

static int set_junit(struct args *a, const char *v)
{
	if (v[0] == '\0')
		return usage(WORD, "--junit wants the name of a file");
	a->reports.junit_path = v;
	return EXIT_OK;
}

static int set(struct args *a, const char *name, const char *v)
{
	static const struct {
		const char *name;
		int (*fn)(struct args *a, const char *v);
	} options[] = {
		{ "--role", set_role },	    { "--suite", set_suite }, { "--nut", set_nut },
		{ "--seed", set_seed },	    { "--pcap", set_pcap },   { "-j", set_jobs },
		{ "--resume", set_resume }, { "--xfail", set_xfail }, { "--if", set_if },
		{ "--if-a", set_if_a },	    { "--html", set_html },   { "--junit", set_junit },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strcmp(options[i].name, name) != 0)
			continue;
		if (v == NULL)
			return usage(WORD, "%s wants a value", name);
		return options[i].fn(a, v);
	}
	return usage(WORD, "unknown argument %s", name);
}

/* Globs stay in argv, moved to its beginning. */
static int parse(struct args *a, int argc, char **argv)
{
	int n = 0, rc;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			a->json = true;
		} else if (strcmp(argv[i], "--tap") == 0) {
			a->tap = true;
		} else if (strncmp(argv[i], "-j", 2) == 0 && argv[i][2] != '\0') {
			rc = set_jobs(a, argv[i] + 2);
			if (rc != EXIT_OK)
				return rc;
		} else if (argv[i][0] == '-') {
			rc = set(a, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			if (rc != EXIT_OK)
				return rc;
			i++;
		} else {
			argv[n++] = argv[i];
		}
	}
	if (a->json && a->tap)
		return usage(WORD, "--json or --tap, not both");
	if ((a->exec.script != NULL) != (a->exec.dev[LINK_B] != NULL) ||
	    (a->exec.dev[LINK_A] != NULL && a->exec.script == NULL))
		return usage(WORD, "--nut exec:SCRIPT and --if DEV (--if-a DEV) go together");
	if (a->exec.script != NULL && a->conf.jobs > 1)
		return usage(WORD, "-j: a script's device is one, it can be tested once at a time");
	a->conf.ctx = &a->exec;
	a->conf.globs = (const char *const *)argv;
	a->conf.n_globs = (size_t)n;
	return EXIT_OK;
}

static const char *roles_text(const struct part *p)
{
	return p->roles == NUT_BOTH ? "host, router" : p->roles == NUT_HOST ? "host" : "router";
}

static bool selected(const struct args *a, const struct suite *s, const struct part *p)
{
	return run_selects(&a->conf, s, p, NUT_HOST) || run_selects(&a->conf, s, p, NUT_ROUTER);
}

static void show_line(const struct part *p)
{
	printf("%-14s %-6s %-13s %-25s %s\n", p->id, level_name(p->level), roles_text(p), p->clause,
	       p->title);
}

static void show_needs(const struct part *p)
{
	const char *between = "";

	printf("  needs    ");
	for (uint32_t bit = 1; bit != 0; bit <<= 1) {
		if ((p->needs & bit) == 0)
			continue;
		printf("%s%s", between, nut_cap_name(bit));
		between = ", ";
	}
	printf("%s\n", p->needs == 0 ? "nothing special" : "");
}

static void show_skips(const struct part *p)
{
	for (uint32_t bit = 1; bit != 0; bit <<= 1)
		if ((p->needs & bit) != 0)
			printf("  SKIP     without %s: %s\n", nut_cap_name(bit),
			       nut_cap_optional(bit));
	if (p->needs == 0)
		printf("  SKIP     only if the device cannot be set up as the part wants it\n");
}

static void show_all(const struct part *p)
{
	printf("%s: %s\n  purpose  %s\n  clause   %s (%s)\n  for      %s\n", p->id, p->title,
	       p->purpose, p->clause, level_name(p->level), roles_text(p));
	show_needs(p);
	show_skips(p);
}

static int nothing(void)
{
	return failed(WORD, "no part is selected; \"inaba conform list\" shows them all");
}

static int show(const struct args *a, void (*fn)(const struct part *p))
{
	const struct suite *s;
	unsigned n = 0;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++) {
		for (size_t k = 0; k < s->n; k++) {
			if (!selected(a, s, &s->part[k]))
				continue;
			fn(&s->part[k]);
			n++;
		}
	}
	return n > 0 ? EXIT_OK : nothing();
}

static void list_json_part(struct jsonw *j, const struct suite *s, const struct part *p)
{
	const char *const member[][2] = { { "id", p->id },
					  { "suite", s->name },
					  { "title", p->title },
					  { "clause", p->clause },
					  { "level", level_name(p->level) },
					  { "roles", roles_text(p) } };

	jsonw_object(j);
	for (size_t i = 0; i < ARRAY_LEN(member); i++) {
		jsonw_key(j, member[i][0]);
		jsonw_string(j, member[i][1]);
	}
	jsonw_object_end(j);
}

static int list_json(const struct args *a)
{
	const struct suite *s;
	struct jsonw j;
	const char *text;
	size_t octets;
	int rc;

	jsonw_init(&j, 1);
	jsonw_array(&j);
	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if (selected(a, s, &s->part[k]))
				list_json_part(&j, s, &s->part[k]);
	jsonw_array_end(&j);
	rc = jsonw_finish(&j, &text, &octets);
	if (rc == 0)
		printf("%s", text);
	jsonw_done(&j);
	return rc == 0 ? EXIT_OK : failed(WORD, "%s", strerror(-rc));
}

static int interrupted(const struct args *a, const struct tally *tally)
{
	failed(WORD, "interrupted, %u of %u parts are done; %s", tally->n, run_count(&a->conf),
	       a->resume != NULL ? "the same command again does the rest"
				 : "with --resume FILE such a run can be continued");
	return EXIT_INTERRUPTED;
}

static int run(struct args *a)
{
	struct jsonw json;
	struct tally tally;
	struct out o;
	int rc, reported;

	if (a->conf.pcap_dir != NULL && mkdir(a->conf.pcap_dir, 0777) < 0 && errno != EEXIST)
		return failed(WORD, "%s: %s", a->conf.pcap_dir, strerror(errno));
	jsonw_init(&json, 1);
	if (a->json)
		out_json_init(&o, stdout, &json);
	else if (a->tap)
		out_tap_init(&o, stdout);
	else
		out_table_init(&o, stdout, isatty(STDOUT_FILENO) == 1);
	if (reports_open(&a->reports, &o) != EXIT_OK) {
		jsonw_done(&json);
		return EXIT_FAILED;
	}
	rc = run_parts(&a->conf, &o, &tally);
	jsonw_done(&json);
	reported = reports_close(&a->reports);
	if (a->conf.resume != NULL && a->conf.resume->err != 0)
		return failed(WORD, "%s: %s", a->resume, strerror(-a->conf.resume->err));
	if (rc == -EINTR)
		return interrupted(a, &tally);
	if (reported != EXIT_OK)
		return reported;
	if (rc < 0 && a->conf.pcap_dir == NULL)
		return failed(WORD, "processes for the parts: %s", strerror(-rc));
	if (rc < 0)
		return failed(WORD, "captures in %s: %s", a->conf.pcap_dir, strerror(-rc));
	return run_ok(&tally) ? EXIT_OK : EXIT_FAILED;
}

static int read_xfail(const struct args *a, struct xfail *x)
{
	char why[WHY_OCTETS];
	FILE *f = fopen(a->xfail, "r");
	int rc;

	if (f == NULL)
		return usage(WORD, "--xfail %s: %s", a->xfail, strerror(errno));
	rc = xfail_read(x, f, a->xfail, why, sizeof(why));
	(void)fclose(f);
	return rc == 0 ? EXIT_OK : usage(WORD, "--xfail %s", why);
}

static int run_resumed(struct args *a)
{
	char why[WHY_OCTETS];
	struct resume resume;
	int rc;

	if (a->resume == NULL)
		return run(a);
	if (resume_open(&resume, &a->conf, a->resume, why, sizeof(why)) < 0)
		return failed(WORD, "--resume %s: %s", a->resume, why);
	if (resume.torn > 0)
		fprintf(stderr, "inaba " WORD ": %s: the last %zu octets were torn\n", a->resume,
			resume.torn);
	a->conf.resume = &resume;
	rc = run(a);
	a->conf.resume = NULL;
	resume_close(&resume);
	return rc;
}

/* The machines are made by the workers; here, once, all that they share. */
static int run_prepared(struct args *a)
{
	struct qemu_conf qemu = { .version = INABA_VERSION, .seed = a->conf.seed };
	char why[WHY_OCTETS];
	int rc;

	if (a->kernel == NULL)
		return run_resumed(a);
	rc = qemu_prepare(&qemu, a->kernel, why, sizeof(why));
	a->conf.qemu = &qemu;
	rc = rc == 0 ? run_resumed(a) : failed(WORD, "--nut %s: %s", a->conf.nut_name, why);
	a->conf.qemu = NULL;
	qemu_unprepare(&qemu);
	return rc;
}

static int run_listed(struct args *a)
{
	struct xfail xfail;
	int rc;

	if (run_groups(&a->conf) == 0)
		return nothing();
	if (a->xfail == NULL)
		return run_prepared(a);
	rc = read_xfail(a, &xfail);
	if (rc != EXIT_OK)
		return rc;
	a->conf.xfail = &xfail;
	rc = run_prepared(a);
	a->conf.xfail = NULL;
	xfail_done(&xfail);
	return rc;
}

int cmd_conform(int argc, char **argv)
{
	struct args a = { .conf = { .roles = NUT_BOTH,
				    .nut_name = "sim",
				    .seed = 1,
				    .open = open_sim,
				    .jobs = 1,
				    .signals = true,
				    .version = INABA_VERSION } };
	const char *what = argc > 1 ? argv[1] : "";
	int rc;

	if (strcmp(what, "compare") == 0)
		return conform_compare(argc - 2, argv + 2);
	if (strcmp(what, "guest") == 0) /* init of a machine; not for people */
		return guest_main(INABA_VERSION, open_netns) == 0 ? EXIT_OK : EXIT_FAILED;
	if (strcmp(what, "list") != 0 && strcmp(what, "run") != 0 && strcmp(what, "explain") != 0)
		return usage(WORD, "it takes list, run, explain or compare");
	rc = parse(&a, argc - 2, argv + 2);
	if (rc != EXIT_OK)
		return rc;
	if (strcmp(what, "run") == 0)
		rc = run_listed(&a);
	else if (strcmp(what, "explain") == 0)
		rc = show(&a, show_all);
	else
		rc = a.json ? list_json(&a) : show(&a, show_line);
	if (fflush(stdout) != 0 && rc == EXIT_OK)
		rc = failed(WORD, "standard output: %s", strerror(errno));
	return rc;
}
