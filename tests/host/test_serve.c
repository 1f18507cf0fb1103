/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A node as a process, asked through its control socket: what its devices refuse is among its
 * drops. Needs no privileges; the other process is waited for, in real time.
 */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/control.h"
#include "host/serve.h"
#include "link/runtime.h"

#define PATIENCE_MS 10000 /* only a failure waits so long */
#define PAUSE_MS    20

struct rig {
	char home[64]; /* XDG_RUNTIME_DIR while the test runs */
	pid_t node;
	int segment; /* a station of our own on the node's segment */
	char answer[65536];
};

/* The child's life; the pipe tells that its sockets are there. */
static void run_node(int ready)
{
	struct serve_conf conf = { .name = "n", .n_ifs = 1 };
	char err[SERVE_ERR] = "";
	struct serve *s;

	conf.iface[0] = (struct serve_if){ .name = "e", .dev = "wire:lan0" };
	if (serve_open(&conf, &s, err) < 0) {
		fprintf(stderr, "%s\n", err);
		_exit(1);
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	_exit(serve_run(s) == 0 ? 0 : 1);
}

/* To the one socket on the segment, as a process would that keeps to no rules. */
static int join_segment(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char dir[64], err[RUNTIME_ERR];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct dirent *e;
	DIR *list;

	assert_true(fd >= 0);
	assert_int_equal(runtime_dir("wire/lan0", dir, sizeof(dir), err), 0);
	list = opendir(dir);
	assert_non_null(list);
	while ((e = readdir(list)) != NULL)
		if (e->d_name[0] != '.')
			snprintf(sun.sun_path, sizeof(sun.sun_path), "%.60s/%.40s", dir, e->d_name);
	closedir(list);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	int ready[2];
	char octet;

	snprintf(r->home, sizeof(r->home), "/tmp/inaba-test-XXXXXX");
	assert_non_null(mkdtemp(r->home));
	assert_int_equal(setenv("XDG_RUNTIME_DIR", r->home, 1), 0);
	assert_int_equal(pipe(ready), 0);
	r->node = fork();
	if (r->node == 0)
		run_node(ready[1]);
	assert_true(r->node > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	r->segment = join_segment();
	*state = r;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static const char *ask(struct rig *r, const char *line)
{
	int fd = control_connect("n", line);
	size_t have = 0;
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, r->answer + have, sizeof(r->answer) - 1 - have)) > 0)
		have += (size_t)n;
	r->answer[have] = '\0';
	close(fd);
	return r->answer;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	int status;

	ask(r, "down\n");
	assert_int_equal(waitpid(r->node, &status, 0), r->node);
	assert_int_equal(status, 0);
	close(r->segment);
	nftw(r->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
	return 0;
}

/* Of the reason @why in the status; 0 if it is not there. */
static unsigned drops(struct rig *r, const char *why)
{
	const char *at = strstr(ask(r, "status\n"), "\"drops\"");
	char name[64];

	assert_non_null(at);
	snprintf(name, sizeof(name), "\"%s\"", why);
	at = strstr(at, name);
	if (at == NULL)
		return 0;
	at = strstr(at, "\"count\": ");
	assert_non_null(at);
	return (unsigned)strtoul(at + strlen("\"count\": "), NULL, 10);
}

/* Two frames shorter than an Ethernet header, refused by the device; one that the node refuses. */
static void test_device_drops_are_shown(void **state)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	static const uint8_t frame[60] = { 0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	struct rig *r = *state;
	unsigned waited = 0;

	assert_int_equal(drops(r, "LINK_SHORT"), 0);
	assert_int_equal(send(r->segment, frame, 1, 0), 1);
	assert_int_equal(send(r->segment, frame, 13, 0), 13);
	assert_int_equal(send(r->segment, frame, sizeof(frame), 0), sizeof(frame));
	for (; drops(r, "LINK_TYPE") == 0 && waited < PATIENCE_MS; waited += PAUSE_MS)
		nanosleep(&pause, NULL);
	assert_int_equal(drops(r, "LINK_TYPE"), 1);
	assert_int_equal(drops(r, "LINK_SHORT"), 2);
	assert_int_equal(send(r->segment, frame, 5, 0), 5);
	for (; drops(r, "LINK_SHORT") < 3 && waited < PATIENCE_MS; waited += PAUSE_MS)
		nanosleep(&pause, NULL);
	assert_int_equal(drops(r, "LINK_SHORT"), 3); /* and none is counted twice */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_device_drops_are_shown, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
