/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Feeds a fuzz target the files of its corpus, without libFuzzer: the same inputs are then part of
 * every test run, with any compiler. Arguments are folders or files; a folder that is not there
 * stands for an empty corpus. The empty input is always tried first.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t input[1 << 20];

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	size_t n;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	n = fread(input, 1, sizeof(input), f);
	fclose(f);

	/* a buffer of exactly this size lets ASan see a read one octet behind it */
	exact = malloc(n ? n : 1);
	if (!exact)
		abort();
	memcpy(exact, input, n);
	fprintf(stderr, "%s: %zu octets\n", path, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

static int replay_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[4096];
	int err = 0;

	if (!d)
		return errno == ENOTDIR ? replay_file(path) : 0;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		err |= replay_file(name);
	}
	closedir(d);
	return err;
}

int main(int argc, char **argv)
{
	int err = 0;
	int i;

	LLVMFuzzerTestOneInput(input, 0);
	for (i = 1; i < argc; i++)
		err |= replay_dir(argv[i]);
	return err;
}
