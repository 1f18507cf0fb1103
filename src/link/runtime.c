/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/runtime.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_own_dir(const char *path)
{
	struct stat st;

	return path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

/* The path up to, and where in it Inaba's own part begins. */
static int full_path(const char *sub, char *path, size_t size, size_t *own)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	unsigned uid = (unsigned)geteuid();
	int n;

	if (xdg != NULL && is_own_dir(xdg)) {
		n = snprintf(path, size, "%s/inaba/%s", xdg, sub);
		*own = strlen(xdg) + 1;
	} else if (uid == 0) {
		n = snprintf(path, size, "/run/inaba/%s", sub);
		*own = strlen("/run/");
	} else {
		n = snprintf(path, size, "/tmp/inaba-%u/%s", uid, sub);
		*own = strlen("/tmp/");
	}
	return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

/* Create or enter @name of the directory @at, which is closed; the new one's descriptor. */
static int enter_dir(int at, const char *name)
{
	struct stat st;
	int fd, err = 0;

	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		err = -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && err == 0)
		err = -errno;
	close(at);
	if (fd < 0)
		return err;
	if (fstat(fd, &st) != 0)
		err = -errno;
	else
		err = st.st_uid == geteuid() && (st.st_mode & 077) == 0 ? 0 : -EPERM;
	if (err != 0) {
		close(fd);
		return err;
	}
	return fd;
}

/* Walk @path, whose parts from @own on are ours. A part's slash is cut for the time of its step. */
static int make_dirs(char *path, size_t own)
{
	char *part = path + own, *slash;
	int fd;

	part[-1] = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	part[-1] = '/';
	if (fd < 0)
		return -errno;
	while (fd >= 0 && part != NULL) {
		slash = strchr(part, '/');
		if (slash != NULL)
			*slash = '\0';
		fd = enter_dir(fd, part);
		if (fd >= 0 && slash != NULL)
			*slash = '/'; /* on failure the path ends at the culprit */
		part = slash != NULL ? slash + 1 : NULL;
	}
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int runtime_dir(const char *sub, char *path, size_t size, char err[RUNTIME_ERR])
{
	char full[PATH_MAX];
	size_t own;
	int e = full_path(sub, full, sizeof(full), &own);

	if (e == 0 && strlen(full) >= size)
		e = -ENAMETOOLONG;
	if (e != 0) {
		snprintf(
			err, RUNTIME_ERR,
			"the runtime directory's path is too long: set XDG_RUNTIME_DIR to a shorter one");
		return e;
	}
	e = make_dirs(full, own);
	if (e == -EPERM || e == -ELOOP || e == -ENOTDIR)
		snprintf(
			err, RUNTIME_ERR,
			"%.150s: must be a directory of yours with mode 0700: remove what is there",
			full);
	else if (e != 0)
		snprintf(err, RUNTIME_ERR,
			 "%.150s: %s: set XDG_RUNTIME_DIR to a directory of yours", full,
			 strerror(-e));
	else
		memcpy(path, full, strlen(full) + 1);
	return e;
}
