/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/rig.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/linux.h"

static bool has_namespace;

static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool lo_up(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo");
	ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &ifr) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The tests run in a child: only a process of one thread gets a namespace, and sanitizers may have more. */
static void go_on_in_a_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid > 0) {
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			_exit(1);
		_exit(WEXITSTATUS(status));
	}
	ASSERT(pid == 0);
}

void rig_namespace(void)
{
	char uid[64], gid[64];

	go_on_in_a_child();
	snprintf(uid, sizeof(uid), "0 %u 1", getuid());
	snprintf(gid, sizeof(gid), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return;
	has_namespace = put_file("/proc/self/uid_map", uid) &&
			put_file("/proc/self/setgroups", "deny") &&
			put_file("/proc/self/gid_map", gid) && lo_up();
	if (!has_namespace) /* neither the machine's network nor one of our own */
		print_message("# a network namespace that cannot be used\n");
}

void rig_needs_namespace(const struct rig *r)
{
	if (!r->inside && !has_namespace)
		skip();
}

static struct rig *rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	return r;
}

int rig_inside(void **state)
{
	struct rig *r = rig_new();

	r->inside = true;
	world_init(&r->w, &(struct world_conf){ .seed = 1 });
	r->wn = world_add_node(&r->w, "n");
	r->h = world_host(r->wn);
	world_run(&r->w, NS_PER_S);
	*state = r;
	return 0;
}

int rig_linux(void **state)
{
	struct rig *r = rig_new();

	assert_int_equal(host_linux_new(&r->h), 0);
	*state = r;
	return 0;
}

int rig_done(void **state)
{
	struct rig *r = *state;

	if (r->inside)
		world_done(&r->w);
	else
		host_linux_free(r->h);
	free(r);
	return 0;
}

/* Return: false when @until is reached. */
static bool step(struct rig *r, time_ns until)
{
	int rc;

	if (r->inside)
		return world_step(&r->w, until);
	rc = host_linux_step(r->h, until);
	assert_true(rc >= 0);
	return rc > 0 || host_now(r->h) < until;
}

void rig_wait(struct rig *r, const unsigned *what, unsigned n)
{
	time_ns until = host_now(r->h) + RIG_WAIT;

	while (*what < n)
		if (!step(r, until))
			break;
	assert_int_equal(*what, n);
}

void rig_pass(struct rig *r, time_ns t)
{
	time_ns until = host_now(r->h) + t;

	while (step(r, until))
		;
}

struct ready {
	struct rig *r;
	unsigned n, events;
};

static void on_ready(void *ctx, int handle, unsigned events)
{
	struct ready *x = ctx;

	x->n++;
	x->events = events;
	assert_int_equal(host_unwatch(x->r->h, handle), 0);
}

unsigned rig_ready(struct rig *r, int handle, unsigned events)
{
	struct ready x = { .r = r };

	assert_int_equal(host_watch(r->h, handle, events, on_ready, &x), 0);
	rig_wait(r, &x.n, 1);
	return x.events;
}

unsigned rig_is_ready(struct rig *r, int handle, unsigned events)
{
	struct ready x = { .r = r };

	assert_int_equal(host_watch(r->h, handle, events, on_ready, &x), 0);
	rig_pass(r, RIG_PASS);
	assert_int_equal(host_unwatch(r->h, handle), 0);
	return x.events;
}

int rig_open(struct rig *r, int type, int protocol)
{
	int s = host_socket(r->h, AF_INET6, type, protocol);

	assert_true(s > 0);
	return s;
}

int rig_bound(struct rig *r, int type, struct sockaddr_in6 *at)
{
	socklen_t len = sizeof(*at);
	int s = rig_open(r, type, 0);

	*at = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	assert_int_equal(host_bind(r->h, s, (struct sockaddr *)at, sizeof(*at)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(host_listen(r->h, s, 8), 0);
	assert_int_equal(host_getsockname(r->h, s, (struct sockaddr *)at, &len), 0);
	assert_int_equal(len, sizeof(*at));
	assert_int_not_equal(at->sin6_port, 0);
	return s;
}

int rig_connect(struct rig *r, int handle, const struct sockaddr_in6 *to)
{
	return host_connect(r->h, handle, (const struct sockaddr *)to, sizeof(*to));
}

void rig_set(struct rig *r, int handle, int level, int name, int v)
{
	assert_int_equal(host_setsockopt(r->h, handle, level, name, &v, sizeof(v)), 0);
}

int rig_get(struct rig *r, int handle, int level, int name)
{
	int v = 0;
	socklen_t len = sizeof(v);

	assert_int_equal(host_getsockopt(r->h, handle, level, name, &v, &len), 0);
	assert_int_equal(len, sizeof(v));
	return v;
}

void rig_pair(struct rig *r, int *a, int *b)
{
	struct sockaddr_in6 at;
	int l = rig_bound(r, SOCK_STREAM, &at), rc;

	*a = rig_open(r, SOCK_STREAM, 0);
	rc = rig_connect(r, *a, &at);
	assert_true(rc == 0 || rc == -EINPROGRESS);
	assert_int_equal(rig_ready(r, *a, POLLOUT), POLLOUT);
	assert_int_equal(rig_get(r, *a, SOL_SOCKET, SO_ERROR), 0);
	assert_int_equal(rig_ready(r, l, POLLIN), POLLIN);
	*b = host_accept(r->h, l);
	assert_true(*b > 0);
	assert_int_equal(host_accept(r->h, l), -EAGAIN);
	assert_int_equal(host_close(r->h, l), 0);
}
