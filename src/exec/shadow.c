/* SPDX-License-Identifier: BSD-3-Clause */
#include "exec/shadow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READABLE 0444
#define WRITABLE 0644
#define DIR_MODE 0755

static void remove_one(struct shadow *s, unsigned i)
{
	char dir[PATH_MAX];
	struct dirent *d;
	DIR *list;

	if (s->path[i] == NULL)
		return;
	free(s->path[i]);
	s->path[i] = NULL;
	snprintf(dir, sizeof(dir), "%s/%u", s->root, i);
	list = opendir(dir);
	while (list != NULL && (d = readdir(list)) != NULL)
		if (unlinkat(dirfd(list), d->d_name, 0) < 0)
			(void)unlinkat(dirfd(list), d->d_name, AT_REMOVEDIR);
	if (list != NULL)
		closedir(list);
	(void)rmdir(dir);
}

/* Where "." and ".." are the first two of a directory if it can be: sysctl(8) counts on that. */
static int make_root(struct shadow *s)
{
	static const char *const places[] = { "/dev/shm", "/run/shm", "/tmp" };
	int rc = -ENOENT;

	if (s->root[0] != '\0')
		return 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(s->root, sizeof(s->root), "%s/inaba-exec-XXXXXX", places[i]);
		if (mkdtemp(s->root) != NULL)
			return 0;
		rc = -errno;
	}
	s->root[0] = '\0';
	return rc;
}

/* A letter (d, r, w), a name and a NUL; what has a slash is no name. */
static int make_entries(int fd, const char *names, size_t octets)
{
	const char *end = names + octets;

	while (names < end) {
		size_t len = strnlen(names, (size_t)(end - names));
		int file;

		if (len < 2 || names + len == end || strchr(names, '/') != NULL)
			return -EIO;
		if (names[0] == 'd') {
			if (mkdirat(fd, names + 1, DIR_MODE) < 0)
				return -errno;
		} else {
			file = openat(fd, names + 1, O_WRONLY | O_CREAT | O_CLOEXEC,
				      names[0] == 'w' ? WRITABLE : READABLE);
			if (file < 0)
				return -errno;
			close(file);
		}
		names += len + 1;
	}
	return 0;
}

int shadow_open(struct shadow *s, const char *path, const char *names, size_t octets)
{
	unsigned i = s->next % SHADOWS_MAX;
	int fd, rc = make_root(s);
	char dir[PATH_MAX];

	if (rc < 0)
		return rc;
	remove_one(s, i);
	snprintf(dir, sizeof(dir), "%s/%u", s->root, i);
	s->path[i] = strdup(path);
	if (s->path[i] == NULL || mkdir(dir, DIR_MODE) < 0)
		return -ENOMEM;
	s->next++;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = make_entries(fd, names, octets);
	if (rc == 0)
		return fd;
	close(fd);
	remove_one(s, i);
	return rc;
}

bool shadow_name(const struct shadow *s, char *path, size_t size)
{
	size_t len = strlen(s->root);
	unsigned long i;
	char *end;

	if (len == 0 || strncmp(path, s->root, len) != 0 || path[len] != '/')
		return true;
	i = strtoul(path + len + 1, &end, 10);
	if (i >= SHADOWS_MAX || s->path[i] == NULL || strlen(s->path[i]) + strlen(end) >= size)
		return false;
	memmove(path + strlen(s->path[i]), end, strlen(end) + 1);
	memcpy(path, s->path[i], strlen(s->path[i]));
	return true;
}

void shadow_done(struct shadow *s)
{
	for (unsigned i = 0; i < SHADOWS_MAX; i++)
		remove_one(s, i);
	if (s->root[0] != '\0')
		(void)rmdir(s->root);
	s->root[0] = '\0';
}
