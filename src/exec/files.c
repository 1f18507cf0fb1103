/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: files by which the kernel tells of its network, or is told. A call that names one of
 * them is answered with what the node has:
 *
 * - open(2) gives a descriptor of the contents, as they are now. It is a sealed memfd: it can be read from
 *   any place, as often as one likes, and cannot be written.
 * - What is opened for writing gets a number that the filter knows, so that write(2) to it asks here and fails
 *   with what the node says. A shell puts it in place of standard output, so short writes to 1 ask, too. Who
 *   writes in another way is told EPERM by the seal: nothing is taken in silence. Which file it is, the
 *   memfd's name says, whoever has it.
 * - open(2) of a directory gives one of a real directory in which there are empty files of the right
 *   names; names relative to it mean the node's files again.
 * - stat(2), access(2) and readlink(2) are answered here.
 */
#include "exec/part.h"
#include "exec/target.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "exec/filter.h"
#include "host/seam_files.h"

#define TEXT_OCTETS 256 /* of what is written at once */
#define FILE_MODE   (S_IRUSR | S_IRGRP | S_IROTH)
#define DIR_MODE    (S_IFDIR | FILE_MODE | S_IXUSR | S_IXGRP | S_IXOTH)

/*
 * Which paths are the node's.
 */

static const char *skip_number(const char *p)
{
	size_t n = strspn(p, "0123456789");

	return n > 0 ? p + n : NULL;
}

