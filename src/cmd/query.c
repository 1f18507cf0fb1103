/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that talk to a running node: down, list, status, capture. */
#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/status_text.h"
#include "host/control.h"
#include "link/runtime.h"

#define PATIENCE_S 10 /* for a node that says nothing, because it is stopped, say */

void limit_patience(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

char *read_all(int fd, size_t *len)
{
	size_t room = 65536, n = 0;
	char *buf = malloc(room + 1);

	while (buf != NULL) {
		ssize_t got = read(fd, buf + n, room - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(buf);
			return NULL;
		}
		if (got == 0)
			break;
		n += (size_t)got;
		if (n == room) {
			char *more = realloc(buf, 2 * room + 1);

			if (more == NULL) {
				free(buf);
				return NULL;
			}
			buf = more;
			room *= 2;
		}
	}
	if (buf != NULL) {
		buf[n] = '\0';
		*len = n;
	}
	return buf;
}

/* One node's name and perhaps --json; anything else is an error. */
static int one_name(const char *word, int argc, char **argv, const char **name, bool *json)
{
	*name = NULL;
	for (int i = 1; i < argc; i++) {
		if (json != NULL && strcmp(argv[i], "--json") == 0)
			*json = true;
		else if (argv[i][0] == '-')
			return usage(word, "unknown option %s", argv[i]);
		else if (*name != NULL)
			return usage(word, "one node at a time");
		else
			*name = argv[i];
	}
	return *name != NULL ? EXIT_OK : usage(word, "the name of a node is missing");
}

int cmd_status(int argc, char **argv)
{
	const char *name;
	bool json = false;
	int fd, rc = one_name("status", argc, argv, &name, &json);
	const char *why;
	json_error_t error;
	json_t *root;
	char *text;
	size_t len;

	if (rc != EXIT_OK)
		return rc;
	fd = control_connect(name, "status\n");
	if (fd < 0)
		return no_node("status", name, fd);
	limit_patience(fd);
	text = read_all(fd, &len);
	close(fd);
	if (text == NULL || len == 0) {
		free(text);
		return failed("status", "node %s does not answer", name);
	}
	root = json_loads(text, 0, &error);
	why = json_string_value(json_object_get(root, "error"));
	if (root == NULL || why != NULL)
		rc = failed("status", "node %s: %s", name, why != NULL ? why : error.text);
	else if (json)
		(void)fwrite(text, 1, len, stdout);
	else
		status_text(root, stdout);
	json_decref(root);
	free(text);
	return rc;
}

int cmd_down(int argc, char **argv)
{
	const char *name;
	int fd, rc = one_name("down", argc, argv, &name, NULL);
	char rest;
	ssize_t n;

	if (rc != EXIT_OK)
		return rc;
	fd = control_connect(name, "down\n");
	if (fd < 0)
		return no_node("down", name, fd);
	limit_patience(fd);
	while ((n = read(fd, &rest, 1)) > 0 || (n < 0 && errno == EINTR))
		; /* the connection ends with the node */
	if (n < 0 && errno == EAGAIN)
		rc = failed("down", "node %s does not answer: is it stopped?", name);
	close(fd);
	if (rc != EXIT_OK)
		return rc;
	fd = control_connect(name, ""); /* removes the socket that nobody serves any more */
	if (fd >= 0)
		close(fd);
	return EXIT_OK;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_socket(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 5 && strcmp(d->d_name + n - 5, ".sock") == 0;
}

int cmd_list(int argc, char **argv)
{
	char dir[PATH_MAX], err[RUNTIME_ERR];
	struct dirent **entry = NULL;
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	json_t *names = json_array();
	int n, fd;

	if (argc > 1 && !json)
		return usage("list", "it takes nothing but --json");
	if (runtime_dir("node", dir, sizeof(dir), err) < 0)
		return failed("list", "%s", err);
	n = scandir(dir, &entry, is_socket, by_name);
	for (int i = 0; i < n; i++) {
		entry[i]->d_name[strlen(entry[i]->d_name) - 5] = '\0';
		fd = control_connect(entry[i]->d_name, "");
		if (fd >= 0) {
			close(fd);
			json_array_append_new(names, json_string(entry[i]->d_name));
			if (!json)
				printf("%s\n", entry[i]->d_name);
		}
		free(entry[i]);
	}
	free(entry);
	if (json) {
		json_dumpf(names, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(names);
	return EXIT_OK;
}

/* The node's {"error": "..."}, for people. */
static int refused(const char *word, const char *name, const char *text)
{
	json_t *root = json_loads(text, 0, NULL);
	const char *error = json_string_value(json_object_get(root, "error"));
	int rc = failed(word, "node %s: %s", name, error != NULL ? error : "does not answer");

	json_decref(root);
	return rc;
}

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* The first signal lets the node finish its last frame; a second one ends the program. */
static void catch_signals(void)
{
	struct sigaction once = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &once, NULL);
	sigaction(SIGTERM, &once, NULL);
}

/* Wait for something to read; false when nobody reads what we write any more. */
static bool wait_frames(int fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	bool told = false;

	for (;;) {
		if (stopped && !told) {
			shutdown(fd, SHUT_WR);
			told = true;
		}
		if (poll(p, 2, -1) >= 0)
			return (p[1].revents & (POLLERR | POLLHUP)) == 0;
		if (errno != EINTR)
			return false;
	}
}

int cmd_capture(int argc, char **argv)
{
	char line[CONTROL_LINE_MAX], buf[65536];
	bool any = false;
	ssize_t n;
	int fd;

	if (argc < 2 || argc > 3 || argv[1][0] == '-')
		return usage("capture", "it wants NAME [IF]");
	if (argc == 3 && strlen(argv[2]) >= IF_NAME_MAX)
		return usage("capture", "\"%s\" is no name of an interface", argv[2]);
	if (isatty(STDOUT_FILENO))
		return usage("capture", "standard output is a terminal; try: | tshark -r -");
	snprintf(line, sizeof(line), "capture %s\n", argc == 3 ? argv[2] : "-");
	fd = control_connect(argv[1], line);
	if (fd < 0)
		return no_node("capture", argv[1], fd);
	catch_signals();
	while (wait_frames(fd) && (n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		if (!any && buf[0] == '{') { /* pcapng begins with 0x0a */
			buf[n] = '\0';
			close(fd);
			return refused("capture", argv[1], buf);
		}
		any = true;
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout) != 0)
			break; /* the reader has enough */
	}
	close(fd);
	return EXIT_OK;
}
