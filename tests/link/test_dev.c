/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices of the machine. Segments need nothing; what needs a network namespace of its own (TAP
 * and packet sockets, with the kernel as the other station) is skipped without root.
 *
 * Within a machine, what was sent has arrived when the system call returns, so silence is
 * asserted without waiting; only other processes are waited for.
 */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/csum.h"
#include "link/dev.h"
#include "link/dev_gso.h"
#include "link/runtime.h"

#define PATIENCE_MS 5000 /* for other processes; only a failure waits so long */
#define NOBODY	    65534

static const struct mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

struct rig {
	struct pkt_pool pool;
	struct dev *dev[4];
	struct batch in;
	char home[64]; /* XDG_RUNTIME_DIR while the test runs */
	int netns;     /* to come back to, or -1 */
};

static struct mac station(unsigned i)
{
	return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)i } };
}

static struct dev *open_dev(const char *spec)
{
	char err[DEV_ERR_MAX] = "";
	struct dev *d = NULL;

	if (dev_open(spec, &d, err) != 0)
		fail_msg("%s", err);
	assert_non_null(d);
	return d;
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	pkt_pool_init(&r->pool, 4096, 256);
	snprintf(r->home, sizeof(r->home), "/tmp/inaba-test-XXXXXX");
	r->netns = -1;
	assert_non_null(mkdtemp(r->home));
	assert_int_equal(setenv("XDG_RUNTIME_DIR", r->home, 1), 0);
	*state = r;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void batch_free(struct batch *b)
{
	while (b->n > 0)
		pkt_free(b->pkt[--b->n]);
}

static int teardown(void **state)
{
	struct rig *r = *state;

	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	for (size_t i = 0; i < ARRAY_LEN(r->dev); i++)
		dev_close(r->dev[i]);
	batch_free(&r->in);
	pkt_pool_done(&r->pool);
	nftw(r->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (r->netns >= 0) {
		assert_int_equal(setns(r->netns, CLONE_NEWNET), 0);
		close(r->netns);
	}
	free(r);
	return 0;
}

/* A frame whose octets behind the header tell their place and @tag. */
static struct pkt *frame(struct rig *r, const struct mac *dst, const struct mac *src, uint32_t len,
			 uint8_t tag)
{
	struct pkt *pkt = pkt_new(&r->pool, MAX(len, (uint32_t)ETH_HDR_OCTETS));

	assert_non_null(pkt);
	memcpy(pkt->p + ETH_DST_OFF, dst->b, sizeof(dst->b));
	memcpy(pkt->p + ETH_SRC_OFF, src->b, sizeof(src->b));
	put_be16(pkt->p + ETH_TYPE_OFF, ETH_TYPE_IP6);
	pkt_put(pkt, len);
	for (uint32_t i = ETH_HDR_OCTETS; i < len; i++)
		pkt->p[i] = (uint8_t)(i * 7 + (i >> 8) + tag);
	return pkt;
}

static void send_one(struct dev *d, struct pkt *pkt)
{
	struct pktq q = { 0 };

	pktq_put(&q, pkt);
	assert_int_equal(dev_send(d, &q), 1);
	assert_int_equal(q.n, 0);
}

static void send_frame(struct rig *r, unsigned from, struct mac dst, struct mac src, uint32_t len,
		       uint8_t tag)
{
	send_one(r->dev[from], frame(r, &dst, &src, len, tag));
}

static void expect_frame(struct rig *r, unsigned at, uint32_t len, uint8_t tag)
{
	struct pkt *pkt;

	assert_int_equal(dev_recv(r->dev[at], &r->pool, &r->in), 1);
	pkt = r->in.pkt[0];
	assert_int_equal(pkt->len, len);
	for (uint32_t i = ETH_HDR_OCTETS; i < len; i++)
		if (pkt->p[i] != (uint8_t)(i * 7 + (i >> 8) + tag))
			fail_msg("octet %u of %u differs", i, len);
	batch_free(&r->in);
}

static void expect_silence(struct rig *r, unsigned at)
{
	assert_int_equal(dev_recv(r->dev[at], &r->pool, &r->in), 0);
}

static void open_segment(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		r->dev[i] = open_dev("wire:lan0");
	for (unsigned i = 0; i < n; i++)
		expect_silence(r, i);
}

/* What is opened, and what comes of it. */
struct opening {
	const char *spec;
	int result;
	const char *advice; /* in the sentence */
};

/* clang-format off */
static const struct opening openings[] = {
	{ "wire:a",			0,		"" },
	{ "wire:A-b_9.x",		0,		"" },
	{ "wire:0123456789012345678901234567890_",	0,	"" },
	{ "wire:0123456789012345678901234567890_x",	-EINVAL,	"1 to 32" },
	{ "wire:",			-EINVAL,	"1 to 32" },
	{ "wire:a/b",			-EINVAL,	"letters" },
	{ "wire:..",			-EINVAL,	"dot" },
	{ "wire:.a",			-EINVAL,	"dot" },
	{ "wire:a b",			-EINVAL,	"letters" },
	{ "wires:a",			-EINVAL,	"tap:NAME, packet:NAME or wire:SEGMENT" },
	{ "",				-EINVAL,	"tap:NAME" },
	{ "tap:",			-EINVAL,	"1 to 15" },
	{ "tap:0123456789012345",	-EINVAL,	"1 to 15" },
	{ "tap:a%d",			-EINVAL,	"%" },
	{ "packet:",			-EINVAL,	"1 to 15" },
	{ "packet:0123456789012345",	-EINVAL,	"1 to 15" },
};
/* clang-format on */

static void test_openings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *o = &openings[i];
		char err[DEV_ERR_MAX] = "";
		struct dev *d = NULL;

		assert_int_equal(dev_open(o->spec, &d, err), o->result);
		assert_int_equal(d != NULL, o->result == 0);
		assert_non_null(strstr(err, o->advice));
		assert_int_equal(err[0] == '\0', o->result == 0);
		dev_close(d);
	}
	dev_close(NULL);
}

