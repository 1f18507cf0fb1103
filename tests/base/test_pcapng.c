/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pcapng.h"

#include "aborts.h"

/* 2024-01-01 00:00:00 UTC */
#define EPOCH (UINT64_C(1704067200) * NS_PER_S)

static const uint8_t frame[] = {
	0x33, 0x33, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0,
};

/* draft-ietf-opsawg-pcapng sections 4.1 to 4.3, octet by octet. */
/* clang-format off */
static const uint8_t expected[] = {
	/* section header: type, length, magic, version, unknown section length */
	0x0a, 0x0d, 0x0d, 0x0a, 52, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	1, 0, 2, 0, 'h', 'i', 0, 0,				/* opt_comment */
	/* shb_userappl, end of options, length */
	4, 0, 5, 0, 'I', 'n', 'a', 'b', 'a', 0, 0, 0,
	0, 0, 0, 0,
	52, 0, 0, 0,
	/* interface description: Ethernet, snap length 16 */
	1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0,
	2, 0, 4, 0, 'e', 't', 'h', '0',				/* if_name */
	9, 0, 1, 0, 9, 0, 0, 0,					/* if_tsresol */
	0, 0, 0, 0,
	40, 0, 0, 0,
	/* enhanced packet: interface 0, EPOCH + 5 ns, 16 of 17 octets */
	6, 0, 0, 0, 76, 0, 0, 0, 0, 0, 0, 0,
	0x17, 0x10, 0xa6, 0x17, 0x05, 0x00, 0x65, 0x01,	/* high word, then low */
	16, 0, 0, 0, 17, 0, 0, 0,
	0x33, 0x33, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0,
	2, 0, 4, 0, 1, 0, 0, 0,					/* epb_flags: inbound */
	1, 0, 3, 0, 'o', 'n', 'e', 0,				/* opt_comment */
	1, 0, 4, 0, 't', 'w', 'o', '2',
	0, 0, 0, 0,
	76, 0, 0, 0,
};
/* clang-format on */

