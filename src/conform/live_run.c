/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helper programs. Their input and output are files in memory, so nobody waits for a pipe that
 * something left running holds open; each is a process group, so that all of it can be killed.
 */
#include "conform/live.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_OCTETS 4096

static int start(const char *const *argv, const int fd[3], pid_t *pid)
{
	static const char *const where[] = { "", "/usr/sbin/", "/sbin/" };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char path[PATH_OCTETS];
	char *const *args;
	sigset_t none, all;
	int err = ENOENT;

	memcpy(&args, &argv, sizeof(args)); /* which are only read */
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&files, fd[i], i);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	for (size_t i = 0; i < ARRAY_LEN(where) && err == ENOENT; i++) {
		if (i > 0 && strchr(argv[0], '/') != NULL)
			break;
		snprintf(path, sizeof(path), "%s%s", where[i], argv[0]);
		err = posix_spawnp(pid, path, &files, &attr, args, environ);
	}
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

/* Until it has ended, or its time has: then all of its group is killed. */
static int await(pid_t pid, time_ns within)
{
	struct pollfd end = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	bool late = end.fd >= 0 && poll(&end, 1, (int)(within / NS_PER_MS)) == 0;
	int status;

	if (late)
		kill(-pid, SIGKILL);
	if (end.fd >= 0)
		close(end.fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (late)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_back(int fd, char *to)
{
	ssize_t n = pread(fd, to, LIVE_SAID_MAX - 1, 0);

	to[MAX(n, 0)] = '\0';
}

int live_run(const char *const *argv, const char *input, time_ns within, struct live_said *said)
{
	int fd[3], rc = 0;
	pid_t pid;

	memset(said, 0, sizeof(*said));
	for (int i = 0; i < 3; i++) {
		fd[i] = memfd_create("conform", MFD_CLOEXEC);
		if (fd[i] < 0)
			rc = -errno;
	}
	if (rc == 0 && input != NULL && pwrite(fd[0], input, strlen(input), 0) < 0)
		rc = -errno;
	if (rc == 0)
		rc = start(argv, fd, &pid);
	if (rc == 0)
		rc = await(pid, within);
	if (rc >= 0) {
		read_back(fd[1], said->out);
		read_back(fd[2], said->err);
	}
	for (int i = 0; i < 3; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return rc;
}

/* The last line with something in it, without its end. */
static void last_line(const char *text, char *to, size_t size)
{
	size_t end = strlen(text), begin;

	while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' '))
		end--;
	begin = end;
	while (begin > 0 && text[begin - 1] != '\n')
		begin--;
	snprintf(to, size, "%.*s", (int)(end - begin), text + begin);
}

void live_why(const char *program, int rc, const struct live_said *said, char *why, size_t size)
{
	char line[160];

	last_line(said->err, line, sizeof(line));
	if (rc == -ETIMEDOUT)
		snprintf(why, size, "%s did not end in time and was killed", program);
	else if (rc < 0)
		snprintf(why, size, "%s could not be run: %s", program, strerror(-rc));
	else if (line[0] != '\0')
		snprintf(why, size, "%s: %s", program, line);
	else
		snprintf(why, size, "%s: exit status %d", program, rc);
}
