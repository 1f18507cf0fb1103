/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The demo, on many seeds: all it promises happens, one seed gives the same octets twice, and
 * what it leaves behind is whole: each frame in the capture once, a page that is well-formed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* the order matters to cmocka */
#include <cmocka.h>

#include "sim/page.h"

#define SEEDS	    20
#define BLOCK_FRAME 6 /* pcapng's Enhanced Packet Block */
#define BLOCK_LEAST 12

/* What a writer of the demo's writes; the caller frees it. */
struct text {
	char *p;
	size_t n;
};

static void write_page(const struct demo *d, FILE *f)
{
	page_write(d, f, "demo.pcapng");
}

static void write_text(const struct demo *d, FILE *f)
{
	demo_print(d, f, false);
}

static void write_capture(const struct demo *d, FILE *f)
{
	assert_int_equal(demo_capture(d, f), 0);
}

static struct text written(const struct demo *d, void (*fn)(const struct demo *d, FILE *f))
{
	struct text t = { NULL, 0 };
	FILE *f = open_memstream(&t.p, &t.n);

	assert_non_null(f);
	fn(d, f);
	assert_int_equal(fclose(f), 0);
	return t;
}

static void same(const struct demo *a, const struct demo *b,
		 void (*fn)(const struct demo *d, FILE *f))
{
	struct text x = written(a, fn), y = written(b, fn);

	assert_int_equal(x.n, y.n);
	assert_memory_equal(x.p, y.p, x.n);
	free(x.p);
	free(y.p);
}

static void every_seed_tells_the_same_story(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct demo *d = demo_run(seed);

		assert_int_equal(d->n_checks, 11);
		for (unsigned i = 0; i < d->n_checks; i++)
			if (!d->check[i].ok)
				fail_msg("seed %u: did not happen: %s", (unsigned)seed,
					 d->check[i].what);
		assert_true(demo_ok(d));
		demo_free(d);
	}
}

static void a_seed_is_a_run(void **state)
{
	struct demo *other = demo_run(SEEDS + 1);

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct demo *a = demo_run(seed), *b = demo_run(seed);
		struct text x = written(a, write_text), y = written(other, write_text);

		same(a, b, write_capture);
		same(a, b, write_page);
		same(a, b, write_text);
		assert_true(x.n != y.n || memcmp(x.p, y.p, x.n) != 0);
		free(x.p);
		free(y.p);
		demo_free(a);
		demo_free(b);
	}
	demo_free(other);
}

static uint32_t get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void the_capture_has_each_frame_once(void **state)
{
	struct demo *d = demo_run(1);
	struct text t = written(d, write_capture);
	uint64_t sent = 0, frames = 0;
	size_t at = 0;

	(void)state;
	while (at < t.n) {
		uint32_t len = get32(t.p + at + 4);

		assert_true(len >= BLOCK_LEAST && len <= t.n - at);
		if (get32(t.p + at) == BLOCK_FRAME) {
			uint32_t iface = get32(t.p + at + 8);

			assert_true(frames < d->capture.n && iface < DEMO_WIRES);
			assert_ptr_equal(d->capture.frame[frames].wire, d->wire[iface]);
			frames++;
		}
		at += len;
	}
	for (unsigned i = 0; i < DEMO_NODES; i++)
		sent += d->node[i].tx;
	assert_int_equal(frames, sent);
	assert_int_equal(frames, d->capture.n);
	free(t.p);
	demo_free(d);
}

/* The frame that met the core's MTU says so, and by whom it was dropped; there is just one. */
static void refusals_are_comments(void **state)
{
	struct demo *d = demo_run(1);
	unsigned r1 = 0, r3 = 0;

	(void)state;
	for (uint32_t i = 0; i < d->capture.n; i++) {
		const struct capture_frame *f = &d->capture.frame[i];

		if (f->comment[0] == NULL || strstr(f->comment[0], "IP6_TOO_BIG") == NULL)
			continue;
		assert_int_equal(f->len, ETH_HDR_OCTETS + 1500);
		assert_null(f->comment[1]);
		r1 += strstr(f->comment[0], "dropped by R1: ") != NULL &&
		      f->wire == d->wire[DEMO_LAN_A];
		r3 += strstr(f->comment[0], "dropped by R3: ") != NULL &&
		      f->wire == d->wire[DEMO_LAN_B];
	}
	assert_int_equal(r1, 1);
	assert_int_equal(r3, 1);
	demo_free(d);
}

