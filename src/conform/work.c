/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/work.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conform/journal.h"
#include "conform/qemu.h"

#define SLICE	   (NS_PER_S / 10) /* a worker that waits looks up so often */
#define CHUNK	   65536
#define WHY_OCTETS 512

struct worker {
	pid_t pid; /* 0: none */
	int fd;	   /* -1: it has said all that it will say */
	bool busy;
	size_t job;
	uint8_t *in; /* of its result, so far */
	size_t n, room;
};

struct pool {
	const struct run_conf *conf;
	const struct job *jobs;
	struct worker worker[RUN_JOBS_MAX];
	unsigned n; /* of them may be used */
	int signals, timer;
	uint64_t ticks;
	sigset_t old_mask;
	struct sigaction old_chld;
	bool stopping;
};

/*
 * One part.
 */

/* A device in real time whose waits end when the run does. */
struct watched {
	struct nut_ops ops; /* the device's, but for recv() */
	const struct nut_ops *real;
	int fd;
	bool stopped;
};

static bool stream_ended(int fd)
{
	uint8_t octet;

	return recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool watched_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct watched *w = CONTAINER_OF(nut->ops, struct watched, ops);

	for (;;) {
		time_ns next = time_after(w->real->now(nut), SLICE);

		w->stopped = w->stopped || stream_ended(w->fd);
		if (w->stopped)
			return false;
		if (w->real->recv(nut, MIN(until, next), ret))
			return true;
		if (next >= until)
			return false;
	}
}

static void watch(struct watched *w, struct nut *nut)
{
	w->ops = *nut->ops;
	w->real = nut->ops;
	w->ops.recv = watched_recv;
	nut->ops = &w->ops;
}

static uint8_t *pack(const struct job *job, const struct tester *t, time_ns took, size_t *octets)
{
	struct result r = { .suite = job->suite,
			    .part = job->part,
			    .role = job->role,
			    .verdict = t->verdict,
			    .why = t->why,
			    .took = took,
			    .record = &t->record };

	return journal_pack(&r, octets);
}

uint8_t *work_lost(const struct job *job, const char *why, size_t *octets)
{
	struct tester t = { .verdict = VERDICT_ERROR, .why = (char *)why };

	return pack(job, &t, 0, octets);
}

/* @w: NULL, or what watches the device. NULL if the part was cut short. */
static uint8_t *work(const struct run_conf *conf, const struct job *job, struct watched *w,
		     size_t *octets)
{
	char why[WHY_OCTETS] = "the device cannot be opened";
	struct nut *nut = conf->open(conf->ctx, conf->seed, why, sizeof(why));
	uint8_t *ret = NULL;
	struct tester t;
	time_ns start;

	if (nut == NULL)
		return work_lost(job, why, octets);
	if (w != NULL && !nut->ops->virtual_time)
		watch(w, nut);
	start = nut->ops->now(nut);
	tester_run(&t, nut, job->role, job->part);
	if (w == NULL || !w->stopped)
		ret = pack(job, &t, nut->ops->now(nut) - start, octets);
	tester_done(&t);
	if (w != NULL && w->real != NULL)
		nut->ops = w->real;
	nut->ops->close(nut);
	return ret;
}

uint8_t *work_part(const struct run_conf *conf, const struct job *job, size_t *octets)
{
	return work(conf, job, NULL, octets);
}

/*
 * A worker, in the child.
 */

static bool send_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* The end of the stream, or of whoever would read the result, is the end. */
static void serve(const struct pool *p, int fd)
{
	struct qemu *q = p->conf->qemu != NULL ? qemu_new(p->conf->qemu) : NULL;
	uint8_t number[8];
	bool sent = true;

	while (sent && recv(fd, number, sizeof(number), MSG_WAITALL) == (ssize_t)sizeof(number)) {
		const struct job *job = &p->jobs[get_be64(number)];
		struct watched w = { .fd = fd };
		size_t octets;
		uint8_t *entry = q != NULL ? qemu_part(q, job, fd, &octets)
					   : work(p->conf, job, &w, &octets);

		sent = entry != NULL && send_all(fd, entry, octets);
		free(entry);
	}
	qemu_free(q);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Signals do nothing (and the default again to what the device starts): the stream's end counts. */
static void settle_down(const struct pool *p)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction nothing = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		sigaction(ignored[i], &nothing, NULL);
	sigaction(SIGCHLD, &p->old_chld, NULL);
	sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
	if (null > STDIN_FILENO) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
	close(p->signals);
	close(p->timer);
	for (unsigned i = 0; i < p->n; i++)
		if (p->worker[i].pid != 0 && p->worker[i].fd >= 0)
			close(p->worker[i].fd);
}

