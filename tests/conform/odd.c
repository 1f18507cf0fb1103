/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "conform/odd.h"

static unsigned up(unsigned *n)
{
	return __atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
}

unsigned get(const unsigned *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static time_ns clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

void nap(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * (long)NS_PER_MS };

	nanosleep(&ts, NULL);
}

/*
 * A simulated node that may die, and a device in real time that is dead.
 */

struct odd {
	struct nut nut;
	struct nut_ops ops;
	struct nut *sim;
	struct shared *shared;
};

static struct odd *odd_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct odd, nut);
}

static int odd_start(struct nut *nut, enum nut_role role)
{
	struct odd *o = odd_of(nut);

	for (unsigned i = 0; get(&o->shared->opened) < o->shared->meet; i++) {
		if (i == PATIENCE_MS)
			return -ETIMEDOUT;
		nap(1);
	}
	return o->shared->dead ? 0 : o->sim->ops->start(o->sim, role);
}

static void odd_stop(struct nut *nut)
{
	if (!odd_of(nut)->shared->dead)
		odd_of(nut)->sim->ops->stop(odd_of(nut)->sim);
}

static int odd_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	return odd_of(nut)->sim->ops->addr(odd_of(nut)->sim, link, a, len);
}

static int odd_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	return odd_of(nut)->sim->ops->advertise(odd_of(nut)->sim, link, adv);
}

static struct mac odd_mac(struct nut *nut, enum nut_link link)
{
	return odd_of(nut)->sim->ops->mac(odd_of(nut)->sim, link);
}

static void odd_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	if (!odd_of(nut)->shared->dead && !odd_of(nut)->shared->deaf)
		odd_of(nut)->sim->ops->send(odd_of(nut)->sim, link, p, octets);
}

static bool odd_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	if (!odd_of(nut)->shared->dead)
		return odd_of(nut)->sim->ops->recv(odd_of(nut)->sim, until, ret);
	while (clock_now() < until)
		nap(1);
	up(&odd_of(nut)->shared->waits);
	return false;
}

static time_ns odd_now(struct nut *nut)
{
	if (odd_of(nut)->shared->dead)
		return clock_now();
	return odd_of(nut)->sim->ops->now(odd_of(nut)->sim);
}

static void odd_close(struct nut *nut)
{
	struct odd *o = odd_of(nut);

	o->sim->ops->close(o->sim);
	up(&o->shared->closed);
	free(o);
}

static void die(const struct shared *shared)
{
	if (shared->leaves_one && fork() == 0)
		pause();
	if (shared->how == 0)
		_exit(3);
	kill(getpid(), shared->how);
}

static struct nut *open_odd(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct shared *shared = ctx;
	unsigned n = up(&shared->opened);
	struct odd *o;

	if (n == shared->dies_at)
		die(shared);
	if (n == shared->error_at) {
		snprintf(why, size, "the moon is too full");
		return NULL;
	}
	o = calloc(1, sizeof(*o));
	assert_non_null(o);
	o->shared = shared;
	o->sim = nut_sim_new(seed);
	o->ops = (struct nut_ops){ .name = "odd",
				   .virtual_time = !shared->dead,
				   .start = odd_start,
				   .stop = odd_stop,
				   .addr = odd_addr,
				   .advertise = odd_advertise,
				   .mac = odd_mac,
				   .send = odd_send,
				   .recv = odd_recv,
				   .now = odd_now,
				   .close = odd_close };
	o->nut.ops = &o->ops;
	o->nut.has = NUT_CAN_ADDR | NUT_CAN_ADVERTISE | NUT_CAN_FORWARD;
	return &o->nut;
}

int setup(void **state)
{
	*state = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return *state == MAP_FAILED;
}

int teardown(void **state)
{
	return munmap(*state, sizeof(struct shared));
}

const char *const header[] = { "v6lc.1.1.*" };

struct run_conf conf_of(struct shared *shared, unsigned jobs)
{
	return (struct run_conf){ .roles = NUT_BOTH,
				  .globs = header,
				  .n_globs = 1,
				  .nut_name = "odd",
				  .seed = 1,
				  .open = open_odd,
				  .ctx = shared,
				  .jobs = jobs,
				  .version = "1" };
}

char *json_of(const struct run_conf *conf, struct tally *tally)
{
	struct jsonw json;
	char *text = NULL;
	struct out o;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	jsonw_init(&json, 0);
	out_json_init(&o, f, &json);
	assert_int_equal(run_parts(conf, &o, tally), 0);
	jsonw_done(&json);
	fclose(f);
	return text;
}

void temp_file(char path[32])
{
	int fd;

	snprintf(path, 32, "/tmp/inaba-run-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

void write_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

uint8_t *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(p);
	*n = fread(p, 1, 1 << 20, f);
	assert_true(*n < 1 << 20);
	fclose(f);
	return p;
}

static void note(struct out *o, const struct result *r)
{
	struct told *t = CONTAINER_OF(o, struct told, out);

	assert_true(t->n < ARRAY_LEN(t->verdict));
	t->part[t->n] = r->part;
	t->verdict[t->n] = r->verdict;
	snprintf(t->why[t->n++], sizeof(t->why[0]), "%s", r->why != NULL ? r->why : "");
}

static void note_tick(struct out *o, const struct progress *p)
{
	struct told *t = CONTAINER_OF(o, struct told, out);

	t->ticks++;
	assert_true(p->done >= t->done && p->done <= p->n_parts);
	t->done = p->done;
	t->running = MAX(t->running, p->n_running);
	for (unsigned i = 0; i < p->n_running; i++)
		assert_non_null(p->running[i]->part);
}

struct told run_and_note(const struct run_conf *conf, int want)
{
	struct told t = { .out = { .part = note, .tick = note_tick } };
	struct tally tally;

	assert_int_equal(run_parts(conf, &t.out, &tally), want);
	assert_int_equal(tally.n, t.n);
	return t;
}