static void test_runtime_dir(void **state)
{
	struct rig *r = *state;
	char path[160], expected[160], err[RUNTIME_ERR] = "", far[160];
	struct stat st;

	snprintf(expected, sizeof(expected), "%s/inaba/wire/x", r->home);
	assert_int_equal(runtime_dir("wire/x", path, sizeof(path), err), 0);
	assert_string_equal(path, expected);
	assert_int_equal(runtime_dir("wire/x", path, strlen(expected) + 1, err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(runtime_dir("wire/x", path, strlen(expected), err), -ENAMETOOLONG);
	assert_non_null(strstr(err, "XDG_RUNTIME_DIR"));

	/* open to others, a link, a file: refused, and the culprit named */
	assert_int_equal(chmod(path, 0710), 0);
	assert_int_equal(runtime_dir("wire/x", path, sizeof(path), err), -EPERM);
	assert_non_null(strstr(err, expected));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink(r->home, path), 0);
	assert_int_equal(runtime_dir("wire/x/y", path, sizeof(path), err), -ENOTDIR);
	assert_non_null(strstr(err, expected));
	assert_int_equal(unlink(path), 0);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(runtime_dir("wire/x", path, sizeof(path), err), -ENOTDIR);

	/* a segment whose path does not fit a socket's address says so */
	snprintf(far, sizeof(far), "%s/%070d", r->home, 0);
	assert_int_equal(mkdir(far, 0700), 0);
	setenv("XDG_RUNTIME_DIR", far, 1);
	assert_int_equal(dev_open("wire:x", &r->dev[0], err), -ENAMETOOLONG);
	assert_non_null(strstr(err, "shorter"));
}

static void test_runtime_dir_of_another(void **state)
{
	char path[160], err[RUNTIME_ERR];
	struct rig *r = *state;
	bool mine;

	if (geteuid() != 0)
		skip();
	assert_int_equal(runtime_dir("a", path, sizeof(path), err), 0);
	snprintf(path, sizeof(path), "%s/inaba", r->home);
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	assert_int_equal(runtime_dir("a", path, sizeof(path), err), -EPERM);
	mine = access("/run/inaba", F_OK) != 0;
	/* a variable that names another's directory is not followed (sudo keeps it) */
	assert_int_equal(chown(r->home, NOBODY, NOBODY), 0);
	assert_int_equal(runtime_dir("test-of-inaba", path, sizeof(path), err), 0);
	assert_string_equal(path, "/run/inaba/test-of-inaba");
	rmdir(path);
	if (mine)
		rmdir("/run/inaba");
}

static void test_segment_learns(void **state)
{
	struct rig *r = *state;

	open_segment(r, 3);
	send_frame(r, 0, broadcast, station(0), 60, 1); /* all but the sender */
	expect_frame(r, 1, 60, 1);
	expect_frame(r, 2, 60, 1);
	expect_silence(r, 0);
	send_frame(r, 1, station(0), station(1), 60, 2); /* 0 was heard: it alone */
	expect_frame(r, 0, 60, 2);
	expect_silence(r, 2);
	send_frame(r, 0, station(1), station(0), 60, 3);
	expect_frame(r, 1, 60, 3);
	expect_silence(r, 2);
	send_frame(r, 0, station(2), station(0), 60, 4); /* 2 was not: all */
	expect_frame(r, 1, 60, 4);
	expect_frame(r, 2, 60, 4);
	send_frame(r, 2, broadcast, station(1), 60, 5); /* 1 moves to where 2 is */
	expect_frame(r, 0, 60, 5);
	expect_frame(r, 1, 60, 5);
	send_frame(r, 0, station(1), station(0), 60, 6);
	expect_frame(r, 2, 60, 6);
	expect_silence(r, 1);
	send_frame(r, 0, (struct mac){ { 0x33, 0x33, 0, 0, 0, 1 } }, station(0), 60, 7);
	expect_frame(r, 1, 60, 7);
	expect_frame(r, 2, 60, 7);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned d = 0; d < DROP_NUM; d++)
			assert_int_equal(r->dev[i]->drops[d], 0);
}

/* A group as source address is never learnt: else one frame would take a group's traffic away. */
static void test_segment_does_not_learn_groups(void **state)
{
	struct rig *r = *state;

	open_segment(r, 3);
	send_frame(r, 1, broadcast, broadcast, 60, 1);
	expect_frame(r, 0, 60, 1);
	expect_frame(r, 2, 60, 1);
	send_frame(r, 0, broadcast, station(0), 60, 2);
	expect_frame(r, 1, 60, 2);
	expect_frame(r, 2, 60, 2);
}

/* One queue with frames to several places: each in order, one call. */
static void test_segment_batches(void **state)
{
	static const char to[] = "1122*1*2";
	struct rig *r = *state;
	struct pktq q = { 0 };
	unsigned n[3] = { 0 };

	open_segment(r, 3);
	for (unsigned i = 1; i < 3; i++) {
		send_frame(r, i, broadcast, station(i), 60, 0);
		expect_frame(r, 0, 60, 0);
	}
	expect_frame(r, 1, 60, 0);
	expect_frame(r, 2, 60, 0);
	for (unsigned k = 0; k < 400; k++) {
		char c = to[k % (sizeof(to) - 1)];
		struct mac dst = c == '*' ? broadcast : station((unsigned)(c - '0')),
			   src = station(0);
		struct pkt *pkt = frame(r, &dst, &src, 60, 0);

		put_be32(pkt->p + 20, k);
		pktq_put(&q, pkt);
	}
	assert_int_equal(dev_send(r->dev[0], &q), 400);
	for (unsigned i = 1; i < 3; i++) {
		uint32_t last = 0;

		while (dev_recv(r->dev[i], &r->pool, &r->in) > 0) {
			for (unsigned k = 0; k < r->in.n; k++, n[i]++) {
				assert_true(n[i] == 0 || get_be32(r->in.pkt[k]->p + 20) > last);
				last = get_be32(r->in.pkt[k]->p + 20);
			}
			batch_free(&r->in);
		}
		assert_int_equal(n[i], 250);
	}
}

