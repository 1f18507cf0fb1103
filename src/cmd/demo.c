/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba demo: run the demo's world, print what happened, leave a page and a capture. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "host/dirs.h"
#include "sim/page.h"

#define WORD	    "demo"
#define PAGE	    "index.html"
#define CAPTURE	    "demo.pcapng"
#define PATH_OCTETS 4096

struct args {
	const char *out;
	uint64_t seed;
};

static bool parse_seed(const char *text, uint64_t *seed)
{
	unsigned long long v;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*seed = v;
	return true;
}

static int parse(struct args *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const char *v = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--out") != 0 && strcmp(argv[i], "--seed") != 0)
			return usage(WORD, "unknown argument %s; it takes --out DIR and --seed N",
				     argv[i]);
		if (v == NULL)
			return usage(WORD, "%s wants a value", argv[i]);
		if (strcmp(argv[i], "--out") == 0)
			a->out = v;
		else if (!parse_seed(v, &a->seed))
			return usage(WORD, "--seed: \"%s\" is no number", v);
	}
	if (a->out != NULL && a->out[0] == '\0')
		return usage(WORD, "--out wants the name of a folder");
	return EXIT_OK;
}

static int write_page(const struct demo *d, FILE *f)
{
	page_write(d, f, CAPTURE);
	return 0;
}

static int save(const struct demo *d, const char *dir, const char *name,
		int (*fn)(const struct demo *d, FILE *f))
{
	char path[PATH_OCTETS];
	FILE *f;
	int rc;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return failed(WORD, "%s: %s", dir, strerror(ENAMETOOLONG));
	f = fopen(path, "wb");
	if (f == NULL)
		return failed(WORD, "%s: %s", path, strerror(errno));
	errno = 0;
	rc = fn(d, f);
	if (rc == 0 && ferror(f))
		rc = errno != 0 ? -errno : -EIO;
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		return failed(WORD, "%s: %s", path, strerror(-rc));
	printf("  %s\n", path);
	return EXIT_OK;
}

static int save_all(const struct demo *d, const char *dir)
{
	int rc = make_dirs(dir);

	if (rc < 0)
		return failed(WORD, "%s: %s", dir, strerror(-rc));
	printf("\nWritten:\n");
	rc = save(d, dir, PAGE, write_page);
	return rc != EXIT_OK ? rc : save(d, dir, CAPTURE, demo_capture);
}

int cmd_demo(int argc, char **argv)
{
	struct args a = { .seed = 1 };
	int rc = parse(&a, argc, argv);
	struct demo *d;

	if (rc != EXIT_OK)
		return rc;
	d = demo_run(a.seed);
	demo_print(d, stdout, isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL);
	if (a.out != NULL)
		rc = save_all(d, a.out);
	else
		printf("\n\"inaba demo --out DIR\" writes this as a page with pictures, and a capture.\n");
	if (fflush(stdout) != 0 && rc == EXIT_OK)
		rc = failed(WORD, "standard output: %s", strerror(errno));
	if (!demo_ok(d) && rc == EXIT_OK)
		rc = failed(WORD, "with seed %llu not everything happened as it should: see above",
			    (unsigned long long)a.seed);
	demo_free(d);
	return rc;
}
