/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP segments that go to a device as one: what is one run, and that cutting the large frame again
 * gives, octet by octet, the frames that it was made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/csum.h"
#include "link/dev.h"
#include "link/dev_gso.h"
#include "link/dev_merge.h"

#define TCP_AT 54
#define HDR    (TCP_AT + 32) /* with timestamps */
#define SEQ    0xffffff00u
#define PSH    0x08
#define ACK    0x10

struct bench {
	struct pkt_pool pool;
	struct pktq q;
};

static void csum(struct pkt *f)
{
	struct ip6_addr src, dst;

	memcpy(src.b, f->p + 22, sizeof(src.b));
	memcpy(dst.b, f->p + 38, sizeof(dst.b));
	put_be16(f->p + TCP_AT + 16, 0);
	put_be16(f->p + TCP_AT + 16, csum_upper(&src, &dst, f->p + TCP_AT, f->len - TCP_AT, 6));
}

/* A segment of @n octets at @seq, at the end of the queue. */
static struct pkt *put(struct bench *b, uint32_t seq, uint32_t n, uint8_t flags)
{
	struct pkt *f = pkt_new(&b->pool, HDR + n);
	uint8_t *p = pkt_put(f, HDR + n);

	memset(p, 0, HDR);
	memset(p, 2, 12);
	put_be16(p + 12, ETH_TYPE_IP6);
	put_be32(p + 14, 0x60012345);
	put_be16(p + 18, (uint16_t)(HDR - TCP_AT + n));
	p[20] = 6;
	p[21] = 64;
	p[22] = p[38] = 0xfd;
	p[37] = 1;
	p[53] = 2;
	put_be32(p + TCP_AT, 4000 << 16 | 80);
	put_be32(p + TCP_AT + 4, seq);
	put_be32(p + TCP_AT + 8, 77);
	put_be16(p + TCP_AT + 12, (uint16_t)(8 << 12 | flags));
	put_be16(p + TCP_AT + 14, 500);
	put_be32(p + TCP_AT + 20, 0x0101080a);
	for (uint32_t i = 0; i < n; i++)
		p[HDR + i] = (uint8_t)((seq + i) * 31 >> 3);
	csum(f);
	pktq_put(&b->q, f);
	return f;
}

static void begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	pkt_pool_init(&b->pool, 256, 4);
}

static void end(struct bench *b)
{
	pktq_free(&b->q);
	pkt_pool_done(&b->pool);
}

/* Write the run at the head of the queue; what arrives, cut, is what it was made of. */
static void there_and_back(struct bench *b, unsigned n)
{
	struct dev_run run = dev_run_find(b->q.head);
	struct virtio_net_hdr vnet;
	uint8_t buf[sizeof(vnet) + DEV_FRAME_MAX];
	struct pktq out = { 0 };
	struct pkt *big, *f;
	uint32_t octets;
	ssize_t got;
	int fd[2];

	assert_int_equal(run.n, n);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	assert_int_equal(dev_run_write(fd[0], b->q.head, &run), 0);
	got = read(fd[1], buf, sizeof(buf));
	assert_true(got > (ssize_t)sizeof(vnet));
	memcpy(&vnet, buf, sizeof(vnet));
	octets = (uint32_t)((size_t)got - sizeof(vnet));
	big = pkt_new(&b->pool, octets);
	memcpy(pkt_put(big, octets), buf + sizeof(vnet), octets);
	assert_int_equal(dev_gso_finish(&vnet, &b->pool, big, &out), DROP_NONE);
	assert_int_equal(out.n, n);
	while ((f = pktq_get(&out)) != NULL) {
		struct pkt *was = pktq_get(&b->q);

		assert_int_equal(f->len, was->len);
		assert_memory_equal(f->p, was->p, f->len);
		pkt_free(f);
		pkt_free(was);
	}
	close(fd[0]);
	close(fd[1]);
}