/* clang-format off */
static const struct {
	uint32_t len;
	enum drop drop;
} sizes[] = {
	{ 13,		DROP_LINK_SHORT },
	{ 14,		DROP_NONE },
	{ 1514,		DROP_NONE },
	{ 1791,		DROP_NONE },
	{ 1792,		DROP_NONE },	/* fills a small buffer */
	{ 1793,		DROP_NONE },
	{ 9014,		DROP_NONE },
	{ 65014,	DROP_NONE },
	{ 65550,	DROP_NONE },	/* DEV_FRAME_MAX */
	{ 65551,	DROP_LINK_TOO_BIG },
};
/* clang-format on */

static void test_segment_sizes(void **state)
{
	struct rig *r = *state;

	open_segment(r, 2);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint64_t before = r->dev[0]->drops[sizes[i].drop];

		send_frame(r, 0, broadcast, station(0), sizes[i].len, (uint8_t)i);
		if (sizes[i].drop == DROP_NONE)
			expect_frame(r, 1, sizes[i].len, (uint8_t)i);
		else
			assert_int_equal(r->dev[0]->drops[sizes[i].drop], before + 1);
		expect_silence(r, 1);
	}
}

static unsigned names_in_segment(const struct rig *r)
{
	char path[128];
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/inaba/wire/lan0", r->home);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* Who leaves is forgotten, with the addresses heard there; what it sent before still arrives. */
static void test_segment_peer_leaves(void **state)
{
	struct rig *r = *state;

	open_segment(r, 3);
	assert_int_equal(names_in_segment(r), 3);
	send_frame(r, 0, broadcast, station(0), 60, 1); /* 2 leaves it unread: a reset */
	expect_frame(r, 1, 60, 1);
	send_frame(r, 2, broadcast, station(2), 60, 2);
	dev_close(r->dev[2]);
	r->dev[2] = NULL;
	assert_int_equal(names_in_segment(r), 2);
	expect_frame(r, 1, 60, 2);
	if (dev_recv(r->dev[0], &r->pool, &r->in) == 0) /* the reset comes first */
		expect_frame(r, 0, 60, 2);
	batch_free(&r->in);
	expect_silence(r, 0);
	expect_silence(r, 0);
	send_frame(r, 0, station(2), station(0), 60, 3); /* unknown again: to all */
	expect_frame(r, 1, 60, 3);
	assert_int_equal(r->dev[0]->drops[DROP_IF_DOWN], 0);
	r->dev[2] = open_dev("wire:lan0");
	send_frame(r, 0, broadcast, station(0), 60, 4);
	expect_frame(r, 1, 60, 4);
	expect_frame(r, 2, 60, 4);
}

static void test_segment_stale_name(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct rig *r = *state;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	r->dev[0] = open_dev("wire:lan0");
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/inaba/wire/lan0/1-0", r->home);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	assert_int_equal(names_in_segment(r), 2);
	r->dev[1] = open_dev("wire:lan0");
	assert_int_equal(names_in_segment(r), 2); /* the stale one has gone, ours has come */
	send_frame(r, 0, broadcast, station(0), 60, 1);
	expect_frame(r, 1, 60, 1);
}

static void await(int fd, unsigned n)
{
	char c;

	while (n-- > 0)
		assert_int_equal(read(fd, &c, 1), 1);
}

/* Another program of the user's may connect and send what is no frame. */
static void test_segment_stranger(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	static const uint8_t zeros[DEV_FRAME_MAX + 1];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	struct rig *r = *state;
	struct dirent *e;
	char path[90];
	DIR *d;

	r->dev[0] = open_dev("wire:lan0");
	snprintf(path, sizeof(path), "%s/inaba/wire/lan0", r->home);
	d = opendir(path);
	while ((e = readdir(d)) != NULL && e->d_name[0] == '.')
		;
	assert_non_null(e);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%.80s/%.20s", path, e->d_name);
	closedir(d);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(send(fd, zeros, sizeof(zeros), 0), sizeof(zeros));
	assert_int_equal(send(fd, zeros, 13, 0), 13);
	assert_int_equal(send(fd, zeros, 14, 0), 14);
	assert_int_equal(dev_recv(r->dev[0], &r->pool, &r->in), 1);
	assert_int_equal(r->in.pkt[0]->len, 14);
	assert_int_equal(r->dev[0]->drops[DROP_LINK_TOO_BIG], 1);
	assert_int_equal(r->dev[0]->drops[DROP_LINK_SHORT], 1);
	batch_free(&r->in);
	assert_int_equal(send(fd, zeros, 0, 0), 0); /* looks like an end: taken for one */
	expect_silence(r, 0);
	assert_int_equal(send(fd, zeros, 14, MSG_NOSIGNAL), -1);
	close(fd);
}

/* Whoever opens a segment waits for the one who is at it: see the head of dev_seg.c. */
static void test_segment_newcomers_take_turns(void **state)
{
	struct rig *r = *state;
	int done[2], lock, status;
	char path[90];
	pid_t pid;

	r->dev[0] = open_dev("wire:lan0");
	snprintf(path, sizeof(path), "%s/inaba/wire/lan0", r->home);
	lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		close(lock); /* the parent's descriptor still holds it */
		r->dev[1] = open_dev("wire:lan0");
		_exit(write(done[1], "x", 1) != 1);
	}
	assert_int_equal(poll(&(struct pollfd){ .fd = done[0], .events = POLLIN }, 1, 50), 0);
	close(lock);
	await(done[0], 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(done[0]);
	close(done[1]);
}

static void test_segments_are_apart(void **state)
{
	struct rig *r = *state;

	r->dev[0] = open_dev("wire:lan0");
	r->dev[1] = open_dev("wire:lan1");
	send_frame(r, 0, broadcast, station(0), 60, 1);
	expect_silence(r, 1);
}

/* Who does not read loses frames, each counted, and does not keep the others waiting. */
static void test_segment_slow_peer(void **state)
{
	struct rig *r = *state;
	uint64_t got[3] = { 0 };
	struct mac src = station(0);
	unsigned n;

	open_segment(r, 3);
	for (n = 0; n < 100000 && r->dev[0]->drops[DROP_QUEUE_FULL] == 0; n += 64) {
		struct pktq q = { 0 };

		for (unsigned k = 0; k < 64; k++)
			pktq_put(&q, frame(r, &broadcast, &src, 1000, 1));
		assert_int_equal(dev_send(r->dev[0], &q), 64);
		while (dev_recv(r->dev[1], &r->pool, &r->in) > 0) {
			got[1] += r->in.n;
			batch_free(&r->in);
		}
	}
	while (dev_recv(r->dev[2], &r->pool, &r->in) > 0) {
		got[2] += r->in.n;
		batch_free(&r->in);
	}
	assert_in_range(r->dev[0]->drops[DROP_QUEUE_FULL], 1, 64);
	assert_int_equal(got[1], n);
	assert_int_equal(got[2] + r->dev[0]->drops[DROP_QUEUE_FULL], n);
}

static void test_segment_shares_the_batch(void **state)
{
	unsigned from[3] = { 0 };
	struct rig *r = *state;

	open_segment(r, 3);
	for (unsigned k = 0; k < 100; k++)
		send_frame(r, 1, broadcast, station(1), 60, 1);
	for (unsigned k = 0; k < 100; k++)
		send_frame(r, 2, broadcast, station(2), 60, 2);
	assert_int_equal(dev_recv(r->dev[0], &r->pool, &r->in), BATCH_MAX);
	for (unsigned i = 0; i < r->in.n; i++)
		from[r->in.pkt[i]->p[ETH_SRC_OFF + 5]]++;
	assert_int_equal(from[1], BATCH_MAX / 2);
	assert_int_equal(from[2], BATCH_MAX / 2);
	assert_int_equal(dev_recv(r->dev[0], &r->pool, &r->in), 0); /* no room: no frame */
	assert_int_equal(r->in.n, BATCH_MAX);
}

static void test_segment_no_buffers(void **state)
{
	struct rig *r = *state;
	struct pkt_pool none, small;

	open_segment(r, 2);
	pkt_pool_init(&none, 0, 0);
	pkt_pool_init(&small, 64, 0);
	send_frame(r, 0, broadcast, station(0), 60, 1);
	assert_int_equal(dev_recv(r->dev[1], &none, &r->in), -ENOBUFS);
	expect_frame(r, 1, 60, 1); /* it has waited */
	send_frame(r, 0, broadcast, station(0), 3000, 2);
	assert_int_equal(dev_recv(r->dev[1], &small, &r->in), 0);
	assert_int_equal(r->dev[1]->drops[DROP_NO_BUFFER], 1);
	pkt_pool_done(&small);
}

/* Files and privileges are needed to open a segment, not to use it: others still come and go. */
static void test_segment_after_dropping_privileges(void **state)
{
	struct rig *r = *state;

	if (geteuid() != 0)
		skip();
	open_segment(r, 2);
	assert_int_equal(seteuid(NOBODY), 0);
	send_frame(r, 0, broadcast, station(0), 60, 1);
	expect_frame(r, 1, 60, 1);
	assert_int_equal(seteuid(0), 0);
	r->dev[2] = open_dev("wire:lan0"); /* a newcomer with rights, who then has none */
	assert_int_equal(seteuid(NOBODY), 0);
	send_frame(r, 2, broadcast, station(2), 60, 2);
	expect_frame(r, 0, 60, 2);
	expect_frame(r, 1, 60, 2);
	send_frame(r, 0, station(2), station(0), 60, 3);
	expect_frame(r, 2, 60, 3);
	dev_close(r->dev[2]); /* cannot remove its name */
	r->dev[2] = NULL;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(names_in_segment(r), 3);
	r->dev[2] = open_dev("wire:lan0");
	assert_int_equal(names_in_segment(r), 3);
}

static bool wait_for(struct dev *d)
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };

	return poll(&p, 1, PATIENCE_MS) == 1;
}

