/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the guest has two serial ports. The first is its console, of which the end is
 * kept: it says why a machine died. On the second, a socket pair, requests go in as lines and
 * entries of a journal come out; they carry their length and a digest, so that nothing torn is
 * believed. When QEMU ends for whatever reason both are at their end.
 *
 * -icount: an instruction takes 4 ns of the guest's time, and when all processes wait the time is
 * that of the next timer at once. No clock of the host is seen (-rtc clock=vm), and all randomness
 * is of the seed.
 */
#include "conform/qemu.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conform/guest.h"
#include "conform/initrd.h"
#include "conform/journal.h"
#include "conform/live.h"
#include "conform/work.h"

#define BOOT_WITHIN (120 * NS_PER_S)
#define PART_WITHIN (300 * NS_PER_S)
#define BOOTS_MAX   2 /* in a row that fail: then there is no third */
#define TAIL_OCTETS 4096
#define CHUNK	    65536
#define WHY_OCTETS  512
#define FIRST_FD    3 /* in QEMU: the port, the kernel, the root file system */

/* Of the kernel; the environment of its init; and that one's arguments. */
static const char cmdline[] = "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off "
			      "LD_LIBRARY_PATH=/lib ASAN_OPTIONS=detect_leaks=0 -- conform guest";

struct qemu {
	const struct qemu_conf *conf;
	pid_t pid;	   /* 0: there is no machine */
	int port, console; /* -1: at its end */
	unsigned failed;   /* boots in a row */
	char why[WHY_OCTETS];
	char tail[TAIL_OCTETS]; /* of the console */
	size_t n_tail;
	uint8_t *in; /* of the port, not yet an entry */
	size_t n, room;
};

enum heard { HEARD_ENTRY, HEARD_NONSENSE, HEARD_END, HEARD_NOTHING, HEARD_STOP };

/*
 * Before a run.
 */

static int copy_in(const char *path, char *why, size_t size)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("kernel", MFD_CLOEXEC);
	char chunk[CHUNK];
	ssize_t got = -1;

	while (from >= 0 && to >= 0 && (got = read(from, chunk, sizeof(chunk))) > 0)
		if (write(to, chunk, (size_t)got) != got)
			break;
	if (from >= 0)
		close(from);
	if (got == 0)
		return to;
	snprintf(why, size, "%s: %s", path, strerror(errno));
	if (to >= 0)
		close(to);
	return -EIO;
}

int qemu_prepare(struct qemu_conf *conf, const char *kernel, char *why, size_t size)
{
	static const char *const argv[] = { QEMU_PROGRAM, "--version", NULL };
	struct live_said said;
	struct kernel k;
	int rc;

	*conf = (struct qemu_conf){ .program = QEMU_PROGRAM,
				    .kernel = -1,
				    .initrd = -1,
				    .version = conf->version,
				    .seed = conf->seed,
				    .boot_within = BOOT_WITHIN,
				    .part_within = PART_WITHIN };
	rc = live_run(argv, NULL, BOOT_WITHIN, &said);
	if (rc != 0) {
		live_why(QEMU_PROGRAM " (package qemu-system-x86)", rc, &said, why, size);
		return rc < 0 ? rc : -EIO;
	}
	rc = kernel_find(&k, kernel, why, size);
	if (rc == 0)
		rc = conf->kernel = copy_in(k.image, why, size);
	if (rc >= 0)
		rc = conf->initrd = initrd_new(&k, why, size);
	kernel_done(&k);
	return MIN(rc, 0);
}

void qemu_unprepare(struct qemu_conf *conf)
{
	if (conf->kernel >= 0)
		close(conf->kernel);
	if (conf->initrd >= 0)
		close(conf->initrd);
	conf->kernel = conf->initrd = -1;
}

/*
 * Starting and ending a machine.
 */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child. @fd: three, all above those which they will be. */
static _Noreturn void become_qemu(const struct qemu_conf *conf, const int *fd, int console)
{
	char seed[24];
	const char *argv[] = { conf->program,
			       "-nodefaults",
			       "-no-user-config",
			       "-no-reboot",
			       "-display",
			       "none",
			       "-accel",
			       "tcg",
			       "-cpu",
			       "max",
			       "-m",
			       "512",
			       "-icount",
			       "shift=2,sleep=off",
			       "-seed",
			       seed,
			       "-rtc",
			       "base=2026-01-01T00:00:00,clock=vm",
			       "-chardev",
			       "stdio,id=console,signal=off",
			       "-serial",
			       "chardev:console",
			       "-chardev",
			       "socket,id=port,fd=3",
			       "-serial",
			       "chardev:port",
			       "-kernel",
			       "/proc/self/fd/4",
			       "-initrd",
			       "/proc/self/fd/5",
			       "-append",
			       cmdline,
			       NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *const *args;

	memcpy(&args, &(const char *const *){ argv }, sizeof(args)); /* which are only read */
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)conf->seed);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(console, STDOUT_FILENO);
	dup2(console, STDERR_FILENO);
	for (int i = 0; i < 3; i++)
		dup2(fd[i], FIRST_FD + i);
	execvp(conf->program, args);
	fprintf(stderr, GUEST_SAYS "%s: %s; install qemu-system-x86\n", conf->program,
		strerror(errno));
	_exit(127);
}