static void test_there_and_back(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (uint32_t i = 0; i < 45; i++)
		put(&b, SEQ + i * 1428, 1428, ACK);
	put(&b, SEQ + 45 * 1428, 1300, ACK | PSH);
	there_and_back(&b, 45); /* with the last it were more than 65,535 octets */
	there_and_back(&b, 1);
	put(&b, SEQ, 1000, ACK);
	put(&b, SEQ + 1000, 1000, ACK);
	put(&b, SEQ + 2000, 7, ACK | PSH);
	put(&b, SEQ + 2007, 1000, ACK);
	there_and_back(&b, 3);
	there_and_back(&b, 1);
	for (uint32_t i = 0; i < DEV_MERGE_MAX + 1; i++)
		put(&b, SEQ + i, 1, ACK);
	there_and_back(&b, DEV_MERGE_MAX);
	there_and_back(&b, 1);
	end(&b);
}

/* What a second segment may not differ in. */
static void test_differs(void **state)
{
	static const struct {
		const char *what;
		unsigned at;
	} row[] = {
		{ "Ethernet destination", 0 },
		{ "EtherType", 12 },
		{ "traffic class", 15 },
		{ "flow label", 17 },
		{ "next header", 20 },
		{ "hop limit", 21 },
		{ "source", 36 },
		{ "destination", 52 },
		{ "payload length", 18 },
		{ "source port", TCP_AT },
		{ "destination port", TCP_AT + 3 },
		{ "sequence number", TCP_AT + 7 },
		{ "acknowledgment number", TCP_AT + 11 },
		{ "data offset", TCP_AT + 12 },
		{ "window", TCP_AT + 15 },
		{ "urgent pointer", TCP_AT + 19 },
		{ "timestamp", TCP_AT + 27 },
		{ "its echo", TCP_AT + 31 },
	};
	struct bench b;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		struct pkt *second;
		unsigned n;

		begin(&b);
		put(&b, SEQ, 500, ACK);
		second = put(&b, SEQ + 500, 500, ACK);
		assert_int_equal(dev_run_find(b.q.head).n, 2);
		second->p[row[i].at] ^= 0x10;
		n = dev_run_find(b.q.head).n;
		if (n != 1)
			fail_msg("%s", row[i].what);
		end(&b);
	}
}

static void test_flags(void **state)
{
	static const struct {
		uint8_t first, second;
		unsigned n;
	} row[] = {
		{ ACK, ACK, 2 },	   { ACK, ACK | PSH, 2 }, { ACK | PSH, ACK, 1 },
		{ ACK | 1, ACK | 1, 1 },   { ACK, ACK | 1, 1 },	  { ACK | 2, ACK | 2, 1 },
		{ ACK | 4, ACK | 4, 1 },   { 0, 0, 1 },		  { ACK | 32, ACK | 32, 1 },
		{ ACK | 64, ACK | 64, 2 }, { ACK, ACK | 64, 1 },  { ACK | 128, ACK | 128, 1 },
	};
	struct bench b;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		begin(&b);
		put(&b, SEQ, 500, row[i].first);
		put(&b, SEQ + 500, 500, row[i].second);
		if (dev_run_find(b.q.head).n != row[i].n)
			fail_msg("row %u", i);
		end(&b);
	}
}

/* Lengths: only the last may be shorter, none is longer, and none without text is among them. */
static void test_lengths(void **state)
{
	struct bench b;
	struct pkt *f;

	(void)state;
	begin(&b);
	put(&b, SEQ, 500, ACK);
	put(&b, SEQ + 500, 501, ACK);
	assert_int_equal(dev_run_find(b.q.head).n, 1);
	end(&b);
	begin(&b);
	put(&b, SEQ, 500, ACK);
	put(&b, SEQ + 500, 400, ACK);
	put(&b, SEQ + 900, 400, ACK);
	assert_int_equal(dev_run_find(b.q.head).n, 2);
	end(&b);
	begin(&b);
	put(&b, SEQ, 500, ACK);
	put(&b, SEQ + 500, 0, ACK);
	assert_int_equal(dev_run_find(b.q.head).n, 1);
	end(&b);
	begin(&b);
	f = put(&b, SEQ, 500, ACK); /* cut short anywhere, it goes alone */
	put(&b, SEQ + 500, 500, ACK);
	for (uint32_t n = f->len - 1; n > 0; n--) {
		pkt_trim(f, n);
		assert_int_equal(dev_run_find(f).n, 1);
	}
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_differs),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