/*
 * Several processes open a segment at the same time; then each sends one frame. Each must get
 * one from each other: a pair that missed or met twice would show.
 */
#define CROWD 6

static int member(struct rig *r, unsigned self, int ready, int go)
{
	unsigned seen[CROWD] = { 0 }, n = 0;
	char c = 0;

	r->dev[0] = open_dev("wire:lan0");
	if (write(ready, "x", 1) != 1 || read(go, &c, 1) != 0)
		return 1;
	send_frame(r, 0, broadcast, station(self), 60, 0);
	while (n < CROWD - 1 && wait_for(r->dev[0])) {
		if (dev_recv(r->dev[0], &r->pool, &r->in) < 0)
			return 2;
		for (unsigned i = 0; i < r->in.n; i++, n++)
			seen[r->in.pkt[i]->p[ETH_SRC_OFF + 5] % CROWD]++;
		batch_free(&r->in);
	}
	for (unsigned i = 0; i < CROWD; i++)
		if (seen[i] != (i != self))
			return 3;
	if (write(ready, "x", 1) != 1) /* stay until all have heard all */
		return 4;
	return 0;
}

static void test_segment_crowd(void **state)
{
	struct rig *r = *state;
	int ready[2], go[2], status;
	pid_t pid[CROWD];

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	for (unsigned i = 0; i < CROWD; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			close(go[1]);
			close(ready[0]);
			_exit(member(r, i, ready[1], go[0]));
		}
		assert_true(pid[i] > 0);
	}
	close(ready[1]);
	await(ready[0], CROWD);
	close(go[1]); /* all are there: go */
	for (unsigned i = 0; i < CROWD; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	close(ready[0]);
	close(go[0]);
	assert_int_equal(names_in_segment(r), CROWD); /* none was closed in order */
	r->dev[0] = open_dev("wire:lan0");
	assert_int_equal(names_in_segment(r), 1);
}

/* IPv6 by hand, for the tests with the kernel and those of cutting. */

#define IP6 ETH_HDR_OCTETS
#define L4  (IP6 + 40)

static struct ip6_addr src_of(const struct pkt *pkt)
{
	struct ip6_addr a;

	memcpy(a.b, pkt->p + IP6 + 8, sizeof(a.b));
	return a;
}

static struct ip6_addr dst_of(const struct pkt *pkt)
{
	struct ip6_addr a;

	memcpy(a.b, pkt->p + IP6 + 24, sizeof(a.b));
	return a;
}

/* 0 if and only if the checksum is right. */
static uint16_t l4_sum(const struct pkt *pkt)
{
	struct ip6_addr src = src_of(pkt), dst = dst_of(pkt);

	return csum_upper(&src, &dst, pkt->p + L4, pkt->len - L4, pkt->p[IP6 + 6]);
}

