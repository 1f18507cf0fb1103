/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"

struct command {
	const char *word, *args, *what;
	int (*fn)(int argc, char **argv);
};

static const struct command commands[] = {
	{ "up", "NAME --link IF=DEV ...", "start a node as a process", cmd_up },
	{ "down", "NAME", "end a node", cmd_down },
	{ "list", "[--json]", "nodes that run", cmd_list },
	{ "status", "NAME [--json]", "all state of a node", cmd_status },
	{ "ping", "NAME DEST [-c N] [-s SIZE] ...", "echo requests from a node", cmd_ping },
	{ "capture", "NAME [IF]", "what passes, as pcapng on standard output", cmd_capture },
	{ "demo", "[--out DIR] [--seed N]", "a small IPv6 internet, in virtual time", cmd_demo },
	{ "conform", "list|run|explain|compare ...", "conformance of a node, part by part",
	  cmd_conform },
};

int usage(const char *word, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "inaba %s: ", word);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (see: inaba help)\n");
	return EXIT_USAGE;
}

int failed(const char *word, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "inaba %s: ", word);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

int no_node(const char *word, const char *name, int rc)
{
	if (rc == -EINVAL)
		return usage(word, "\"%s\" is no name for a node: letters, digits, - _ .", name);
	if (rc == -ENOENT)
		return failed(word, "no node named %s runs; \"inaba list\" shows those that do",
			      name);
	return failed(word, "node %s: %s", name, strerror(-rc));
}

bool parse_u32(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;
	unsigned long v;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || v > max)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static void help(FILE *to)
{
	fprintf(to, "usage: inaba COMMAND ...\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-8s %-32s %s\n", commands[i].word, commands[i].args,
			commands[i].what);
	fprintf(to,
		"\n  DEV is tap:NAME, packet:NAME or wire:SEGMENT. Options of \"up\":\n"
		"    --link IF=DEV [--mac IF=MAC] [--addr IF=ADDR/LEN] [--route PREFIX=VIA%%IF]\n"
		"    [--advertise IF=PREFIX/LEN] [--forward] [--opaque FILE] [--temporary]\n"
		"    [--optimistic] [--foreground]\n"
		"  The manual page inaba(1) has it all.\n");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		help(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("inaba %s\n", INABA_VERSION);
		return EXIT_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].fn(argc - 1, argv + 1);
	fprintf(stderr, "inaba: unknown command \"%s\" (see: inaba help)\n", argv[1]);
	return EXIT_USAGE;
}