static int start(struct pool *p, struct worker *w)
{
	int fd[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	fflush(NULL); /* or a child that exits writes it again */
	pid = fork();
	if (pid < 0) {
		int err = errno;

		close(fd[0]);
		close(fd[1]);
		return -err;
	}
	if (pid == 0) {
		close(fd[0]);
		settle_down(p);
		serve(p, fd[1]);
		_exit(0);
	}
	setpgid(pid, pid); /* whoever of the two is first */
	close(fd[1]);
	*w = (struct worker){ .pid = pid, .fd = fd[0] };
	return 0;
}

/*
 * The pool, in the parent.
 */

int pool_new(const struct run_conf *conf, const struct job *jobs, struct pool **ret)
{
	const struct timespec tick = { .tv_nsec = (long)(NS_PER_S / POOL_TICKS_PER_S) };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	struct pool *p = calloc(1, sizeof(*p));
	sigset_t mask;

	ASSERT(p != NULL && conf->jobs > 0 && conf->jobs <= RUN_JOBS_MAX);
	p->conf = conf;
	p->jobs = jobs;
	p->n = conf->jobs;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	for (int i = 0; conf->signals && i < 3; i++)
		sigaddset(&mask, (int[]){ SIGINT, SIGTERM, SIGHUP }[i]);
	p->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->signals < 0 || p->timer < 0) {
		int err = errno;

		close(p->signals);
		close(p->timer);
		free(p);
		return -err;
	}
	sigaction(SIGCHLD, &dfl, &p->old_chld);
	sigprocmask(SIG_BLOCK, &mask, &p->old_mask);
	timerfd_settime(p->timer, 0, &(struct itimerspec){ tick, tick }, NULL);
	*ret = p;
	return 0;
}

static bool give(struct worker *w, size_t job)
{
	uint8_t number[8];

	put_be64(number, job);
	w->busy = send_all(w->fd, number, sizeof(number));
	w->job = job;
	return w->busy;
}

int pool_give(struct pool *p, size_t job)
{
	int rc;

	for (unsigned i = 0; i < p->n; i++) {
		struct worker *w = &p->worker[i];

		if (w->pid != 0 && (w->busy || w->fd < 0))
			continue;
		rc = w->pid == 0 ? start(p, w) : 0;
		if (rc < 0)
			return rc;
		if (give(w, job))
			return 0;
	}
	return -EBUSY;
}

static void hang_up(struct worker *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* Is what it has said a result, whole, and of its job? Then it is the event. */
static bool is_result(const struct pool *p, struct worker *w, struct pool_event *ret)
{
	const struct job *job = &p->jobs[w->job];
	struct rd in = rd_of(w->in, w->n);
	struct journal_entry e;
	struct journal_result r;
	int rc = w->n > 0 ? journal_next(&in, &e) : 0;

	if (rc == 0)
		return false;
	if (rc < 0 || !w->busy || in.left > 0 || e.type != JOURNAL_RESULT ||
	    !journal_get_result(e.body, &r) || !journal_is(r.suite, job->suite->name) ||
	    !journal_is(r.id, job->part->id) || r.role != job->role) {
		hang_up(w); /* nonsense: it will be seen to have died */
		kill(-w->pid, SIGKILL);
		return false;
	}
	*ret = (struct pool_event){ POOL_RESULT, w->job, w->in, w->n, "" };
	w->in = NULL;
	w->n = w->room = 0;
	w->busy = false;
	return true;
}

/* Read what is there. Return: is a result complete? */
static bool hear(const struct pool *p, struct worker *w, struct pool_event *ret)
{
	ssize_t got;

	if (w->room - w->n < CHUNK) {
		w->room = MAX(w->room * 2, 2u * CHUNK);
		w->in = realloc(w->in, w->room);
		ASSERT(w->in != NULL);
	}
	got = recv(w->fd, w->in + w->n, w->room - w->n, MSG_DONTWAIT);
	if (got > 0) {
		w->n += (size_t)got;
		return is_result(p, w, ret);
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		hang_up(w);
		if (!p->stopping)
			kill(-w->pid, SIGKILL);
	}
	return false;
}

static void describe(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(why, size, "the process of this part was ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "the process of this part ended before its time, status %d",
			 WEXITSTATUS(status));
}

/* Still a zombie, so that its number is nobody else's yet. */
static bool has_ended(const struct worker *w)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid != 0;
}

