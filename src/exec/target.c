/* SPDX-License-Identifier: BSD-3-Clause */
#include "exec/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	     4096u
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */

void *target_pointer(uint64_t at)
{
	uintptr_t v = (uintptr_t)at;
	void *ret;

	memcpy(&ret, &v, sizeof(ret));
	return ret;
}

int target_read(pid_t tid, uint64_t at, void *p, size_t n)
{
	struct iovec here = { p, n }, there = { target_pointer(at), n };

	if (n == 0)
		return 0;
	return process_vm_readv(tid, &here, 1, &there, 1, 0) == (ssize_t)n ? 0 : -EFAULT;
}

int target_write(pid_t tid, uint64_t at, const void *p, size_t n)
{
	struct iovec here = { target_pointer((uintptr_t)p), n }, there = { target_pointer(at), n };

	if (n == 0)
		return 0;
	return process_vm_writev(tid, &here, 1, &there, 1, 0) == (ssize_t)n ? 0 : -EFAULT;
}

/* Page by page: the one behind the string's end may not be there. */
int target_string(pid_t tid, uint64_t at, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		size_t step = PAGE - (size_t)((at + n) % PAGE);

		if (step > size - n)
			step = size - n;
		if (target_read(tid, at + n, buf + n, step) < 0)
			return -EFAULT;
		if (memchr(buf + n, '\0', step) != NULL)
			return 0;
		n += step;
	}
	return -ENAMETOOLONG;
}

uint64_t target_inode(pid_t tid, int fd)
{
	static const char prefix[] = "socket:[";
	char path[64], to[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	n = readlink(path, to, sizeof(to) - 1);
	if (n < 0)
		return 0;
	to[n] = '\0';
	if (strncmp(to, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	return strtoull(to + sizeof(prefix) - 1, NULL, 10);
}

/* The thread group, which is what a pidfd can be of. */
static pid_t group_of(pid_t tid)
{
	char path[64], line[256];
	int ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	f = fopen(path, "re");
	if (f == NULL)
		return tid;
	while (ret == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Tgid:", 5) == 0)
			ret = (int)strtol(line + 5, NULL, 10);
	fclose(f);
	return ret != 0 ? ret : tid;
}

/* Most are asked about the first thread; of others, who is asked for the group reads a file. */
static int pidfd_of(pid_t tid)
{
	int ret = (int)syscall(SYS_pidfd_open, tid, 0);

	if (ret < 0)
		ret = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	if (ret < 0)
		ret = (int)syscall(SYS_pidfd_open, group_of(tid), 0);
	return ret;
}

int target_fd(pid_t tid, int fd)
{
	int pidfd = pidfd_of(tid), ret;

	if (pidfd < 0)
		return -errno;
	ret = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (ret < 0)
		ret = -errno;
	close(pidfd);
	return ret;
}