static void make_ip6(struct pkt *pkt, const char *src, const char *dst, uint8_t proto)
{
	struct ip6_addr a;

	put_be32(pkt->p + IP6, 0x60000000);
	put_be16(pkt->p + IP6 + 4, (uint16_t)(pkt->len - L4));
	pkt->p[IP6 + 6] = proto;
	pkt->p[IP6 + 7] = 64;
	assert_int_equal(ip6_parse(src, &a), 0);
	memcpy(pkt->p + IP6 + 8, a.b, sizeof(a.b));
	assert_int_equal(ip6_parse(dst, &a), 0);
	memcpy(pkt->p + IP6 + 24, a.b, sizeof(a.b));
}

static void complete_l4(struct pkt *pkt, uint32_t csum_off)
{
	put_be16(pkt->p + L4 + csum_off, 0);
	put_be16(pkt->p + L4 + csum_off, l4_sum(pkt));
}

/* What the kernel hands over: the pseudo-header's sum where the checksum belongs. */
static void partial_l4(struct pkt *pkt, uint32_t csum_off)
{
	struct ip6_addr src = src_of(pkt), dst = dst_of(pkt);

	put_be16(pkt->p + L4 + csum_off,
		 csum_fold(csum_pseudo(&src, &dst, pkt->len - L4, pkt->p[IP6 + 6])));
}

/* Cutting: payload, size, and the pieces' payloads. */
/* clang-format off */
static const struct {
	bool tcp;
	uint32_t payload, size, pieces, last;
} cuts[] = {
	{ true,  1440,	1440, 1, 1440 },
	{ true,  1441,	1440, 2, 1 },
	{ true,  14400,	1440, 10, 1440 },
	{ true,  65000,	1440, 46, 200 },
	{ false, 5000,	1000, 5, 1000 },
	{ false, 5001,	1000, 6, 1 },
	{ false, 3,	1, 3, 1 },
};
/* clang-format on */

static struct pkt *big_packet(struct rig *r, bool tcp, uint32_t payload)
{
	struct mac a = station(1), b = station(2);
	struct pkt *pkt = frame(r, &a, &b, L4 + (tcp ? 32u : 8u) + payload, 3);

	make_ip6(pkt, "fd00::1", "fd00::2", tcp ? IPPROTO_TCP : IPPROTO_UDP);
	if (tcp) {
		put_be32(pkt->p + L4 + 4, 0xffffff00); /* sequence numbers wrap */
		put_be16(pkt->p + L4 + 12, 0x8099);    /* CWR, ACK, PSH, FIN */
	} else {
		put_be16(pkt->p + L4 + 4, (uint16_t)(8 + payload));
	}
	partial_l4(pkt, tcp ? 16 : 6);
	return pkt;
}

static void check_piece(const struct pkt *big, const struct pkt *pkt, uint32_t at, bool tcp,
			bool last)
{
	uint32_t hdr = L4 + (tcp ? 32 : 8), n = pkt->len - hdr;
	unsigned flags = 0x10 | (at == 0 ? 0x80 : 0) | (last ? 0x09 : 0);

	assert_int_equal(l4_sum(pkt), 0);
	assert_int_equal(get_be16(pkt->p + IP6 + 4), pkt->len - L4);
	assert_memory_equal(pkt->p + hdr, big->p + hdr + at, n);
	if (tcp) {
		assert_int_equal(get_be32(pkt->p + L4 + 4), (uint32_t)(0xffffff00 + at));
		assert_int_equal(pkt->p[L4 + 13], flags);
	} else {
		assert_int_equal(get_be16(pkt->p + L4 + 4), 8 + n);
	}
}

static void test_cut(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct dev_gso g = { .size = cuts[i].size, .l4_off = L4, .tcp = cuts[i].tcp };
		struct pkt *big = big_packet(r, g.tcp, cuts[i].payload);
		uint32_t at = 0, hdr = L4 + (g.tcp ? 32 : 8), rest = cuts[i].payload, last = 0;
		struct pktq out = { 0 };
		struct pkt *pkt;

		assert_int_equal(dev_gso_cut(&g, &r->pool, big, &out), DROP_NONE);
		assert_int_equal(out.n, cuts[i].pieces);
		while ((pkt = pktq_get(&out)) != NULL) {
			assert_int_equal(pkt->len - hdr, MIN(rest, g.size));
			check_piece(big, pkt, at, g.tcp, out.n == 0);
			last = pkt->len - hdr;
			at += last;
			rest -= last;
			pkt_free(pkt);
		}
		assert_int_equal(rest, 0);
		assert_int_equal(last, cuts[i].last);
		pkt_free(big);
	}
}

/* IPv4: length, identifier and header checksum of each; RFC 791 section 3.1. */
static void test_cut_ip4(void **state)
{
	struct dev_gso g = { .size = 1000, .l4_off = IP6 + 20, .tcp = false };
	struct mac a = station(1), b = station(2);
	struct rig *r = *state;
	struct pkt *pkt, *big = frame(r, &a, &b, IP6 + 20 + 8 + 2500, 0);
	uint8_t *ip = big->p + IP6, pseudo[12] = { 10, 0, 0, 1, 10, 0, 0, 2, 0, IPPROTO_UDP };
	struct pktq out = { 0 };

	put_be16(big->p + ETH_TYPE_OFF, ETH_TYPE_IP4);
	put_be32(ip, 0x45000000 | (20 + 8 + 2500));
	put_be32(ip + 4, 0xfffe0000);
	put_be32(ip + 8, 0x4011abcd);
	memcpy(ip + 12, pseudo, 8);
	put_be16(ip + 20 + 4, 8 + 2500);
	put_be16(pseudo + 10, 8 + 2500);
	put_be16(ip + 20 + 6, csum_fold(csum_add(0, pseudo, sizeof(pseudo))));
	assert_int_equal(dev_gso_cut(&g, &r->pool, big, &out), DROP_NONE);
	assert_int_equal(out.n, 3);
	for (uint32_t i = 0; (pkt = pktq_get(&out)) != NULL; i++) {
		uint32_t n = i < 2 ? 1008 : 508;

		ip = pkt->p + IP6;
		assert_int_equal(pkt->len, IP6 + 20 + n);
		assert_int_equal(get_be16(ip + 2), 20 + n);
		assert_int_equal(get_be16(ip + 4), (uint16_t)(0xfffe + i));
		assert_int_equal(csum_fold(csum_add(0, ip, 20)), 0xffff);
		put_be16(pseudo + 10, (uint16_t)n);
		assert_int_equal(csum_fold(csum_add(csum_add(0, pseudo, 12), ip + 20, n)), 0xffff);
		pkt_free(pkt);
	}
	pkt_free(big);
}