static int high(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

static bool start(struct qemu *q)
{
	int port[2] = { -1, -1 }, console[2] = { -1, -1 };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, port) == 0 &&
	    pipe2(console, O_CLOEXEC) == 0) {
		q->pid = fork();
		if (q->pid == 0) {
			int fd[] = { high(port[1]), high(q->conf->kernel), high(q->conf->initrd) };

			become_qemu(q->conf, fd, high(console[1]));
		}
	}
	if (q->pid <= 0)
		snprintf(q->why, sizeof(q->why), "a process for QEMU: %s", strerror(errno));
	close_fd(&port[1]);
	close_fd(&console[1]);
	q->port = port[0];
	q->console = console[0];
	q->n = q->n_tail = 0;
	return q->pid > 0;
}

static void end(struct qemu *q)
{
	if (q->pid > 0) {
		kill(q->pid, SIGKILL);
		waitpid(q->pid, NULL, 0);
	}
	q->pid = 0;
	close_fd(&q->port);
	close_fd(&q->console);
}

/*
 * Hearing.
 */

/* Keep the end of it. */
static void hear_console(struct qemu *q)
{
	char chunk[1024];
	ssize_t got = read(q->console, chunk, sizeof(chunk));
	size_t n = (size_t)MAX(got, 0), over;

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&q->console);
	over = q->n_tail + n > sizeof(q->tail) ? q->n_tail + n - sizeof(q->tail) : 0;
	memmove(q->tail, q->tail + over, q->n_tail - over);
	q->n_tail -= over;
	memcpy(q->tail + q->n_tail, chunk, n);
	q->n_tail += n;
}

static void hear_port(struct qemu *q)
{
	ssize_t got;

	if (q->room - q->n < CHUNK) {
		q->room = MAX(q->room * 2, 2u * CHUNK);
		q->in = realloc(q->in, q->room);
		ASSERT(q->in != NULL);
	}
	got = recv(q->port, q->in + q->n, q->room - q->n, MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&q->port);
	q->n += (size_t)MAX(got, 0);
}

/* Wait for something, or until @until. Return: HEARD_ENTRY if there may be one. */
static enum heard attend(struct qemu *q, int stop, time_ns until)
{
	struct pollfd fd[] = { { .fd = q->port, .events = POLLIN },
			       { .fd = q->console, .events = POLLIN },
			       { .fd = stop, .events = POLLRDHUP } };
	time_ns now = live_now();

	if (now >= until)
		return HEARD_NOTHING;
	if (q->port < 0 && q->console < 0)
		return HEARD_END;
	if (poll(fd, ARRAY_LEN(fd), (int)((until - now) / NS_PER_MS) + 1) < 0)
		return HEARD_ENTRY;
	if (fd[2].revents != 0)
		return HEARD_STOP;
	if (fd[1].revents != 0)
		hear_console(q);
	if (fd[0].revents != 0)
		hear_port(q);
	return HEARD_ENTRY;
}

/* The next entry, whole, at the beginning of q->in: @e and the octets of it. */
static enum heard hear(struct qemu *q, int stop, time_ns within, struct journal_entry *e,
		       size_t *octets)
{
	time_ns until = time_after(live_now(), within);
	enum heard heard;

	do {
		struct rd in = rd_of(q->in, q->n);
		int rc = q->n > 0 ? journal_next(&in, e) : 0;

		if (rc < 0)
			return HEARD_NONSENSE;
		*octets = q->n - in.left;
		if (rc > 0)
			return HEARD_ENTRY;
		heard = attend(q, stop, until);
	} while (heard == HEARD_ENTRY);
	return heard;
}

static void forget(struct qemu *q, size_t octets)
{
	memmove(q->in, q->in + octets, q->n - octets);
	q->n -= octets;
}

/*
 * Why a machine ended.
 */