/* A buffer that is used again for something new is not the frame it once was. */
static void a_buffer_is_not_a_frame(void **state)
{
	struct world w;
	struct capture c;
	struct world_node *wn;
	struct trace t = { .ifindex = 0 };
	struct pkt *pkt;

	(void)state;
	capture_init(&c);
	world_init(&w, &(struct world_conf){ .seed = 1 });
	wn = world_add_node(&w, "n");
	t.ifindex = world_plug(wn, "e0", world_add_wire(&w, "wire", &(struct wire_conf){ 0 }));
	pkt = pkt_new(&w.pool, 64);
	assert_non_null(pkt);
	memset(pkt_put(pkt, 64), 7, 64);
	t.pkt = pkt;
	t.kind = TRACE_TX;
	assert_int_equal(capture_see(&c, wn, &t), 0);
	pkt_pull(pkt, ETH_HDR_OCTETS);
	t.kind = TRACE_DROP;
	t.drop = DROP_NEIGH_UNREACH;
	assert_int_equal(capture_see(&c, wn, &t), 0);
	pkt->p[IP6_SRC_OFF] = 8;
	assert_int_equal(capture_see(&c, wn, &t), CAPTURE_NONE);
	pkt->p[IP6_SRC_OFF] = 7;
	pkt_trim(pkt, IP6_HDR_OCTETS - 1);
	assert_int_equal(capture_see(&c, wn, &t), CAPTURE_NONE);
	assert_string_equal(c.frame[0].comment[0],
			    "dropped by n: NEIGH_UNREACH: no answer to address resolution");
	assert_null(c.frame[0].comment[1]);
	pkt_free(pkt);
	capture_done(&c);
	world_done(&w);
}

static void nothing_arrives_at_the_dead(void **state)
{
	struct demo *d = demo_run(1);
	unsigned lost = 0;

	(void)state;
	for (uint32_t i = 0; i < d->tl.n; i++) {
		const struct tl_entry *e = &d->tl.entry[i];

		if (e->when < d->r1_death)
			assert_int_equal(e->lost, 0);
		else
			assert_int_equal(e->to >> DEMO_R1 & 1, 0);
		lost += e->lost == 1u << DEMO_R1;
	}
	assert_true(lost >= 3 * 3); /* three probes of each of h1, h2, R3 */
	demo_free(d);
}

/* A failure is told, and nothing is taken for a success. */
static void a_failure_shows(void **state)
{
	struct demo *d = demo_run(1);
	struct text t;

	(void)state;
	d->check[3].ok = false;
	assert_false(demo_ok(d));
	t = written(d, write_text);
	assert_non_null(strstr(t.p, "\n  NO  a packet of 1500"));
	free(t.p);
	t = written(d, write_page);
	assert_non_null(strstr(t.p, "10 of 11 things"));
	assert_non_null(strstr(t.p, "Did not happen:"));
	free(t.p);
	demo_free(d);
}

static void text_is_escaped(void **state)
{
	struct demo *d = demo_run(1);
	struct text t;

	(void)state;
	timeline_add(&d->tl, d->w.now, TL_NOTE, DEMO_H1, "<script>\"&'");
	t = written(d, write_page);
	assert_non_null(strstr(t.p, "&lt;script&gt;&quot;&amp;&#39;"));
	assert_null(strstr(t.p, "<script"));
	assert_null(strstr(t.p, "http"));
	free(t.p);
	demo_free(d);
}

/* Every element of the page that is opened is closed, in order. */
static void the_page_nests(void **state)
{
	static const char *const empty[] = { "meta", "!DOCTYPE" };
	struct demo *d = demo_run(1);
	struct text t = written(d, write_page);
	char open[64][16];
	unsigned depth = 0;

	(void)state;
	for (const char *p = strchr(t.p, '<'); p != NULL; p = strchr(p + 1, '<')) {
		const char *end = strchr(p, '>');
		char name[16];
		size_t n = strcspn(p + 1 + (p[1] == '/'), " />");
		bool lone = false;

		assert_non_null(end);
		assert_true(n > 0 && n < sizeof(name));
		memcpy(name, p + 1 + (p[1] == '/'), n);
		name[n] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(empty); i++)
			lone = lone || strcmp(name, empty[i]) == 0;
		if (lone || end[-1] == '/')
			continue;
		if (p[1] != '/') {
			assert_true(depth < ARRAY_LEN(open));
			memcpy(open[depth++], name, sizeof(name));
			continue;
		}
		assert_true(depth > 0);
		assert_string_equal(name, open[--depth]);
	}
	assert_int_equal(depth, 0);
	free(t.p);
	demo_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_seed_tells_the_same_story),
		cmocka_unit_test(a_seed_is_a_run),
		cmocka_unit_test(the_capture_has_each_frame_once),
		cmocka_unit_test(refusals_are_comments),
		cmocka_unit_test(a_buffer_is_not_a_frame),
		cmocka_unit_test(nothing_arrives_at_the_dead),
		cmocka_unit_test(a_failure_shows),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(the_page_nests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
