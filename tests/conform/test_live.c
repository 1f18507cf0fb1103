/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices in real time: helper programs, and how long a set-up waits. The device here is a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "conform/live.h"
#include "conform/tester.h"

static struct live_said said;
static char why[NUT_WHY];

static int shell(const char *script, const char *input, time_ns within)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	int rc = live_run(argv, input, within, &said);

	live_why("sh", rc, &said, why, sizeof(why));
	return rc;
}

static void test_programs(void **state)
{
	const char *const none[] = { "no-such-program", NULL };

	(void)state;
	assert_int_equal(shell("cat; echo x >&2", "in", NS_PER_S * 60), 0);
	assert_string_equal(said.out, "in");
	assert_string_equal(said.err, "x\n");
	assert_int_equal(shell("echo one >&2; echo two >&2; exit 7", NULL, NS_PER_S * 60), 7);
	assert_string_equal(why, "sh: two");
	assert_int_equal(shell("exit 3", NULL, NS_PER_S * 60), 3);
	assert_string_equal(why, "sh: exit status 3");
	assert_int_equal(shell("kill -TERM $$", NULL, NS_PER_S * 60), 128 + 15);
	assert_int_equal(live_run(none, NULL, NS_PER_S * 60, &said), -ENOENT);
	live_why(none[0], -ENOENT, &said, why, sizeof(why));
	assert_string_equal(why, "no-such-program could not be run: No such file or directory");
}

/* Who leaves something running is not waited for; who does not end is killed, with all it started. */
static void test_program_time(void **state)
{
	time_ns start = live_now();

	(void)state;
	assert_int_equal(shell("sleep 2 &", NULL, NS_PER_S * 60), 0);
	assert_true(live_now() - start < 30 * NS_PER_S);
	assert_int_equal(shell("sleep 60 & sleep 60", NULL, 200 * NS_PER_MS), -ETIMEDOUT);
	assert_string_equal(why, "sh did not end in time and was killed");
	assert_true(live_now() - start < 30 * NS_PER_S);
}

/*
 * Frames. Datagrams of a socket pair look like those of a packet socket that has nothing to say
 * beside them.
 */

struct wire {
	struct live live;
	int peer[NUT_LINKS];
};

static struct wire *wire_new(void)
{
	struct wire *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	live_init(&w->live);
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		int fd[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd), 0);
		w->live.link[i].fd = fd[0];
		w->peer[i] = fd[1];
	}
	return w;
}

static void wire_free(struct wire *w)
{
	live_close(&w->live);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		close(w->peer[i]);
	free(w);
}

static void arrives(struct wire *w, enum nut_link link, const struct virtio_net_hdr *h,
		    const void *p, size_t octets)
{
	uint8_t buf[256];

	memcpy(buf, h, sizeof(*h));
	memcpy(buf + sizeof(*h), p, octets);
	assert_int_equal(send(w->peer[link], buf, sizeof(*h) + octets, 0), sizeof(*h) + octets);
}

static void test_late_frame(void **state)
{
	static const struct virtio_net_hdr plain;
	struct wire *w = wire_new();
	time_ns until = live_now();
	struct nut_frame f;

	(void)state;
	arrives(w, LINK_B, &plain, "bee", 3);
	assert_false(live_recv(&w->live, until, &f)); /* it came behind its time */
	assert_false(live_recv(&w->live, until, &f));
	arrives(w, LINK_A, &plain, "a", 1);
	assert_true(live_recv(&w->live, live_now() + NS_PER_S, &f));
	assert_int_equal(f.link, LINK_B); /* and is the first all the same */
	assert_int_equal(f.octets, 3);
	assert_memory_equal(f.p, "bee", 3);
	assert_true(f.when > until);
	assert_true(live_recv(&w->live, live_now() + NS_PER_S, &f));
	assert_int_equal(f.link, LINK_A);
	arrives(w, LINK_A, &plain, "a", 1);
	arrives(w, LINK_A, &plain, "a", 1);
	live_flush(&w->live);
	until = live_now() + 10 * NS_PER_MS;
	assert_false(live_recv(&w->live, until, &f));
	assert_true(live_now() >= until);
	wire_free(w);
}