/* RFC 768: a sum of zero is sent as all ones. */
static void test_checksum_of_zero(void **state)
{
	struct mac a = station(1), b = station(2);
	struct rig *r = *state;
	struct pkt *pkt = frame(r, &a, &b, 20, 0);

	put_be32(pkt->p + 14, 0x1234edcb);
	put_be16(pkt->p + 18, 0);
	assert_int_equal(dev_csum_complete(pkt, 14, 4), DROP_NONE);
	assert_int_equal(get_be16(pkt->p + 18), 0xffff);
	pkt_free(pkt);
}

static void test_cut_refuses(void **state)
{
	struct rig *r = *state;
	struct pkt *big = big_packet(r, true, 3000);
	struct dev_gso g = { .size = 1440, .l4_off = L4, .tcp = true }, bad;
	struct pktq out = { 0 };
	struct pkt_pool few;

	bad = g, bad.size = 0;
	assert_int_equal(dev_gso_cut(&bad, &r->pool, big, &out), DROP_LINK_SHORT);
	bad = g, bad.l4_off = big->len - 19;
	assert_int_equal(dev_gso_cut(&bad, &r->pool, big, &out), DROP_LINK_SHORT);
	bad = g, bad.l4_off = big->len + 1;
	assert_int_equal(dev_gso_cut(&bad, &r->pool, big, &out), DROP_LINK_SHORT);
	bad = g, bad.l4_off = L4 - 1;
	big->p[L4 - 1 + 12] = 0x50;
	assert_int_equal(dev_gso_cut(&bad, &r->pool, big, &out), DROP_LINK_TYPE);
	big->p[L4 + 12] = 0x40; /* a TCP header of 16 octets */
	assert_int_equal(dev_gso_cut(&g, &r->pool, big, &out), DROP_LINK_SHORT);
	big->p[L4 + 12] = 0x80;
	put_be16(big->p + ETH_TYPE_OFF, ETH_TYPE_ARP);
	assert_int_equal(dev_gso_cut(&g, &r->pool, big, &out), DROP_LINK_TYPE);
	put_be16(big->p + ETH_TYPE_OFF, ETH_TYPE_IP6);
	pkt_pool_init(&few, 2, 0);
	assert_int_equal(out.n, 0);
	assert_int_equal(dev_gso_cut(&g, &few, big, &out), DROP_NO_BUFFER);
	pktq_free(&out);
	pkt_pool_done(&few);
	pkt_trim(big, L4 + 32); /* no payload */
	assert_int_equal(dev_gso_cut(&g, &r->pool, big, &out), DROP_LINK_SHORT);
	assert_int_equal(dev_csum_complete(big, L4, 31), DROP_LINK_SHORT);
	assert_int_equal(dev_csum_complete(big, L4, UINT32_MAX), DROP_LINK_SHORT);
	assert_int_equal(dev_csum_complete(big, UINT32_MAX, 2), DROP_LINK_SHORT);
	assert_int_equal(dev_csum_complete(big, L4, 30), DROP_NONE);
	pkt_free(big);
}

/* With the kernel */

static bool run(const char *command)
{
	return system(command) == 0;
}

static void enter_namespace(struct rig *r)
{
	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) != 0 ||
	    !run("ip -V >/dev/null 2>&1"))
		skip();
	r->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (r->netns < 0 || unshare(CLONE_NEWNET) != 0)
		skip();
}

/* The kernel brings links up, and installs the route to a new address, a little later. */
static void wait_until(const char *command)
{
	unsigned tries = 0;

	while (!run(command)) {
		assert_in_range(tries++, 0, PATIENCE_MS / 10);
		usleep(10000);
	}
}

static void wait_up(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "ip -br link show %s | grep -Eq ' (UP|UNKNOWN) '", name);
	wait_until(command);
}

/* The kernel is fd00::1 on interface @name, we are fd00::2 with address station(2). */
static void give_address(const char *name)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "ip link set %s up && ip addr add fd00::1/64 dev %s nodad && "
		 "ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev %s nud permanent",
		 name, name, name);
	assert_true(run(command));
	wait_up(name);
	wait_until("ip -6 route show table local | grep -q '^local fd00::1 '");
}

static struct sockaddr_in6 address(const char *text, uint16_t port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET6, text, &a.sin6_addr), 1);
	return a;
}

/* The next frame of @proto from the kernel's address; its own chatter (RS, MLD) is passed over. */
static struct pkt *next_from_kernel(struct rig *r, uint8_t proto)
{
	for (;;) {
		struct pkt *pkt;

		if (r->in.n == 0) {
			assert_true(wait_for(r->dev[0]));
			assert_true(dev_recv(r->dev[0], &r->pool, &r->in) >= 0);
			continue;
		}
		pkt = r->in.pkt[0];
		memmove(r->in.pkt, r->in.pkt + 1, --r->in.n * sizeof(r->in.pkt[0]));
		if (pkt->len > L4 && get_be16(pkt->p + 12) == ETH_TYPE_IP6 &&
		    pkt->p[IP6 + 6] == proto)
			return pkt;
		pkt_free(pkt);
	}
}

static const uint32_t payloads[] = { 1, 8, 999, 1452 };

