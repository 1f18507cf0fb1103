/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Libraries lie flat in /lib, whatever folders they come from: the kernel hands LD_LIBRARY_PATH=/lib
 * of its command line on to init. Only the loader is where the programs say that it is.
 */
#include "conform/initrd.h"

#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conform/cpio.h"
#include "conform/live.h"

#define LDD_WITHIN (20 * NS_PER_S)
#define LIBS_MAX   64

struct initrd {
	FILE *f;
	char *why;
	size_t size;
	char lib[LIBS_MAX][KERNEL_PATH]; /* where they are put */
	unsigned n_libs;
};

static int add(struct initrd *r, const char *path, const char *from)
{
	int rc = cpio_file(r->f, path, from);

	if (rc < 0)
		snprintf(r->why, r->size, "%s, for the kernel under QEMU: %s", from, strerror(-rc));
	return rc;
}

static bool have_lib(const struct initrd *r, const char *path)
{
	for (unsigned i = 0; i < r->n_libs; i++)
		if (strcmp(r->lib[i], path) == 0)
			return true;
	return false;
}

/* The directories above @path. */
static void add_dirs(struct initrd *r, const char *path)
{
	char dir[KERNEL_PATH];

	for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(p - path), path);
		cpio_dir(r->f, dir);
	}
}

/* A line of ldd(1): "NAME => PATH (0x...)", of the loader "PATH (0x...)", others have no path. */
static int add_lib(struct initrd *r, const char *line)
{
	const char *arrow = strstr(line, "=> /");
	const char *from = arrow != NULL ? arrow + 3 : line + strspn(line, " \t");
	char path[KERNEL_PATH], *to = r->lib[r->n_libs];

	if (from[0] != '/')
		return 0;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(from, " \n"), from);
	if (r->n_libs == LIBS_MAX - 1) {
		snprintf(r->why, r->size, "there are too many libraries");
		return -E2BIG;
	}
	if (arrow != NULL)
		snprintf(to, KERNEL_PATH, "lib/%.*s", KERNEL_PATH - 8, strrchr(path, '/') + 1);
	else
		snprintf(to, KERNEL_PATH, "%s", path + 1);
	if (have_lib(r, to))
		return 0;
	r->n_libs++;
	add_dirs(r, to);
	return add(r, to, path);
}

/* A program that ldd has nothing to say about is a static one. */
static int add_program(struct initrd *r, const char *path, const char *from)
{
	const char *argv[] = { "ldd", from, NULL };
	struct live_said said;
	int rc = add(r, path, from);

	if (rc < 0 || live_run(argv, NULL, LDD_WITHIN, &said) != 0)
		return rc;
	for (const char *line = said.out; rc == 0 && *line != '\0';) {
		rc = add_lib(r, line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return rc;
}

static bool find_program(const char *name, char *ret, size_t size)
{
	static const char *const where[] = { "/usr/sbin", "/sbin",	     "/usr/bin",
					     "/bin",	  "/usr/local/sbin", "/usr/local/bin" };

	for (size_t i = 0; i < ARRAY_LEN(where); i++) {
		snprintf(ret, size, "%s/%s", where[i], name);
		if (access(ret, X_OK) == 0)
			return true;
	}
	return false;
}

static int add_programs(struct initrd *r)
{
	char path[PATH_MAX] = "";
	int rc;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0) {
		snprintf(r->why, r->size, "/proc/self/exe: %s", strerror(errno));
		return -errno;
	}
	rc = add_program(r, "init", path);
	if (rc == 0 && !find_program("ip", path, sizeof(path))) {
		snprintf(r->why, r->size, "there is no program ip: install iproute2");
		return -ENOENT;
	}
	if (rc == 0)
		rc = add_program(r, "sbin/ip", path);
	if (rc == 0 && find_program("radvd", path, sizeof(path)))
		rc = add_program(r, "sbin/radvd", path);
	return rc;
}

/* What Debian's kernels and others have as modules. What is not there is in the kernel, one hopes. */
static int add_modules(struct initrd *r, const struct kernel *k)
{
	static const char *const wanted[] = { "net/ipv6/ipv6.ko", "net/packet/af_packet.ko",
					      "drivers/net/veth.ko" };
	char from[2 * KERNEL_PATH], to[NAME_MAX];
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < ARRAY_LEN(wanted); i++) {
		if (!kernel_module(k, wanted[i], from, sizeof(from)))
			continue;
		snprintf(to, sizeof(to), "%s/%u-%s", INITRD_MODULES, i, strrchr(from, '/') + 1);
		rc = add(r, to, from);
	}
	return rc;
}

static int fill(struct initrd *r, const struct kernel *k)
{
	static const char *const dirs[] = { "dev", "etc",  "proc", "sys",	  "tmp",
					    "lib", "sbin", "run",  INITRD_MODULES };
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		cpio_dir(r->f, dirs[i]);
	/* radvd asks who the owner of its file is */
	cpio_text(r->f, "etc/passwd", "root:x:0:0:root:/:/\n");
	rc = add_programs(r);
	if (rc == 0)
		rc = add_modules(r, k);
	if (rc < 0)
		return rc;
	rc = cpio_end(r->f);
	if (rc < 0)
		snprintf(r->why, r->size, "no room for what the kernel needs: %s", strerror(-rc));
	return rc;
}

int initrd_new(const struct kernel *k, char *why, size_t size)
{
	struct initrd r = { .why = why, .size = size };
	int fd = memfd_create("initrd", MFD_CLOEXEC), rc;

	if (fd >= 0)
		r.f = fdopen(dup(fd), "wb");
	if (r.f == NULL) {
		rc = -errno;
		snprintf(why, size, "a file in memory: %s", strerror(errno));
	} else {
		rc = fill(&r, k);
		fclose(r.f);
	}
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}