/* What is behind "/proc/PID/net", "/proc/self/net" and their like; NULL: it is none of them. */
static const char *behind_net(const char *path)
{
	static const char self[] = "self", thread[] = "thread-self";
	const char *p;

	if (strncmp(path, "/proc/", 6) != 0)
		return NULL;
	p = path + 6;
	if (strncmp(p, self, sizeof(self) - 1) == 0)
		p += sizeof(self) - 1;
	else if (strncmp(p, thread, sizeof(thread) - 1) == 0)
		p += sizeof(thread) - 1;
	else
		p = skip_number(p);
	if (p != NULL && strncmp(p, "/task/", 6) == 0)
		p = skip_number(p + 6);
	if (p == NULL || strncmp(p, "/net", 4) != 0)
		return NULL;
	return p[4] == '/' || p[4] == '\0' ? p + 4 : NULL;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* "//", "." and "..", which no link is between in these places. */
static void tidy(char *path)
{
	char *to = path, *from = path;

	while (*from != '\0') {
		size_t n;

		while (*from == '/')
			from++;
		n = strcspn(from, "/");
		if (n == 2 && strncmp(from, "..", 2) == 0) {
			while (to > path && *--to != '/') {
			}
		} else if (n > 0 && !(n == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	*to = '\0';
}

/* Where a directory is that paths may be relative to. */
static bool dir_path(const struct exec *e, const struct call *c, int dirfd, char *buf, size_t size)
{
	char link[64];
	ssize_t n;

	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)c->tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)c->tid, dirfd);
	n = readlink(link, buf, size - 1);
	if (n <= 0)
		return false;
	buf[n] = '\0';
	return shadow_name(&e->shadow, buf, size);
}

/* Return: false if it is nothing of the node's. */
static bool name_of(const struct exec *e, const struct call *c, int dirfd, uint64_t at,
		    char path[PATH_MAX])
{
	char name[PATH_MAX];
	const char *rest;
	size_t n = 0;

	if (target_string(c->tid, at, name, sizeof(name)) < 0)
		return false;
	if (name[0] != '/') {
		if (name[0] == '\0' || !dir_path(e, c, dirfd, path, PATH_MAX))
			return false;
		n = strlen(path);
	}
	if (n + 1 + strlen(name) >= PATH_MAX)
		return false;
	path[n] = '/';
	memcpy(path + n + 1, name, strlen(name) + 1);
	tidy(path);
	rest = behind_net(path);
	if (rest != NULL && strlen(rest) < sizeof(name)) {
		memcpy(name, rest, strlen(rest) + 1);
		snprintf(path, PATH_MAX, "/proc/net%.4000s", name);
	}
	return is_below(path, "/proc/net") || is_below(path, "/proc/sys/net") ||
	       strcmp(path, "/etc/resolv.conf") == 0;
}

static void look(struct exec *e, struct call *c, const char *path, bool contents, after_fn *after)
{
	struct seam_req q = { .op = SEAM_FILE, .a = contents, .data_len = (uint32_t)strlen(path) };

	ask(e, c, &q, NULL, NULL, path, after);
}

/* The kernel answers if the machine's file is right, or @a is an error. Return: whether that was so. */
static bool no_file(struct exec *e, struct call *c, const struct answer *a)
{
	if (a->h.rc == -EOPNOTSUPP)
		call_pass(e, c);
	else if (a->h.rc < 0)
		call_end(e, c, a->h.rc);
	return a->h.rc < 0;
}

/*
 * open(2).
 */

static bool to_write(const struct call *c)
{
	return (c->flags & O_ACCMODE) != O_RDONLY;
}

static void dir_done(struct exec *e, struct call *c, const struct answer *a)
{
	char path[PATH_MAX];
	int fd;

	if (to_write(c)) {
		call_end(e, c, -EISDIR);
		return;
	}
	if (!name_of(e, c, (int)c->arg[0], c->msg, path)) {
		call_end(e, c, -EFAULT);
		return;
	}
	fd = shadow_open(&e->shadow, path, (const char *)a->data, a->h.data_len);
	if (fd < 0)
		call_end(e, c, fd);
	else
		call_fd(e, c, fd, (c->flags & O_CLOEXEC) != 0);
}

static void open_done(struct exec *e, struct call *c, struct answer *a)
{
	if (a->fd < 0 && a->h.rc == 0 && a->h.flags != SEAM_FILE_DIR)
		a->h.rc = -EIO;
	if (no_file(e, c, a))
		return;
	if (a->h.flags == SEAM_FILE_DIR) {
		dir_done(e, c, a);
	} else if ((c->flags & O_DIRECTORY) != 0 || (to_write(c) && a->h.flags != SEAM_FILE_RW)) {
		close(a->fd);
		call_end(e, c, (c->flags & O_DIRECTORY) != 0 ? -ENOTDIR : -EACCES);
	} else if (to_write(c)) {
		call_fd_high(e, c, a->fd, (c->flags & O_CLOEXEC) != 0);
	} else {
		call_fd(e, c, a->fd, (c->flags & O_CLOEXEC) != 0);
	}
}

static void begin_open(struct exec *e, struct call *c, int dirfd, uint64_t path_at, uint64_t flags)
{
	char path[PATH_MAX];

	if (!name_of(e, c, dirfd, path_at, path)) {
		call_pass(e, c);
		return;
	}
	c->flags = (int)flags;
	c->arg[0] = (uint64_t)(int64_t)dirfd; /* for a directory's name, once more */
	c->msg = path_at;
	look(e, c, path, true, open_done);
}

static void begin_openat2(struct exec *e, struct call *c)
{
	uint64_t flags;

	if (target_read(c->tid, c->arg[2], &flags, sizeof(flags)) < 0)
		call_pass(e, c);
	else
		begin_open(e, c, (int)c->arg[0], c->arg[1], flags);
}

/*
 * stat(2) and its like.
 */

static unsigned mode_of(const struct answer *a)
{
	if (a->h.flags == SEAM_FILE_DIR)
		return DIR_MODE;
	return S_IFREG | FILE_MODE | (a->h.flags == SEAM_FILE_RW ? S_IWUSR : 0u);
}

static void stat_done(struct exec *e, struct call *c, struct answer *a)
{
	struct stat st = { .st_ino = c->n, .st_nlink = 1, .st_blksize = 1024 };

	if (no_file(e, c, a))
		return;
	st.st_mode = mode_of(a);
	call_end(e, c, target_write(c->tid, c->msg, &st, sizeof(st)));
}

static void statx_done(struct exec *e, struct call *c, struct answer *a)
{
	struct statx st = {
		.stx_mask = STATX_BASIC_STATS, .stx_ino = c->n, .stx_nlink = 1, .stx_blksize = 1024
	};

	if (no_file(e, c, a))
		return;
	st.stx_mode = (uint16_t)mode_of(a);
	call_end(e, c, target_write(c->tid, c->msg, &st, sizeof(st)));
}

static void access_done(struct exec *e, struct call *c, struct answer *a)
{
	unsigned mode;

	if (no_file(e, c, a))
		return;
	mode = mode_of(a);
	if (((c->flags & W_OK) != 0 && (mode & S_IWUSR) == 0) ||
	    ((c->flags & X_OK) != 0 && (mode & S_IXUSR) == 0))
		call_end(e, c, -EACCES);
	else
		call_end(e, c, 0);
}

static void readlink_done(struct exec *e, struct call *c, struct answer *a)
{
	if (!no_file(e, c, a))
		call_end(e, c, -EINVAL);
}

/* Who walks a tree takes two directories of one number for a loop: FNV-1a, and never 0. */
static uint32_t inode_of(const char *path)
{
	uint32_t h = 2166136261u;

	for (; *path != '\0'; path++)
		h = (h ^ (uint8_t)*path) * 16777619u;
	return h | 1;
}

/* /proc/net itself is a link to self/net, and stays one. */
static void begin_look(struct exec *e, struct call *c, int dirfd, uint64_t path_at, after_fn *after)
{
	char path[PATH_MAX];

	if (!name_of(e, c, dirfd, path_at, path) ||
	    (after == readlink_done && strcmp(path, "/proc/net") == 0)) {
		call_pass(e, c);
		return;
	}
	c->n = inode_of(path);
	look(e, c, path, false, after);
}

static void begin_stat(struct exec *e, struct call *c, int dirfd, unsigned first)
{
	c->msg = c->arg[first + 1];
	begin_look(e, c, dirfd, c->arg[first], stat_done);
}

static void begin_access(struct exec *e, struct call *c, int dirfd, unsigned first)
{
	c->flags = (int)c->arg[first + 1];
	begin_look(e, c, dirfd, c->arg[first], access_done);
}

/*
 * write(2).
 */

static void written(struct exec *e, struct call *c, struct answer *a)
{
	call_end(e, c, a->h.rc < 0 ? a->h.rc : (int64_t)c->done);
}

/* The path that the descriptor stands for, or false. */
static bool written_path(const struct call *c, char *path, size_t size)
{
	static const char prefix[] = "/memfd:" SEAM_FILE_NAME, deleted[] = " (deleted)";
	char link[64];
	ssize_t n;
	size_t len;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)c->tid, c->fd);
	n = readlink(link, path, size - 1);
	len = sizeof(prefix) - 1;
	if (n <= (ssize_t)len || strncmp(path, prefix, len) != 0)
		return false;
	path[n] = '\0';
	memmove(path, path + len, (size_t)n + 1 - len);
	n = (ssize_t)strlen(path) - (ssize_t)(sizeof(deleted) - 1);
	if (n > 0 && strcmp(path + n, deleted) == 0)
		path[n] = '\0';
	return true;
}

