/* SPDX-License-Identifier: BSD-3-Clause */
/* The program: on the kernel as it is, on a node by "inaba exec NODE echo ...". */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "echo.h"
#include "host/linux.h"

struct ask {
	struct host *h;
	bool ok;
};

static void say(void *ctx, const char *line)
{
	(void)ctx;
	puts(line);
}

static void done(void *ctx, bool ok)
{
	struct ask *a = ctx;

	a->ok = ok;
	host_linux_stop(a->h);
}

static int serve(struct host *h, const struct sockaddr_in6 *at)
{
	struct echo_server *s = malloc(sizeof(*s));
	int rc = s != NULL ? echo_server_open(s, h, at) : -ENOMEM;

	if (rc == 0) {
		puts("serving");
		fflush(stdout);
		rc = host_linux_run(h); /* until a signal ends the program */
		echo_server_close(s);
	}
	free(s);
	return rc;
}

static int ask(struct host *h, const struct sockaddr_in6 *to)
{
	struct ask a = { .h = h };
	struct echo_client c = { .say = say, .done = done, .ctx = &a };
	int rc;

	echo_client_start(&c, h, to);
	rc = host_linux_run(h);
	echo_client_end(&c);
	return rc < 0 ? rc : a.ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	bool is_server = argc == 4 && strcmp(argv[1], "serve") == 0;
	struct host *h;
	int rc;

	if (argc != 4 || (!is_server && strcmp(argv[1], "ask") != 0) ||
	    inet_pton(AF_INET6, argv[2], &a.sin6_addr) != 1) {
		fprintf(stderr, "usage: echo serve|ask ADDRESS PORT\n");
		return 2;
	}
	a.sin6_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	rc = host_linux_new(&h);
	if (rc == 0) {
		rc = (is_server ? serve : ask)(h, &a);
		host_linux_free(h);
	}
	if (rc < 0)
		fprintf(stderr, "echo: %s\n", strerror(-rc));
	return rc != 0;
}
