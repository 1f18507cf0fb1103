/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: each part is run by a child, so that one which crashes costs its verdict and
 * no more. Time is virtual: it is counted in instructions, and where the guest would wait it is
 * later at once. So one part after the other is as fast as many at a time, and does not disturb
 * them; parts that wait for hours can be run.
 */
#include "conform/guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "conform/initrd.h"
#include "conform/journal.h"
#include "conform/live.h"
#include "conform/work.h"

#define PORT	      "/dev/ttyS1"
#define LINE_OCTETS   512
#define NEIGHBORS_MAX "16384" /* all parts share the table of neighbors: none is to fill it up */
#define IP_WITHIN     (20 * NS_PER_S)

struct guest {
	int port;
	const char *version;
	struct run_conf conf;
	struct nut *(*open)(void *ctx, uint64_t seed, char *why, size_t size);
};

static _Noreturn void power_off(void)
{
	sync();
	/* QEMU is told to end instead; reboot() is also a word of cases */
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART,
		NULL);
	_exit(1);
}

static _Noreturn void give_up(const char *fmt, ...) PRINTF(1, 2);
static _Noreturn void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "\n" GUEST_SAYS);
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	fflush(stderr);
	tcdrain(STDERR_FILENO);
	power_off();
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/*
 * Preparing.
 */

static void mount_all(void)
{
	static const struct {
		const char *what, *where;
	} mounts[] = { { "proc", "/proc" },
		       { "sysfs", "/sys" },
		       { "devtmpfs", "/dev" },
		       { "tmpfs", "/tmp" },
		       { "tmpfs", "/run" } };

	for (size_t i = 0; i < ARRAY_LEN(mounts); i++)
		if (mount(mounts[i].what, mounts[i].where, mounts[i].what, 0, NULL) != 0 &&
		    errno != EBUSY)
			give_up("this kernel has no %s: %s", mounts[i].what, strerror(errno));
}

static void load(const char *name)
{
	bool plain = strcmp(name + strlen(name) - 3, ".ko") == 0;
	char path[LINE_OCTETS];
	int fd;

	snprintf(path, sizeof(path), "/" INITRD_MODULES "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 ||
	    (syscall(SYS_finit_module, fd, "", plain ? 0 : MODULE_INIT_COMPRESSED_FILE) != 0 &&
	     errno != EEXIST))
		give_up("module %s: %s; is it of this kernel%s?", name, strerror(errno),
			plain ? "" : ", and can this kernel unpack it? Give it unpacked");
	close(fd);
}