/* The last line of the console with @word in it, or the last one that is not empty. */
static bool last_line(const struct qemu *q, const char *word, char *to, size_t size)
{
	const char *p = q->tail, *end = q->tail + q->n_tail;
	bool found = false;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl != NULL ? nl : end;
		size_t n = (size_t)(stop - p);

		while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' '))
			n--;
		if (n > 0 && memmem(p, n, word, strlen(word)) != NULL) {
			snprintf(to, size, "%.*s", (int)n, p);
			found = true;
		}
		p = stop + 1;
	}
	return found;
}

static void explain(struct qemu *q, enum heard heard, const char *doing, time_ns within)
{
	char line[256] = "nothing";
	const char *at;

	if (last_line(q, GUEST_SAYS, line, sizeof(line))) {
		at = strstr(line, GUEST_SAYS);
		snprintf(q->why, sizeof(q->why), "the machine ended %s: %s", doing,
			 at + strlen(GUEST_SAYS));
		return;
	}
	if (!last_line(q, "Kernel panic", line, sizeof(line)))
		last_line(q, "", line, sizeof(line));
	if (heard == HEARD_NOTHING)
		snprintf(q->why, sizeof(q->why),
			 "the machine hung %s: nothing came for %u s; its last words: %s", doing,
			 (unsigned)(within / NS_PER_S), line);
	else if (heard == HEARD_NONSENSE)
		snprintf(q->why, sizeof(q->why),
			 "the machine talked nonsense %s: is something else on its second serial "
			 "port? Its last words: %s",
			 doing, line);
	else
		snprintf(q->why, sizeof(q->why), "the machine ended %s; its last words: %s", doing,
			 line);
}

/*
 * Parts.
 */

static bool is_version(const struct qemu *q, const struct journal_entry *e)
{
	struct journal_header h;

	return e->type == JOURNAL_HEADER && journal_get_header(e->body, &h) &&
	       journal_is(h.version, q->conf->version);
}

static enum heard boot(struct qemu *q, int stop)
{
	struct journal_entry e;
	enum heard heard;
	size_t octets;

	if (!start(q))
		return HEARD_END;
	heard = hear(q, stop, q->conf->boot_within, &e, &octets);
	if (heard == HEARD_ENTRY && !is_version(q, &e))
		heard = HEARD_NONSENSE;
	if (heard == HEARD_ENTRY)
		forget(q, octets);
	else
		explain(q, heard, "before it was up", q->conf->boot_within);
	return heard;
}

static bool ask(struct qemu *q, const struct job *job)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%s %s %s\n", job->suite->name, job->part->id,
			 nut_role_name(job->role));

	return send(q->port, line, (size_t)n, MSG_NOSIGNAL) == n;
}

static bool is_about(const struct journal_entry *e, const struct job *job)
{
	struct journal_result r;

	return e->type == JOURNAL_RESULT && journal_get_result(e->body, &r) &&
	       journal_is(r.suite, job->suite->name) && journal_is(r.id, job->part->id) &&
	       r.role == job->role;
}

/* The entry of @job, or the machine is no good. */
static enum heard run(struct qemu *q, const struct job *job, int stop, size_t *octets)
{
	struct journal_entry e;
	enum heard heard = HEARD_END;

	if (ask(q, job))
		heard = hear(q, stop, q->conf->part_within, &e, octets);
	if (heard == HEARD_ENTRY && !is_about(&e, job))
		heard = HEARD_NONSENSE;
	if (heard != HEARD_ENTRY)
		explain(q, heard, "during this part", q->conf->part_within);
	return heard;
}

uint8_t *qemu_part(struct qemu *q, const struct job *job, int stop, size_t *octets)
{
	enum heard heard = HEARD_ENTRY;
	uint8_t *entry;

	if (q->pid == 0 && q->failed >= BOOTS_MAX)
		return work_lost(job, q->why, octets);
	if (q->pid == 0) {
		heard = boot(q, stop);
		q->failed = heard == HEARD_ENTRY ? 0 : q->failed + 1;
	}
	if (heard == HEARD_ENTRY)
		heard = run(q, job, stop, octets);
	if (heard != HEARD_ENTRY) {
		end(q);
		return heard == HEARD_STOP ? NULL : work_lost(job, q->why, octets);
	}
	entry = malloc(*octets);
	ASSERT(entry != NULL);
	memcpy(entry, q->in, *octets);
	forget(q, *octets);
	return entry;
}

struct qemu *qemu_new(const struct qemu_conf *conf)
{
	struct qemu *q = calloc(1, sizeof(*q));

	ASSERT(q != NULL);
	q->conf = conf;
	q->port = q->console = -1;
	return q;
}

void qemu_free(struct qemu *q)
{
	if (q == NULL)
		return;
	end(q);
	free(q->in);
	free(q);
}
