/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that talk to a running node: down, list, status, capture. */
#include <dirent.h>
#include <limits.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/status_text.h"
#include "host/control.h"
#include "link/runtime.h"

/* All that the node answers, as a string to free; NULL without memory or on a read error. */
static char *read_all(int fd, size_t *len)
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
	json_error_t error;
	json_t *root;
	char *text;
	size_t len;

	if (rc != EXIT_OK)
		return rc;
	fd = control_connect(name, "status\n");
	if (fd < 0)
		return no_node("status", name, fd);
	text = read_all(fd, &len);
	close(fd);
	if (text == NULL)
		return failed("status", "node %s does not answer", name);
	if (json) {
		(void)fwrite(text, 1, len, stdout);
		free(text);
		return EXIT_OK;
	}
	root = json_loads(text, 0, &error);
	free(text);
	if (root == NULL)
		return failed("status", "node %s: %s", name, error.text);
	status_text(root, stdout);
	json_decref(root);
	return EXIT_OK;
}

int cmd_down(int argc, char **argv)
{
	const char *name;
	int fd, rc = one_name("down", argc, argv, &name, NULL);
	char path[PATH_MAX], rest;

	if (rc != EXIT_OK)
		return rc;
	fd = control_connect(name, "down\n");
	if (fd < 0)
		return no_node("down", name, fd);
	while (read(fd, &rest, 1) > 0)
		;		/* it closes when it has ended */
	close(fd);
	if (control_path(name, path, sizeof(path)) == 0)
		unlink(path);
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

int cmd_capture(int argc, char **argv)
{
	char line[CONTROL_LINE_MAX], buf[65536];
	ssize_t n;
	bool any = false;
	int fd;

	if (argc < 2 || argc > 3 || argv[1][0] == '-')
		return usage("capture", "it wants NAME [IF]");
	if (isatty(STDOUT_FILENO))
		return usage("capture", "standard output is a terminal; try: | tshark -r -");
	snprintf(line, sizeof(line), "capture %s\n", argc == 3 ? argv[2] : "-");
	fd = control_connect(argv[1], line);
	if (fd < 0)
		return no_node("capture", argv[1], fd);
	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		if (!any && buf[0] == '{') {	/* pcapng begins with 0x0a */
			buf[n] = '\0';
			close(fd);
			return failed("capture", "%s has no interface %s", argv[1], argv[2]);
		}
		any = true;
		if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout) != 0)
			break;		/* the reader has enough */
	}
	close(fd);
	return EXIT_OK;
}