/* UDP both ways: what the kernel sends arrives whole and with a right checksum, and vice versa. */
static void talk_udp(struct rig *r, const struct mac *kernel)
{
	struct sockaddr_in6 us = address("fd00::2", 4000), it = address("fd00::1", 5000);
	struct mac our = station(2);
	int s = socket(AF_INET6, SOCK_DGRAM, 0);
	uint8_t data[2048], back[2048];

	assert_int_equal(bind(s, (struct sockaddr *)&it, sizeof(it)), 0);
	for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
		uint32_t n = payloads[i];
		struct pkt *pkt;

		memset(data, (int)(0x51 + i), n);
		assert_int_equal(sendto(s, data, n, 0, (struct sockaddr *)&us, sizeof(us)), n);
		pkt = next_from_kernel(r, IPPROTO_UDP);
		assert_memory_equal(pkt->p, our.b, sizeof(our.b));
		assert_memory_equal(pkt->p + ETH_SRC_OFF, kernel->b, sizeof(kernel->b));
		assert_int_equal(pkt->len, L4 + 8 + n);
		assert_int_equal(l4_sum(pkt), 0);
		assert_memory_equal(pkt->p + L4 + 8, data, n);
		pkt_free(pkt);

		pkt = frame(r, kernel, &our, L4 + 8 + n, (uint8_t)i);
		make_ip6(pkt, "fd00::2", "fd00::1", IPPROTO_UDP);
		put_be32(pkt->p + L4, 4000u << 16 | 5000);
		put_be16(pkt->p + L4 + 4, (uint16_t)(8 + n));
		complete_l4(pkt, 6);
		memcpy(data, pkt->p + L4 + 8, n);
		send_one(r->dev[0], pkt);
		assert_int_equal(
			poll(&(struct pollfd){ .fd = s, .events = POLLIN }, 1, PATIENCE_MS), 1);
		assert_int_equal(recv(s, back, sizeof(back), 0), n);
		assert_memory_equal(back, data, n);
	}
	close(s);
}

static struct mac address_of(const char *name)
{
	char path[64], text[32] = "";
	struct mac m;
	FILE *f;

	/* /sys shows the namespace that mounted it, so ask ip */
	snprintf(path, sizeof(path), "ip -br link show %s", name);
	f = popen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*s %*s %17s", text), 1);
	pclose(f);
	assert_int_equal(mac_parse(text, &m), 0);
	return m;
}

static void test_tap(void **state)
{
	struct rig *r = *state;
	struct mac kernel, own;

	enter_namespace(r);
	r->dev[0] = open_dev("tap:inaba0");
	assert_int_equal(dev_mtu(r->dev[0]), 1500);
	assert_true(run("ip -br link show inaba0 up | grep -q inaba0")); /* dev_open() did it */
	give_address("inaba0");
	kernel = address_of("inaba0");
	own = dev_mac(r->dev[0]);
	assert_int_equal(own.b[0] & 3, 2);
	assert_false(mac_eq(&own, &kernel));
	talk_udp(r, &kernel);
	dev_close(r->dev[0]);
	r->dev[0] = NULL;
	assert_int_equal(if_nametoindex("inaba0"), 0);
}

static void test_tap_that_exists(void **state)
{
	struct rig *r = *state;
	char err[DEV_ERR_MAX] = "";
	struct mac kernel;
	struct pktq q = { 0 };

	enter_namespace(r);
	assert_true(run("ip tuntap add inaba1 mode tap && ip link set inaba1 mtu 9000"));
	r->dev[0] = open_dev("tap:inaba1");
	assert_int_equal(dev_mtu(r->dev[0]), 9000);
	assert_int_equal(dev_open("tap:inaba1", &r->dev[1], err), -EBUSY);
	assert_non_null(strstr(err, "another process"));
	assert_int_equal(dev_open("tap:lo", &r->dev[1], err), -EINVAL);
	assert_non_null(strstr(err, "no TAP"));
	kernel = address_of("inaba1");
	pktq_put(&q, frame(r, &kernel, &broadcast, 60, 0)); /* its owner has not set it up */
	assert_int_equal(dev_send(r->dev[0], &q), -ENETDOWN);
	assert_int_equal(q.n, 1);
	pktq_free(&q);
	give_address("inaba1");
	talk_udp(r, &kernel);
	send_frame(r, 0, kernel, station(2), 13, 0);
	assert_int_equal(r->dev[0]->drops[DROP_LINK_SHORT], 1);
	dev_close(r->dev[0]);
	r->dev[0] = NULL;
	assert_int_not_equal(if_nametoindex("inaba1"), 0);
}

static void open_veth(struct rig *r)
{
	enter_namespace(r);
	assert_true(run("ip link add va type veth peer name vb && ip link set vb up"));
	give_address("va");
	wait_up("vb");
	r->dev[0] = open_dev("packet:vb");
}

static void test_packet(void **state)
{
	char err[DEV_ERR_MAX] = "";
	struct rig *r = *state;
	struct mac kernel, own, vb;
	struct pktq q = { 0 };

	open_veth(r);
	kernel = address_of("va");
	vb = address_of("vb");
	own = dev_mac(r->dev[0]);
	assert_true(mac_eq(&own, &vb));
	assert_int_equal(dev_mtu(r->dev[0]), 1500);
	assert_true(run("ip -d link show vb | grep -q 'promiscuity 1'"));
	talk_udp(r, &kernel);
	assert_int_equal(dev_open("packet:nosuch", &r->dev[1], err), -ENODEV);
	assert_non_null(strstr(err, "ip link"));
	assert_int_equal(dev_open("packet:lo", &r->dev[1], err), -EPROTOTYPE);
	assert_non_null(strstr(err, "Ethernet"));

	/* one too large among others: it alone is lost */
	pktq_put(&q, frame(r, &kernel, &own, 60, 0));
	pktq_put(&q, frame(r, &kernel, &own, 3000, 0));
	pktq_put(&q, frame(r, &kernel, &own, 13, 0));
	pktq_put(&q, frame(r, &kernel, &own, 60, 0));
	assert_int_equal(dev_send(r->dev[0], &q), 4);
	assert_int_equal(r->dev[0]->drops[DROP_LINK_TOO_BIG], 1);
	assert_int_equal(r->dev[0]->drops[DROP_LINK_SHORT], 1);

	/* down, and up again */
	assert_true(run("ip link set vb down"));
	while (dev_recv(r->dev[0], &r->pool, &r->in) >= 0)
		batch_free(&r->in);
	pktq_put(&q, frame(r, &kernel, &own, 60, 0));
	assert_int_equal(dev_send(r->dev[0], &q), -ENETDOWN);
	pktq_free(&q);
	assert_true(run("ip link set vb up && ip neigh replace fd00::2 lladdr 02:00:00:00:00:02 "
			"dev va nud permanent"));
	wait_up("va");
	talk_udp(r, &kernel);
}