static void load_all(void)
{
	struct dirent **names = NULL;
	int n = scandir("/" INITRD_MODULES, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			load(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* Where something is missing all parts would fail, each in its own way: better once, and plainly. */
static void check(void)
{
	static const char *const add[] = { "ip",   "link", "add",  "x", "type",
					   "veth", "peer", "name", "y", NULL };
	static const char *const del[] = { "ip", "link", "del", "x", NULL };
	struct live_said said;
	char why[LINE_OCTETS];
	int rc;

	if (access("/proc/net/if_inet6", F_OK) != 0)
		give_up("this kernel has no IPv6, and there was no module of it");
	rc = live_run(add, NULL, IP_WITHIN, &said);
	if (rc == 0)
		rc = live_run(del, NULL, IP_WITHIN, &said);
	if (rc == 0)
		return;
	live_why("ip", rc, &said, why, sizeof(why));
	give_up("no veth devices (%s): give the directory of an unpacked package linux-image-*, or "
		"the package, not its vmlinuz alone",
		why);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

static void settings(void)
{
	char path[LINE_OCTETS];

	for (unsigned i = 1; i <= 3; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/ipv6/neigh/default/gc_thresh%u", i);
		put(path, NEIGHBORS_MAX);
	}
}

static int port_open(void)
{
	int fd = open(PORT, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios tio;

	if (fd < 0 || tcgetattr(fd, &tio) != 0)
		give_up("%s: %s; the kernel needs SERIAL_8250", PORT, strerror(errno));
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	if (tcsetattr(fd, TCSANOW, &tio) != 0)
		give_up("%s: %s", PORT, strerror(errno));
	return fd;
}

/*
 * Serving.
 */

static struct rd text_of(const char *s)
{
	return rd_of(s, MIN(strlen(s), JOURNAL_NAME_MAX));
}

static void greet(const struct guest *g)
{
	uint8_t buf[4 * JOURNAL_NAME_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct utsname u;

	uname(&u);
	journal_put_header(&w, &(struct journal_header){ .version = text_of(g->version),
							 .nut = text_of(u.release) });
	ASSERT(!w.overflow);
	if (!write_all(g->port, buf, wr_len(&w)))
		give_up("%s: %s", PORT, strerror(errno));
}

static bool find(const char *suite, const char *id, const char *role, struct job *ret)
{
	const struct suite *s;

	for (size_t i = 0; (s = suite_get(i)) != NULL; i++)
		for (size_t k = 0; k < s->n; k++)
			if (strcmp(s->name, suite) == 0 && strcmp(s->part[k].id, id) == 0) {
				*ret = (struct job){ s, &s->part[k],
						     strcmp(role, "host") == 0 ? NUT_HOST
									       : NUT_ROUTER };
				return true;
			}
	return false;
}

static struct nut *open_device(void *ctx, uint64_t seed, char *why, size_t size)
{
	const struct guest *g = ctx;
	struct nut *nut = g->open(NULL, seed, why, size);

	if (nut != NULL)
		nut->has |= NUT_WAITS_HOURS;
	return nut;
}

/* In the child. */
static _Noreturn void run(const struct guest *g, const struct job *job)
{
	size_t octets;
	uint8_t *entry = work_part(&g->conf, job, &octets);

	_exit(write_all(g->port, entry, octets) ? 0 : 1);
}

/* Init has all orphans for children, too. */
static int await(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = wait(&status);
	while (got != pid && (got > 0 || errno == EINTR));
	return status;
}

static void serve(const struct guest *g, const struct job *job)
{
	pid_t pid = fork();
	uint8_t *entry;
	size_t octets;
	char why[LINE_OCTETS];
	int status;

	if (pid == 0)
		run(g, job);
	status = pid > 0 ? await(pid) : 1;
	if (status == 0)
		return;
	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why),
			 "in the guest, the process of this part was ended by "
			 "signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(why, sizeof(why),
			 "in the guest, the process of this part ended before its "
			 "time, status %d",
			 WEXITSTATUS(status));
	entry = work_lost(job, why, &octets);
	if (!write_all(g->port, entry, octets))
		give_up("%s: %s", PORT, strerror(errno));
	free(entry);
}

static void serve_line(const struct guest *g, char *line)
{
	char *rest = line;
	const char *word[3];
	struct job job;

	for (size_t i = 0; i < ARRAY_LEN(word); i++) {
		word[i] = strsep(&rest, " ");
		if (word[i] == NULL)
			give_up("no request: \"%s\"", line);
	}
	if (!find(word[0], word[1], word[2], &job))
		give_up("there is no part %s %s", word[0], word[1]);
	serve(g, &job);
}

static _Noreturn void serve_all(const struct guest *g)
{
	FILE *in = fdopen(g->port, "r");
	char line[LINE_OCTETS];

	ASSERT(in != NULL);
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		serve_line(g, line);
	}
	give_up("%s: it ended", PORT);
}

int guest_main(const char *version,
	       struct nut *(*open)(void *ctx, uint64_t seed, char *why, size_t size))
{
	struct guest g = { .version = version, .open = open };

	if (getpid() != 1)
		return -EPERM;
	setenv("PATH", "/sbin", 1);
	mount_all();
	load_all();
	check();
	settings();
	g.port = port_open();
	g.conf = (struct run_conf){
		.roles = NUT_BOTH, .open = open_device, .ctx = &g, .version = version
	};
	greet(&g);
	serve_all(&g);
}