static void test_partial_checksum(void **state)
{
	/* the sum from octet 2 on is 0x0102 + 0x0304 + 0x0005 + 0x0600, over two octets of 5 */
	static const uint8_t frame[] = { 9, 9, 1, 2, 3, 4, 0, 5, 6 };
	static const uint8_t whole[] = { 9, 9, 1, 2, 3, 4, 0xf5, 0xf4, 6 };
	struct virtio_net_hdr h = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				    .csum_start = 2,
				    .csum_offset = 4 };
	struct wire *w = wire_new();
	struct nut_frame f;

	(void)state;
	arrives(w, LINK_B, &h, frame, sizeof(frame));
	assert_true(live_recv(&w->live, live_now() + NS_PER_S, &f));
	assert_memory_equal(f.p, whole, sizeof(whole));
	h.csum_offset = 6; /* beyond its end: as it came */
	arrives(w, LINK_B, &h, frame, sizeof(frame));
	assert_true(live_recv(&w->live, live_now() + NS_PER_S, &f));
	assert_memory_equal(f.p, frame, sizeof(frame));
	wire_free(w);
}

static void test_send(void **state)
{
	struct wire *w = wire_new();
	struct virtio_net_hdr none = { 0 };
	uint8_t buf[64];

	(void)state;
	live_send(&w->live, LINK_A, (const uint8_t *)"frame", 5);
	assert_int_equal(recv(w->peer[LINK_B], buf, sizeof(buf), 0), -1);
	assert_int_equal(recv(w->peer[LINK_A], buf, sizeof(buf), 0), sizeof(none) + 5);
	assert_memory_equal(buf, &none, sizeof(none));
	assert_memory_equal(buf + sizeof(none), "frame", 5);
	wire_free(w);
}

/* A device that sends a probe at each of some times, and whose clock is what it is asked for. */
struct fake {
	struct nut nut;
	time_ns now, probe[4];
	unsigned n, sent;
	uint8_t frame[PV_FRAME_MAX];
};

static bool fake_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	static const uint8_t target[IP6_ADDR_OCTETS] = { 0xfe, 0x80, [15] = 9 };
	static const struct ip6_addr group = { { 0xff, 0x02, [15] = 1 } };
	struct fake *f = CONTAINER_OF(nut, struct fake, nut);
	struct pv ns = { .src = IS_ADDR(IP6_UNSPEC),
			 .dst = IS_ADDR(group),
			 .hop_limit = IS(255),
			 .kind = PV_ICMP6,
			 .type = IS(ICMP6_NS),
			 .code = IS(0),
			 .data = IS_OCTETS(target, sizeof(target)) };

	if (f->sent == f->n || f->probe[f->sent] > until) {
		f->now = until;
		return false;
	}
	f->now = f->probe[f->sent++];
	*ret = (struct nut_frame){ f->now, LINK_B, f->frame,
				   pv_build(&ns, f->frame, sizeof(f->frame)) };
	return true;
}

static time_ns fake_now(struct nut *nut)
{
	return CONTAINER_OF(nut, struct fake, nut)->now;
}

/* How long settle(2 s) takes for @addrs addresses when probes come at @at (ms, up to a zero). */
static unsigned settled_ms(bool virtual_time, unsigned addrs, const unsigned at[4])
{
	struct nut_ops ops = { .virtual_time = virtual_time, .recv = fake_recv, .now = fake_now };
	struct part part = { .tolerance = NS_PER_S };
	struct fake f = { .nut = { .ops = &ops }, .now = 100 * NS_PER_S };
	struct tester t = { .nut = &f.nut, .part = &part };

	for (; f.n < 4 && at[f.n] != 0; f.n++)
		f.probe[f.n] = f.now + at[f.n] * NS_PER_MS;
	settle(&t, 2 * NS_PER_S, addrs);
	tester_done(&t);
	return (unsigned)((f.now - 100 * NS_PER_S) / NS_PER_MS);
}

static void test_settle(void **state)
{
	(void)state;
	assert_int_equal(settled_ms(true, 2, (unsigned[4]){ 300, 700 }), 2000);
	assert_int_equal(settled_ms(true, 0, (unsigned[4]){ 0 }), 2000);
	assert_int_equal(settled_ms(false, 2, (unsigned[4]){ 300, 700 }), 2700);
	assert_int_equal(settled_ms(false, 1, (unsigned[4]){ 300, 700 }), 2700);
	assert_int_equal(settled_ms(false, 1, (unsigned[4]){ 300, 2301 }),
			 2300);						      /* one more, later */
	assert_int_equal(settled_ms(false, 1, (unsigned[4]){ 9000 }), 11000); /* a slow start */
	assert_int_equal(settled_ms(false, 2, (unsigned[4]){ 300 }), 12000);
	assert_int_equal(settled_ms(false, 1, (unsigned[4]){ 0 }), 12000);
	assert_int_equal(settled_ms(false, 1, (unsigned[4]){ 1000, 2000 }), 4000);
	assert_int_equal(settled_ms(false, 0, (unsigned[4]){ 300 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),   cmocka_unit_test(test_program_time),
		cmocka_unit_test(test_late_frame), cmocka_unit_test(test_partial_checksum),
		cmocka_unit_test(test_send),	   cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