static void tell(struct exec *e, struct call *c, const char *path, const char *text, size_t octets)
{
	struct seam_req q = { .op = SEAM_WRITE };
	char data[PATH_MAX + TEXT_OCTETS];
	size_t n = strlen(path) + 1;

	memcpy(data, path, n);
	memcpy(data + n, text, octets);
	q.data_len = (uint32_t)(n + octets);
	c->done = (unsigned)octets;
	ask(e, c, &q, NULL, NULL, data, written);
}

static void begin_write(struct exec *e, struct call *c)
{
	char path[PATH_MAX], text[TEXT_OCTETS];
	size_t octets = c->arg[2];

	if (!written_path(c, path, sizeof(path)))
		call_pass(e, c);
	else if (octets > sizeof(text))
		call_end(e, c, -EINVAL);
	else if (target_read(c->tid, c->arg[1], text, octets) < 0)
		call_end(e, c, -EFAULT);
	else
		tell(e, c, path, text, octets);
}

static void begin_writev(struct exec *e, struct call *c)
{
	char path[PATH_MAX], text[TEXT_OCTETS];
	struct iovec iov[8];
	size_t n = c->arg[2], octets = 0;

	if (!written_path(c, path, sizeof(path))) {
		call_pass(e, c);
		return;
	}
	if (n > ARRAY_LEN(iov) || target_read(c->tid, c->arg[1], iov, n * sizeof(iov[0])) < 0) {
		call_end(e, c, -EINVAL);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (iov[i].iov_len > sizeof(text) - octets ||
		    target_read(c->tid, (uint64_t)(uintptr_t)iov[i].iov_base, text + octets,
				iov[i].iov_len) < 0) {
			call_end(e, c, -EINVAL);
			return;
		}
		octets += iov[i].iov_len;
	}
	tell(e, c, path, text, octets);
}

bool begin_file(struct exec *e, struct call *c)
{
	switch (c->nr) {
	case SYS_openat:
		begin_open(e, c, (int)c->arg[0], c->arg[1], c->arg[2]);
		return true;
	case SYS_openat2:
		begin_openat2(e, c);
		return true;
	case SYS_newfstatat:
		begin_stat(e, c, (int)c->arg[0], 1);
		return true;
	case SYS_statx:
		c->msg = c->arg[4];
		begin_look(e, c, (int)c->arg[0], c->arg[1], statx_done);
		return true;
	case SYS_faccessat:
	case SYS_faccessat2:
		begin_access(e, c, (int)c->arg[0], 1);
		return true;
	case SYS_readlinkat:
		begin_look(e, c, (int)c->arg[0], c->arg[1], readlink_done);
		return true;
	case SYS_write:
		begin_write(e, c);
		return true;
	case SYS_writev:
		begin_writev(e, c);
		return true;
#ifdef __x86_64__
	case SYS_open:
		begin_open(e, c, AT_FDCWD, c->arg[0], c->arg[1]);
		return true;
	case SYS_stat:
	case SYS_lstat:
		begin_stat(e, c, AT_FDCWD, 0);
		return true;
	case SYS_access:
		begin_access(e, c, AT_FDCWD, 0);
		return true;
	case SYS_readlink:
		begin_look(e, c, AT_FDCWD, c->arg[0], readlink_done);
		return true;
#endif
	default:
		return false;
	}
}