static void octet_by_octet(void **state)
{
	uint8_t buf[512];
	struct wr w = wr_of(buf, sizeof(buf));
	struct pcapng_frame f = { .when = 5,
				  .dir = PCAPNG_IN,
				  .p = frame,
				  .len = sizeof(frame),
				  .comment = { "one", "two2" } };
	struct pcapng c;

	(void)state;
	pcapng_begin(&c, &w, &(struct pcapng_conf){ EPOCH, 16, "hi" });
	f.iface = pcapng_iface(&c, &w, "eth0");
	pcapng_frame(&c, &w, &f);
	assert_false(w.overflow);
	assert_int_equal(wr_len(&w), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
	assert_int_equal(pcapng_frame_octets(&c, &f), 76);
}

/* Whole or not at all, at each size of buffer; and the interface that did not fit has no number. */
static void what_does_not_fit_is_not_begun(void **state)
{
	struct pcapng_frame f = { .p = frame, .len = sizeof(frame), .comment = { "x" } };
	size_t ends[4] = { 0 };
	uint8_t big[512];
	struct pcapng c;
	struct wr all = wr_of(big, sizeof(big));

	(void)state;
	pcapng_begin(&c, &all, &(struct pcapng_conf){ 0 });
	ends[1] = wr_len(&all);
	pcapng_iface(&c, &all, "a");
	ends[2] = wr_len(&all);
	pcapng_frame(&c, &all, &f);
	ends[3] = wr_len(&all);
	for (size_t room = 0; room <= ends[3]; room++) {
		uint8_t *exact = malloc(MAX(room, (size_t)1));
		struct wr w = wr_of(exact, room);
		size_t want = 0;

		assert_non_null(exact);
		for (unsigned i = 0; i < 4; i++)
			want = ends[i] <= room ? ends[i] : want;
		pcapng_begin(&c, &w, &(struct pcapng_conf){ 0 });
		assert_int_equal(pcapng_iface(&c, &w, "a"), 0);
		assert_int_equal(c.n_ifs, room >= ends[2]);
		pcapng_frame(&c, &w, &f);
		assert_int_equal(wr_len(&w), want);
		assert_int_equal(w.overflow, room < ends[3]);
		assert_memory_equal(exact, big, want);
		free(exact);
	}
}

static uint32_t le32(const uint8_t *p)
{
	return __builtin_bswap32(get_be32(p));
}

/* A capture must hold together as a reader walks it: lengths agree at both ends of each block. */
static unsigned walk(const uint8_t *p, size_t n)
{
	unsigned blocks = 0;

	while (n > 0) {
		uint32_t len;

		assert_true(n >= 12);
		len = le32(p + 4);
		assert_true(len >= 12 && len % 4 == 0 && len <= n);
		assert_int_equal(le32(p + len - 4), len);
		p += len;
		n -= len;
		blocks++;
	}
	return blocks;
}

/* Comments of all lengths around the limit, cut between characters; more than there may be. */
static void comments_are_bounded(void **state)
{
	static uint8_t buf[PCAPNG_COMMENTS_MAX * (PCAPNG_TEXT_MAX + 4) + 256];
	static char text[PCAPNG_TEXT_MAX + 8];
	struct pcapng c;

	(void)state;
	for (size_t n = PCAPNG_TEXT_MAX - 3; n < sizeof(text) - 3; n++) {
		struct wr w = wr_of(buf, sizeof(buf));
		struct pcapng_frame f = { .p = frame, .len = 14 };
		size_t kept = MIN(n, (size_t)PCAPNG_TEXT_MAX);

		memset(text, 'x', n);
		text[n] = '\0';
		for (unsigned i = 0; i < PCAPNG_COMMENTS_MAX; i++)
			f.comment[i] = text;
		pcapng_begin(&c, &w, &(struct pcapng_conf){ 0 });
		pcapng_iface(&c, &w, "eth0");
		pcapng_frame(&c, &w, &f);
		assert_false(w.overflow);
		assert_int_equal(walk(buf, wr_len(&w)), 3);
		assert_int_equal(pcapng_frame_octets(&c, &f),
				 32 + 16 + PCAPNG_COMMENTS_MAX * (4 + ((kept + 3) & ~3u)) + 4);

		/* a character of three octets across the limit goes as a whole */
		memcpy(text + n - 3, "\xe5\x9b\xa0", 3);
		f.comment[1] = NULL;
		w = wr_of(buf, sizeof(buf));
		pcapng_frame(&c, &w, &f);
		kept = n <= PCAPNG_TEXT_MAX ? n : n - 3;
		kept = n - 3 >= PCAPNG_TEXT_MAX ? PCAPNG_TEXT_MAX : kept;
		assert_int_equal(buf[28 + 16 + 2] | buf[28 + 16 + 3] << 8, kept);
	}
}

static void no_options_at_all(void **state)
{
	struct pcapng c = { .snaplen = 100, .n_ifs = 1 };
	struct pcapng_frame f = { .p = frame, .len = 16 };

	(void)state;
	assert_int_equal(pcapng_frame_octets(&c, &f), 32 + 16); /* not even the end of them */
	f.len = 0;
	assert_int_equal(pcapng_frame_octets(&c, &f), 32);
}

static FILE *temp(char path[32])
{
	int fd;

	snprintf(path, 32, "/tmp/inaba-pcapng-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	return fdopen(fd, "wb");
}

/* What another program makes of it: each row is a line of tshark's. */
static void tshark_reads_it(void **state)
{
	static const char *const want[] = {
		"1704067200.000000000|eth0|0x00000001|17|17|DROP IP6_SHORT: shorter,second\n",
		"1704067200.000000001|wlan0|0x00000002|17|17|\n",
		"1704067201.500000000|eth0||65664|65700|Inaba \xe5\x9b\xa0\xe5\xb9\xa1\n",
		"1704067202.000000000|late||17|17|\n",
	};
	static uint8_t large[65700];
	char path[32], cmd[512], line[512];
	struct pcapng_file c;
	uint32_t eth0, wlan0, late;
	FILE *f, *p;

	(void)state;
	if (system("command -v tshark >/dev/null 2>&1") != 0)
		skip();
	memcpy(large, frame, sizeof(frame));
	f = temp(path);
	assert_int_equal(pcapng_file_open(&c, f, &(struct pcapng_conf){ EPOCH, 0, "seed 1" }), 0);
	eth0 = pcapng_file_iface(&c, "eth0");
	wlan0 = pcapng_file_iface(&c, "wlan0");
	pcapng_file_frame(&c, &(struct pcapng_frame){ eth0,
						      0,
						      PCAPNG_IN,
						      frame,
						      sizeof(frame),
						      { "DROP IP6_SHORT: shorter", "second" } });
	pcapng_file_frame(
		&c, &(struct pcapng_frame){ wlan0, 1, PCAPNG_OUT, frame, sizeof(frame), { NULL } });
	pcapng_file_frame(&c, &(struct pcapng_frame){ eth0,
						      1500 * NS_PER_MS,
						      PCAPNG_NO_DIR,
						      large,
						      sizeof(large),
						      { "Inaba \xe5\x9b\xa0\xe5\xb9\xa1" } });
	late = pcapng_file_iface(&c, "late"); /* described after frames of others */
	pcapng_file_frame(
		&c, &(struct pcapng_frame){
			    late, 2 * NS_PER_S, PCAPNG_NO_DIR, frame, sizeof(frame), { NULL } });
	assert_int_equal(pcapng_file_close(&c), 0);
	fclose(f);

	/* complaints go to the same place, and so break the comparison */
	snprintf(cmd, sizeof(cmd),
		 "tshark -r %s -T fields -E separator='|' -e frame.time_epoch "
		 "-e frame.interface_name -e frame.packet_flags -e frame.cap_len -e frame.len "
		 "-e frame.comment 2>&1 | grep -v '^Running as user'",
		 path);
	p = popen(cmd, "r");
	assert_non_null(p);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_non_null(fgets(line, sizeof(line), p));
		assert_string_equal(line, want[i]);
	}
	assert_null(fgets(line, sizeof(line), p));
	pclose(p);
	snprintf(cmd, sizeof(cmd), "capinfos %s 2>&1 | grep -q 'Capture application: *Inaba'",
		 path);
	assert_int_equal(system(cmd), 0);
	unlink(path);
}

static void a_full_disk_is_told(void **state)
{
	static const unsigned frames[] = { 0, 1, 1000 }; /* told by the flush, by a write */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		FILE *f = fopen("/dev/full", "wb");
		struct pcapng_file c;
		uint32_t iface;

		if (f == NULL)
			skip();
		assert_int_equal(pcapng_file_open(&c, f, &(struct pcapng_conf){ 0 }), 0);
		iface = pcapng_file_iface(&c, "eth0");
		for (unsigned n = 0; n < frames[i]; n++)
			pcapng_file_frame(&c, &(struct pcapng_frame){ .iface = iface,
								      .p = frame,
								      .len = sizeof(frame) });
		assert_int_equal(pcapng_file_close(&c), -ENOSPC);
		fclose(f);
	}
}

