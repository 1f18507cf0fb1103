/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ask the kernel what a node is asked: requests of standard input, lines "> HEX" among others, go to
 * a NETLINK_ROUTE socket of the network namespace that this runs in. All lines but answers of an
 * earlier recording go to standard output, behind each request its answers, "< ", and what was told
 * to all because of it, "~ ", sorted. tests/real/netlink-oracle.sh makes the namespace.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "netlink/nltext.h"

#define SETTLE_MS 60   /* some of what follows is done later, by a worker */
#define ANSWER_MS 1000 /* that no answer takes */
#define TOLD_MAX  256

struct told {
	char *line[TOLD_MAX];
	size_t n;
};

static int open_socket(uint32_t groups)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&me, sizeof(me)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0) {
		perror("netlink");
		exit(1);
	}
	return fd;
}

static void keep(void *ctx, const char *line)
{
	struct told *t = ctx;

	if (t->n < TOLD_MAX)
		t->line[t->n++] = strdup(line);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show(struct told *t, const char *prefix, bool sorted)
{
	if (sorted)
		qsort(t->line, t->n, sizeof(t->line[0]), by_text);
	for (size_t i = 0; i < t->n; i++) {
		printf("%s%s\n", prefix, t->line[i]);
		free(t->line[i]);
	}
}

static bool comes(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

static void answers(int fd, const struct nlmsghdr *h)
{
	static uint8_t buf[65536];
	bool to_end = (h->nlmsg_flags & NLM_F_ACK) != 0 ||
		      ((h->nlmsg_type & 3) == 2 && (h->nlmsg_flags & NLM_F_DUMP) != 0);
	struct told t = { .n = 0 };
	unsigned ends = 0;
	ssize_t n;

	while (ends == 0 && comes(fd, ANSWER_MS)) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		ends = nltext(buf, (size_t)n, keep, &t) + !to_end;
	}
	show(&t, "< ", h->nlmsg_type == RTM_GETNEIGH); /* these come from a hash table */
}

static void told(int fd)
{
	static uint8_t buf[65536];
	struct told t = { .n = 0 };
	ssize_t n;

	while (comes(fd, SETTLE_MS)) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n > 0)
			nltext(buf, (size_t)n, keep, &t);
	}
	show(&t, "~ ", true);
}

int main(void)
{
	static char line[8192];
	static uint8_t req[4096];
	int fd = open_socket(0), monitor = open_socket(NLTEXT_GROUPS);
	struct nlmsghdr h;
	uint32_t seq = 0;
	size_t n;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (line[0] == '<' || line[0] == '~')
			continue;
		fputs(line, stdout);
		n = nltext_request(line, ++seq, req, sizeof(req));
		if (n < sizeof(h))
			continue;
		memcpy(&h, req, sizeof(h));
		if (send(fd, req, n, 0) < 0) {
			perror("send");
			return 1;
		}
		answers(fd, &h);
		told(monitor);
	}
	return 0;
}
