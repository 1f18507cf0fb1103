/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A node against a recording of the kernel: the octets that iproute2 sent, and what the kernel
 * answered and told its listeners (tests/netlink/kernel*.txt, made by tests/real/netlink-oracle.sh; each
 * begins anew).
 * Every line must be the same, but for the commands of the table below, whose reasons stand there.
 */
#include "netlink/nltext.h"
#include "netlink/nlbed.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX 128

struct lines {
	char *line[LINES_MAX];
	size_t n;
};

/* A command that may differ, and must: a line here that is not needed fails. */
static const struct differs {
	const char *command;
	const char *why;
} differs[] = {
	{ "ip -6 route get 2001:db8:2::1", "which of two equal routers it is, a secret decides" },
	{ "ip -6 neigh del 2001:db8:1::9 dev e0", "the kernel's goes by way of FAILED" },
	{ "ip -6 addrlabel list", "the kernel has labels of its own, the node those of RFC 6724" },
	{ "ip link add d0 type dummy", "the kernel of the recording has no dummies" },
	{ "ip link set e1 down", "the node keeps addresses that a user gave" },
};

static void keep(void *ctx, const char *line)
{
	struct lines *l = ctx;

	assert_true(l->n < LINES_MAX);
	l->line[l->n++] = strdup(line);
}

static void forget(struct lines *l)
{
	while (l->n > 0)
		free(l->line[--l->n]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool same(const struct lines *a, const struct lines *b)
{
	bool eq = a->n == b->n;

	for (size_t i = 0; eq && i < a->n; i++)
		eq = strcmp(a->line[i], b->line[i]) == 0;
	return eq;
}

static void show(const char *who, const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		print_error("  %s %s\n", who, l->line[i]);
}

static void read_all(struct nl_sock *s, struct lines *ret)
{
	static uint8_t buf[65536];
	ssize_t n;

	while ((n = nl_recv(s, buf, sizeof(buf), 0, NULL)) > 0)
		nltext(buf, (size_t)n, keep, ret);
}

/* One request, with what the kernel made of it. */
struct turn {
	char command[256];
	uint8_t req[4096];
	size_t octets;
	struct lines answer, told;
};

static bool is_known(const struct turn *t, bool *used)
{
	for (size_t i = 0; i < ARRAY_LEN(differs); i++) {
		if (differs[i].command == NULL || strcmp(differs[i].command, t->command) != 0)
			continue;
		used[i] = true;
		return true;
	}
	return false;
}

/* Return: whether node and kernel agree. */
static bool play(struct nlb *n, struct nl_sock *monitor, struct turn *t, bool *used)
{
	struct lines answer = { .n = 0 }, told = { .n = 0 };
	bool ok;

	if (t->octets == 0)
		return true;
	assert_int_equal(nl_send(n->s, t->req, t->octets, NULL), t->octets);
	node_settle(n->b.node, n->b.now);
	read_all(n->s, &answer);
	read_all(monitor, &told);
	qsort(told.line, told.n, sizeof(told.line[0]), by_text);
	if (strstr(t->command, "neigh show") != NULL) { /* from a hash table */
		qsort(answer.line, answer.n, sizeof(answer.line[0]), by_text);
		qsort(t->answer.line, t->answer.n, sizeof(answer.line[0]), by_text);
	}
	ok = same(&answer, &t->answer) && same(&told, &t->told);
	if (!ok && !is_known(t, used)) {
		print_error("%s\n", t->command);
		show("kernel <", &t->answer);
		show("node   <", &answer);
		show("kernel ~", &t->told);
		show("node   ~", &told);
	} else {
		ok = true;
	}
	forget(&answer);
	forget(&told);
	forget(&t->answer);
	forget(&t->told);
	t->octets = 0;
	return ok;
}

static FILE *open_recording(const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/netlink/%s", getenv("TESTS_DIR"), name);
	f = fopen(path, "r");
	assert_non_null(f);
	return f;
}

/* Return: how many requests there were. */
static unsigned play_all(const char *recording, bool *used)
{
	static struct nlb n;
	static struct turn t;
	static char line[8192];
	struct nl_sock *monitor;
	unsigned bad = 0, turns = 0;
	FILE *f = open_recording(recording);

	nlb_init(&n, 2);
	assert_int_equal(nl_open(&n.b.node->nl, NETLINK_ROUTE, 1, true, &monitor), 0);
	assert_int_equal(nl_bind(monitor, 0, NLTEXT_GROUPS), 0);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '<' || line[0] == '~') {
			keep(line[0] == '<' ? &t.answer : &t.told, line + 2);
			continue;
		}
		bad += !play(&n, monitor, &t, used);
		if (line[0] == '#' && line[1] == ' ')
			snprintf(t.command, sizeof(t.command), "%.255s", line + 2);
		t.octets = nltext_request(line, ++n.seq, t.req, sizeof(t.req));
		turns += t.octets > 0;
	}
	bad += !play(&n, monitor, &t, used);
	fclose(f);
	nl_close(monitor);
	nlb_done(&n);
	assert_int_equal(bad, 0);
	return turns;
}

static void the_kernel_says_the_same(void **state)
{
	bool used[ARRAY_LEN(differs)] = { false };
	unsigned turns = play_all("kernel.txt", used);

	(void)state;
	turns += play_all("kernel-objects.txt", used);
	for (size_t i = 0; i < ARRAY_LEN(differs); i++)
		if (differs[i].command != NULL && !used[i])
			fail_msg("%s: it does not differ", differs[i].command);
	assert_true(turns > 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