/* The largest block of each snap length fits the file's one buffer: asserted within. */
static void the_largest_block_fits(void **state)
{
	static uint8_t big[PCAPNG_SNAPLEN_MAX + 1];
	static char text[PCAPNG_TEXT_MAX + 1];
	FILE *f = fopen("/dev/null", "wb");

	(void)state;
	assert_non_null(f);
	memset(text, 't', sizeof(text) - 1);
	for (uint32_t snaplen = 1; snaplen <= PCAPNG_SNAPLEN_MAX; snaplen += 17477) {
		struct pcapng_frame fr = { .dir = PCAPNG_OUT, .p = big, .len = sizeof(big) };
		struct pcapng_file c;

		for (unsigned i = 0; i < PCAPNG_COMMENTS_MAX; i++)
			fr.comment[i] = text;
		assert_int_equal(pcapng_file_open(&c, f, &(struct pcapng_conf){ 0, snaplen, text }),
				 0);
		fr.iface = pcapng_file_iface(&c, text);
		pcapng_file_frame(&c, &fr);
		assert_int_equal(pcapng_file_close(&c), 0);
	}
	fclose(f);
}

static void unknown_interface(void *ctx)
{
	struct pcapng c = { .snaplen = 100, .n_ifs = 2 };
	uint8_t buf[128];
	struct wr w = wr_of(buf, sizeof(buf));

	(void)ctx;
	pcapng_frame(&c, &w, &(struct pcapng_frame){ .iface = 2, .p = frame, .len = 14 });
}

static void misuse_is_asserted(void **state)
{
	(void)state;
	assert_true(aborts(unknown_interface, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octet_by_octet),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(comments_are_bounded),
		cmocka_unit_test(no_options_at_all),
		cmocka_unit_test(tshark_reads_it),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(the_largest_block_fits),
		cmocka_unit_test(misuse_is_asserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
