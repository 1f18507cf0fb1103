/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Three processes: the one that was called, which waits for the program's end and hands signals on; the
 * supervisor, which is the program's ancestor and stays for what the program leaves running; and the program.
 */
#include "exec/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/filter.h"
#include "exec/part.h"
#include "host/control.h"

#define STATUS_CANNOT	 125
#define STATUS_NO_EXEC	 126
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL	 128

/* The node's end, over the control socket. Return: a descriptor, or a negative errno. */
static int connect_seam(const char *name)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char octet;
	struct iovec iov = { &octet, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	int fd = control_connect(name, "seam\n"), ret = -EPROTO;
	struct cmsghdr *h;

	if (fd < 0)
		return fd;
	if (recvmsg(fd, &m, MSG_CMSG_CLOEXEC) == 1) {
		h = CMSG_FIRSTHDR(&m);
		if (h != NULL && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
			memcpy(&ret, CMSG_DATA(h), sizeof(ret));
	}
	close(fd);
	return ret;
}

/* What is told by the program's process before it is the program, and by the supervisor. */
struct word {
	int fd;	 /* of the filter, in that process; or a negative errno */
	int pid; /* of the program, when the supervisor speaks */
};

static _Noreturn void be_program(char **argv, int to)
{
	struct word w = { .fd = filter_install() };
	char go;

	if (write(to, &w, sizeof(w)) != (ssize_t)sizeof(w) || w.fd < 0 || read(to, &go, 1) != 1)
		_exit(STATUS_CANNOT);
	execvp(argv[0], argv);
	fprintf(stderr, "inaba exec: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NO_EXEC);
}

static int get_filter(pid_t pid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), ret;

	if (pidfd < 0)
		return -errno;
	ret = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (ret < 0)
		ret = -errno;
	close(pidfd);
	return ret;
}

/* Descriptors other than these would keep pipes of the caller's open. */
static void close_others(int a, int b, int c)
{
	int keep[] = { a, b, c }, last = 2;

	for (int round = 0; round < 3; round++) {
		int next = INT32_MAX;

		for (int i = 0; i < 3; i++)
			if (keep[i] > last && keep[i] < next)
				next = keep[i];
		if (next == INT32_MAX)
			break;
		if (next > last + 1)
			(void)close_range((unsigned)last + 1, (unsigned)next - 1, 0);
		last = next;
	}
	(void)close_range((unsigned)last + 1, ~0U, 0);
}

static void forget_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < 3; i++)
		(void)dup2(fd, i);
}

/* What the terminal sends to all of its processes is for the program. */
static void ignore_signals(void)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE, SIGTTOU };

	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		signal(sigs[i], SIG_IGN);
}

static _Noreturn void be_supervisor(char **argv, int seam, int to)
{
	struct word w = { .fd = -EIO };
	int p[2], notify;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p) == 0 ? fork() : -1;
	if (pid == 0)
		be_program(argv, p[1]);
	ignore_signals();
	close(p[1]);
	if (pid < 0 || read(p[0], &w, sizeof(w)) != (ssize_t)sizeof(w))
		w.fd = -EIO;
	notify = w.fd < 0 ? w.fd : get_filter(pid, w.fd);
	if (notify >= 0 && write(p[0], "", 1) != 1) /* now it may be gone there */
		notify = -EIO;
	w = (struct word){ notify, pid };
	if (write(to, &w, sizeof(w)) != (ssize_t)sizeof(w) || notify < 0)
		_exit(STATUS_CANNOT);
	forget_terminal();
	close_others(notify, seam, to);
	supervise(notify, seam, pid, to);
	_exit(EXIT_SUCCESS);
}

static volatile sig_atomic_t program;

static void hand_on(int sig, siginfo_t *info, void *ctx)
{
	(void)ctx;
	if (info->si_code != SI_KERNEL && program > 0) /* else it has it already */
		kill((pid_t)program, sig);
}

static void hand_signals_on(pid_t pid)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT };
	struct sigaction act = { .sa_sigaction = hand_on, .sa_flags = SA_SIGINFO | SA_RESTART };

	program = pid;
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		sigaction(sigs[i], &act, NULL);
}

static int explain(int rc, const char *name, char err[EXEC_ERR])
{
	if (rc == -ENOENT)
		snprintf(err, EXEC_ERR, "no node named %s runs; \"inaba list\" shows those that do",
			 name);
	else if (rc == -EINVAL)
		snprintf(err, EXEC_ERR, "\"%s\" is no name for a node", name);
	else if (rc == -ENOSYS || rc == -EPERM || rc == -EACCES)
		snprintf(err, EXEC_ERR,
			 "this kernel does not let system calls be answered (seccomp user "
			 "notification, pidfd_getfd): %s",
			 strerror(-rc));
	else
		snprintf(err, EXEC_ERR, "node %s: %s", name, strerror(-rc));
	return STATUS_CANNOT;
}

int exec_run(const char *name, char **argv, char err[EXEC_ERR])
{
	int seam = connect_seam(name), p[2], status;
	struct word w;
	pid_t pid;

	err[0] = '\0';
	if (seam < 0)
		return explain(seam, name, err);
	if (pipe2(p, O_CLOEXEC) < 0)
		return explain(-errno, name, err);
	pid = fork();
	if (pid == 0)
		be_supervisor(argv, seam, p[1]);
	close(p[1]);
	close(seam);
	if (pid < 0 || read(p[0], &w, sizeof(w)) != (ssize_t)sizeof(w))
		w.fd = -EIO;
	if (w.fd < 0)
		return explain(w.fd, name, err);
	hand_signals_on((pid_t)w.pid);
	if (read(p[0], &status, sizeof(status)) != (ssize_t)sizeof(status)) {
		snprintf(err, EXEC_ERR, "the supervisor has ended, and %s without a network",
			 argv[0]);
		return STATUS_CANNOT;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_SIGNAL + WTERMSIG(status);
}
