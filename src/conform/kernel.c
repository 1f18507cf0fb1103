/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/kernel.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conform/live.h"

#define UNPACK_WITHIN (120 * NS_PER_S)

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static bool join(char *to, const char *a, const char *b)
{
	return (size_t)snprintf(to, KERNEL_PATH, "%s%s", a, b) < KERNEL_PATH;
}

/* The last, by name, of what @a and @b match. */
static bool last_match(char *to, const char *a, const char *b)
{
	char pattern[KERNEL_PATH];
	glob_t g;
	bool found;

	if (!join(pattern, a, b) || glob(pattern, 0, NULL, &g) != 0)
		return false;
	found = join(to, g.gl_pathv[g.gl_pathc - 1], "");
	globfree(&g);
	return found;
}

/* Only what is needed of it: all would be 400 megabytes. */
static int unpack(struct kernel *k, const char *deb, char *why, size_t size)
{
	static const char script[] =
		"dpkg-deb --fsys-tarfile \"$1\" | tar -x -C \"$2\" --wildcards "
		"'./boot/vmlinuz*' '*/veth.ko*' '*/ipv6.ko*' "
		"'*/af_packet.ko*' 2>/dev/null; test -d \"$2/boot\"";
	const char *tmp = getenv("TMPDIR");
	const char *argv[] = { "sh", "-c", script, "sh", deb, k->unpacked, NULL };
	struct live_said said;
	int rc;

	if (!join(k->unpacked, tmp != NULL ? tmp : "/tmp", "/inaba-kernel.XXXXXX") ||
	    mkdtemp(k->unpacked) == NULL) {
		rc = -errno;
		snprintf(why, size, "a directory for %s: %s", deb, strerror(errno));
		k->unpacked[0] = '\0';
		return rc;
	}
	rc = live_run(argv, NULL, UNPACK_WITHIN, &said);
	if (rc == 0)
		return 0;
	snprintf(why, size,
		 "%s: this is no package of a kernel (linux-image-VERSION-amd64), or "
		 "dpkg-deb and tar are not installed",
		 deb);
	return rc < 0 ? rc : -EINVAL;
}

static int find_in(struct kernel *k, const char *dir, char *why, size_t size)
{
	if (last_match(k->image, dir, "/boot/vmlinuz*") || last_match(k->image, dir, "/vmlinuz*"))
		return 0;
	snprintf(why, size, "%s: neither boot/vmlinuz* nor vmlinuz* is in there", dir);
	return -ENOENT;
}

/* Of /x/boot/vmlinuz-RELEASE: /x/lib/modules/RELEASE. */
static void find_modules(struct kernel *k)
{
	char *name = strrchr(k->image, '/');
	char tail[KERNEL_PATH];
	const char *release;

	name = name != NULL ? name + 1 : k->image;
	release = strchr(name, '-');
	if (release == NULL ||
	    (size_t)snprintf(k->modules, sizeof(k->modules), "%.*s../lib/modules/",
			     (int)(name - k->image), k->image) >= sizeof(k->modules) ||
	    !join(tail, k->modules, release + 1) || !is_dir(tail)) {
		k->modules[0] = '\0';
		return;
	}
	memcpy(k->modules, tail, sizeof(tail));
}

int kernel_find(struct kernel *k, const char *what, char *why, size_t size)
{
	int rc = 0;

	*k = (struct kernel){ .image = "" };
	if (access(what, R_OK) != 0) {
		snprintf(why, size,
			 "%s: %s; it is to be a vmlinuz, or a package linux-image-*, "
			 "unpacked or not (apt-get download linux-image-amd64)",
			 what, strerror(errno));
		return -errno;
	}
	if (is_dir(what)) {
		rc = find_in(k, what, why, size);
	} else if (ends_with(what, ".deb")) {
		rc = unpack(k, what, why, size);
		if (rc == 0)
			rc = find_in(k, k->unpacked, why, size);
	} else if (!join(k->image, what, "")) {
		snprintf(why, size, "%s: the name is too long", what);
		rc = -ENAMETOOLONG;
	}
	if (rc == 0)
		find_modules(k);
	return rc;
}

void kernel_done(struct kernel *k)
{
	const char *argv[] = { "rm", "-rf", "--", k->unpacked, NULL };
	struct live_said said;

	if (k->unpacked[0] != '\0')
		(void)live_run(argv, NULL, UNPACK_WITHIN, &said);
	*k = (struct kernel){ .image = "" };
}

bool kernel_module(const struct kernel *k, const char *path, char *ret, size_t size)
{
	static const char *const suffix[] = { "", ".xz", ".zst", ".gz" };

	if (k->modules[0] == '\0')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(suffix); i++)
		if ((size_t)snprintf(ret, size, "%s/kernel/%s%s", k->modules, path, suffix[i]) <
			    size &&
		    access(ret, R_OK) == 0)
			return true;
	return false;
}