/* What the kernel itself sends by our interface is not ours to receive. */
static void test_packet_ignores_outgoing(void **state)
{
	struct sockaddr_in6 far = address("fd01::9", 4000);
	struct rig *r = *state;
	int s, n;

	open_veth(r);
	assert_true(run("ip addr add fd01::1/64 dev vb nodad && "
			"ip neigh add fd01::9 lladdr 02:00:00:00:00:09 dev vb nud permanent"));
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(sendto(s, "x", 1, 0, (struct sockaddr *)&far, sizeof(far)), 1);
	while ((n = dev_recv(r->dev[0], &r->pool, &r->in)) > 0) {
		for (unsigned i = 0; i < r->in.n; i++)
			assert_int_not_equal(r->in.pkt[i]->p[IP6 + 6], IPPROTO_UDP);
		batch_free(&r->in);
	}
	assert_int_equal(n, 0);
	close(s);
}

/* The kernel hands a large datagram over to be cut by hardware: UDP_SEGMENT. */
static void test_packet_cuts_udp(void **state)
{
	struct sockaddr_in6 us = address("fd00::2", 4000);
	struct rig *r = *state;
	uint8_t data[50500];
	int s, size = 500;

	open_veth(r);
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(setsockopt(s, IPPROTO_UDP, 103 /* UDP_SEGMENT */, &size, sizeof(size)), 0);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	assert_int_equal(sendto(s, data, sizeof(data), 0, (struct sockaddr *)&us, sizeof(us)),
			 sizeof(data));
	for (unsigned i = 0; i < 101; i++) { /* more than a batch */
		struct pkt *pkt = next_from_kernel(r, IPPROTO_UDP);

		assert_int_equal(pkt->len, L4 + 8 + 500);
		assert_int_equal(get_be16(pkt->p + L4 + 4), 508);
		assert_int_equal(l4_sum(pkt), 0);
		assert_memory_equal(pkt->p + L4 + 8, data + (size_t)i * 500, 500);
		pkt_free(pkt);
	}
	close(s);
}

/* Our half of a TCP handshake: SYN|ACK with an MSS of 1,440 and a window of 65,535. */
static void answer_syn(struct rig *r, const struct pkt *syn, const struct mac *kernel)
{
	struct mac our = station(2);
	struct pkt *pkt = frame(r, kernel, &our, L4 + 24, 0);

	make_ip6(pkt, "fd00::2", "fd00::1", IPPROTO_TCP);
	put_be16(pkt->p + L4, get_be16(syn->p + L4 + 2));
	put_be16(pkt->p + L4 + 2, get_be16(syn->p + L4));
	put_be32(pkt->p + L4 + 4, 1000);
	put_be32(pkt->p + L4 + 8, get_be32(syn->p + L4 + 4) + 1);
	put_be32(pkt->p + L4 + 12, 0x6012ffff);
	put_be32(pkt->p + L4 + 16, 0);
	put_be32(pkt->p + L4 + 20, 0x02040000 | 1440);
	complete_l4(pkt, 16);
	send_one(r->dev[0], pkt);
}

/* TCP from a kernel that leaves checksums and segments to hardware: ten segments of one write. */
static void test_packet_cuts_tcp(void **state)
{
	struct sockaddr_in6 us = address("fd00::2", 80);
	struct rig *r = *state;
	struct mac kernel;
	struct pkt *pkt;
	uint8_t data[14400];
	uint32_t seq, at = 0;
	int s;

	open_veth(r);
	kernel = address_of("va");
	s = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(s, (struct sockaddr *)&us, sizeof(us)), -1);
	pkt = next_from_kernel(r, IPPROTO_TCP);
	assert_int_equal(l4_sum(pkt), 0);
	assert_int_equal(pkt->p[L4 + 13], 0x02);
	seq = get_be32(pkt->p + L4 + 4) + 1;
	answer_syn(r, pkt, &kernel);
	pkt_free(pkt);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	assert_int_equal(poll(&(struct pollfd){ .fd = s, .events = POLLOUT }, 1, PATIENCE_MS), 1);
	assert_int_equal(send(s, data, sizeof(data), 0), sizeof(data));
	while (at < sizeof(data)) {
		uint32_t n;

		pkt = next_from_kernel(r, IPPROTO_TCP);
		assert_int_equal(l4_sum(pkt), 0);
		assert_in_range(pkt->len, L4 + 20, 1514);
		assert_int_equal(get_be32(pkt->p + L4 + 4), seq + at);
		n = pkt->len - L4 - 20;
		assert_memory_equal(pkt->p + L4 + 20, data + at, n);
		at += n;
		pkt_free(pkt);
	}
	close(s);
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(test_openings),
		RIG(test_runtime_dir),
		RIG(test_runtime_dir_of_another),
		RIG(test_segment_learns),
		RIG(test_segment_does_not_learn_groups),
		RIG(test_segment_batches),
		RIG(test_segment_sizes),
		RIG(test_segment_peer_leaves),
		RIG(test_segment_stale_name),
		RIG(test_segment_stranger),
		RIG(test_segment_newcomers_take_turns),
		RIG(test_segments_are_apart),
		RIG(test_segment_slow_peer),
		RIG(test_segment_shares_the_batch),
		RIG(test_segment_no_buffers),
		RIG(test_segment_after_dropping_privileges),
		RIG(test_segment_crowd),
		RIG(test_cut),
		RIG(test_cut_ip4),
		RIG(test_checksum_of_zero),
		RIG(test_cut_refuses),
		RIG(test_tap),
		RIG(test_tap_that_exists),
		RIG(test_packet),
		RIG(test_packet_ignores_outgoing),
		RIG(test_packet_cuts_udp),
		RIG(test_packet_cuts_tcp),
	};

	return cmocka_run_group_tests_name("dev", tests, NULL, NULL);
}
