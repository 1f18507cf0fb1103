/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The daemon of examples/echo, unchanged, on the kernel and inside worlds. As a program on a node:
 * tests/real/echo.sh.
 */
#include "examples/echo/echo.h"
#include "host/rig.h"

#include <stdio.h>
#include <stdlib.h>

#define PORT 7007
#define TEXT_WHOLE                                                                                 \
	"udp echo: the same\nudp time: as ours\ntcp echo: the same\ntcp nobody: Connection refused\n"

struct said {
	char text[512];
	unsigned done;
	bool ok;
};

static void say(void *ctx, const char *line)
{
	struct said *s = ctx;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s\n", line);
}

static void done(void *ctx, bool ok)
{
	struct said *s = ctx;

	s->done++;
	s->ok = ok;
}

/* Server and client on one host, by ::1. */
static void to_oneself(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				   .sin6_port = htons(PORT) };
	struct echo_server *s;
	struct said said = { .done = 0 };
	struct echo_client c = { .say = say, .done = done, .ctx = &said };

	rig_needs_namespace(r); /* for the port; it may end here */
	s = calloc(1, sizeof(*s));
	assert_non_null(s);
	assert_int_equal(echo_server_open(s, r->h, &at), 0);
	echo_client_start(&c, r->h, &at);
	rig_wait(r, &said.done, 1);
	assert_string_equal(said.text, TEXT_WHOLE);
	assert_true(said.ok);
	echo_client_end(&c);
	echo_server_close(s);
	assert_int_equal(r->h->n_handles, 0);
	free(s);
}

/* Two nodes on a wire, a daemon on each. */
struct two {
	struct world w;
	struct world_node *n[2];
	struct host *h[2];
	struct echo_server server;
	struct echo_client client;
	struct said said;
	struct sockaddr_in6 at;
};

static struct two *two_new(uint64_t seed, const struct wire_conf *wire)
{
	struct two *t = calloc(1, sizeof(*t));
	struct world_wire *ww;

	assert_non_null(t);
	world_init(&t->w, &(struct world_conf){ .seed = seed });
	ww = world_add_wire(&t->w, "wire", &(struct wire_conf){ .delay = NS_PER_MS });
	for (unsigned i = 0; i < 2; i++) {
		struct ip6_addr a = { { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)(i + 1) } };

		t->n[i] = world_add_node(&t->w, i == 0 ? "server" : "client");
		assert_int_equal(nd_addr_add(&t->n[i]->node->nd,
					     world_if(t->n[i], world_plug(t->n[i], "e0", ww)), &a,
					     64, ADDR_STATIC, true),
				 0);
		world_touch(t->n[i]);
		t->h[i] = world_host(t->n[i]);
		if (i == 0)
			t->at = (struct sockaddr_in6){ .sin6_family = AF_INET6,
						       .sin6_port = htons(PORT) };
		if (i == 0)
			memcpy(&t->at.sin6_addr, &a, sizeof(a));
	}
	world_run(&t->w, 60 * NS_PER_S);
	ww->wire.conf = *wire;
	ww->wire.conf.mtu = 1500;
	t->client = (struct echo_client){ .say = say, .done = done, .ctx = &t->said };
	assert_int_equal(echo_server_open(&t->server, t->h[0], &t->at), 0);
	return t;
}

static void two_free(struct two *t)
{
	echo_client_end(&t->client);
	echo_server_close(&t->server);
	assert_int_equal(t->h[0]->n_handles + t->h[1]->n_handles, 0);
	world_done(&t->w);
	free(t);
}

static time_ns two_run(struct two *t)
{
	time_ns start = t->w.now;

	echo_client_start(&t->client, t->h[1], &t->at);
	while (t->said.done == 0 && world_step(&t->w, start + 100 * NS_PER_S))
		;
	assert_int_equal(t->said.done, 1);
	return t->w.now - start;
}

static void between_nodes(void **state)
{
	struct two *t = two_new(1, &(struct wire_conf){ .delay = NS_PER_MS });

	(void)state;
	(void)two_run(t);
	assert_string_equal(t->said.text, TEXT_WHOLE);
	assert_true(t->said.ok);
	two_free(t);
}

/* What is lost is sent again; and it all happens once more when it is done once more. */
static void between_nodes_with_loss(void **state)
{
	struct wire_conf wire = { .delay = 5 * NS_PER_MS, .loss_ppm = 30000 };
	time_ns took[2], before = 0;
	unsigned same = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		for (unsigned i = 0; i < 2; i++) {
			struct two *t = two_new(seed, &wire);

			took[i] = two_run(t);
			assert_string_equal(t->said.text, TEXT_WHOLE);
			two_free(t);
		}
		assert_int_equal(took[0], took[1]);
		same += took[0] == before;
		before = took[0];
	}
	assert_true(same < 4);
}

/* Three tries of a second each, exactly; then the streams that nobody answers. */
static void nobody_there(void **state)
{
	struct two *t = two_new(1, &(struct wire_conf){ .delay = NS_PER_MS });
	time_ns took;

	(void)state;
	world_kill(t->n[0]);
	took = two_run(t);
	assert_true(took >= 6 * NS_PER_S);
	assert_false(t->said.ok);
	assert_true(strncmp(t->said.text, "udp echo: ", 10) == 0);
	echo_client_end(&t->client);
	world_done(&t->w);
	free(t);
}

/* Who says nothing for half a minute is gone; a table that is full turns people away. */
static void server_is_bounded(void **state)
{
	struct two *t = two_new(1, &(struct wire_conf){ .delay = NS_PER_MS });
	int c[ECHO_CONNS_MAX + 4];
	char x;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		c[i] = host_socket(t->h[1], AF_INET6, SOCK_STREAM, 0);
		assert_int_equal(
			host_connect(t->h[1], c[i], (struct sockaddr *)&t->at, sizeof(t->at)),
			-EINPROGRESS);
		world_run(&t->w, t->w.now + 10 * NS_PER_MS);
	}
	for (size_t i = 0; i < ARRAY_LEN(c); i++)
		assert_int_equal(host_recvfrom(t->h[1], c[i], &x, 1, NULL, NULL),
				 i < ECHO_CONNS_MAX ? -EAGAIN : 0);
	assert_int_equal(t->h[0]->n_handles, 2 * ECHO_SERVICES + ECHO_CONNS_MAX);
	world_run(&t->w, t->w.now + 31 * NS_PER_S);
	assert_int_equal(t->h[0]->n_handles, 2 * ECHO_SERVICES);
	for (size_t i = 0; i < ARRAY_LEN(c); i++)
		assert_int_equal(host_close(t->h[1], c[i]), 0);
	two_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_BOTH(to_oneself),
		cmocka_unit_test(between_nodes),
		cmocka_unit_test(between_nodes_with_loss),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(server_is_bounded),
	};

	rig_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