/* What it said last may not have been heard yet; what it has started ends with it. */
static bool bury(const struct pool *p, struct worker *w, struct pool_event *ret)
{
	bool result = false;
	int status = 0;

	while (w->fd >= 0 && !result) {
		size_t before = w->n;

		result = hear(p, w, ret);
		if (w->n == before)
			break;
	}
	if (!p->stopping)
		kill(-w->pid, SIGKILL);
	waitpid(w->pid, &status, 0);
	if (!result && w->busy) {
		*ret = (struct pool_event){ .type = POOL_DIED, .job = w->job };
		describe(status, ret->why, sizeof(ret->why));
		result = true;
	}
	hang_up(w);
	free(w->in);
	*w = (struct worker){ 0 };
	return result;
}

/* Is there one who has ended, with something to tell? */
static bool reap(struct pool *p, struct pool_event *ret)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct worker *w = &p->worker[i];

		if (w->pid != 0 && has_ended(w) && bury(p, w, ret))
			return true;
	}
	return false;
}

static bool is_empty(const struct pool *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->worker[i].pid != 0)
			return false;
	return true;
}

static bool take_signal(struct pool *p, struct pool_event *ret)
{
	struct signalfd_siginfo info;

	while (read(p->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		ret->type = POOL_SIGNAL;
		return true;
	}
	return reap(p, ret);
}

static bool take_tick(struct pool *p, struct pool_event *ret)
{
	uint64_t n;

	if (read(p->timer, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return false;
	p->ticks += n;
	ret->type = POOL_TICK;
	return true;
}

/* One round of poll(). Return: is there an event? */
static bool look(struct pool *p, struct pool_event *ret)
{
	struct pollfd fd[2 + RUN_JOBS_MAX] = { { .fd = p->signals, .events = POLLIN },
					       { .fd = p->timer, .events = POLLIN } };

	for (unsigned i = 0; i < p->n; i++)
		fd[2 + i] = (struct pollfd){ .fd = p->worker[i].pid != 0 ? p->worker[i].fd : -1,
					     .events = POLLIN };
	if (poll(fd, 2 + p->n, -1) < 0)
		return false;
	if (fd[0].revents != 0 && take_signal(p, ret))
		return true;
	for (unsigned i = 0; i < p->n; i++)
		if (fd[2 + i].revents != 0 && p->worker[i].pid != 0 && p->worker[i].fd >= 0 &&
		    hear(p, &p->worker[i], ret))
			return true;
	return fd[1].revents != 0 && take_tick(p, ret);
}

void pool_wait(struct pool *p, struct pool_event *ret)
{
	*ret = (struct pool_event){ .type = POOL_EMPTY };
	if (reap(p, ret)) /* several may have ended at once */
		return;
	while (!is_empty(p))
		if (look(p, ret))
			return;
}

unsigned pool_running(const struct pool *p, size_t *jobs)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		if (p->worker[i].pid != 0 && p->worker[i].busy)
			jobs[n++] = p->worker[i].job;
	return n;
}

uint64_t pool_ticks(const struct pool *p)
{
	return p->ticks;
}

void pool_stop(struct pool *p)
{
	p->stopping = true;
	for (unsigned i = 0; i < p->n; i++)
		if (p->worker[i].pid != 0 && p->worker[i].fd >= 0)
			shutdown(p->worker[i].fd, SHUT_WR);
}

void pool_kill(struct pool *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->worker[i].pid != 0)
			kill(-p->worker[i].pid, SIGKILL);
}

void pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pool_stop(p);
	for (unsigned i = 0; i < p->n; i++) {
		struct worker *w = &p->worker[i];

		if (w->pid == 0)
			continue;
		hang_up(w);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
		free(w->in);
	}
	sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
	sigaction(SIGCHLD, &p->old_chld, NULL);
	close(p->signals);
	close(p->timer);
	free(p);
}
