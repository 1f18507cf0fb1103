/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"

struct command {
	const char *word, *args, *what;
	int (*fn)(int argc, char **argv);
	const char *options; /* for its own help; NULL: no more than @args */
};

static const struct command commands[] = {
	{ "up", "NAME --link IF=DEV ...", "start a node as a process", cmd_up,
	  "  --link IF=DEV             an interface; DEV is tap:NAME, packet:NAME or wire:SEGMENT\n"
	  "  --mac IF=MAC              its link-layer address\n"
	  "  --addr IF=ADDR/LEN        an address\n"
	  "  --route PREFIX=VIA%IF     a route; PREFIX may be \"default\"\n"
	  "  --forward                 be a router\n"
	  "  --advertise IF=PREFIX/LEN a router that advertises this prefix\n"
	  "  --rdnss IF=ADDR           and this name server\n"
	  "  --dnssl IF=DOMAIN         and this domain to search\n"
	  "  --mld IF[=1|2]            ask for listeners, and forward to them\n"
	  "  --opaque FILE             identifiers that do not tell the link-layer address\n"
	  "  --temporary               addresses that change, besides\n"
	  "  --optimistic              addresses are used while they are tested\n"
	  "  --proxy IF=ADDR           answer for a neighbor\n"
	  "  --edge IF                 a customer's edge router, to its provider by IF\n"
	  "  --foreground              do not become a daemon\n" },
	{ "down", "NAME", "end a node", cmd_down, NULL },
	{ "list", "[--json]", "nodes that run", cmd_list, NULL },
	{ "status", "NAME [--json]", "all state of a node", cmd_status, NULL },
	{ "top", "NAME [--once] [--json] ...", "connections, interfaces and drops, as they go",
	  cmd_top,
	  "  -d SECONDS                between two looks (2)\n"
	  "  --once                    one look of a second, and the end; so where no terminal is\n"
	  "  --json                    as JSON, an object a look\n" },
	{ "metrics", "NAME", "counters in the text format of Prometheus", cmd_metrics, NULL },
	{ "ping", "NAME DEST [-c N] [-s SIZE] ...", "echo requests from a node", cmd_ping,
	  "  DEST                      an address, with %IF if need be, or a name\n"
	  "  -c N                      stop after so many requests\n"
	  "  -s OCTETS                 of data (56)\n"
	  "  -i S, -W S, -w S          between requests; for each answer; in all\n"
	  "  -t HOPS                   the hop limit\n"
	  "  -I IF                     by this interface\n"
	  "  -q, --json                only the sum; as JSON\n" },
	{ "capture", "NAME [IF]", "what passes, as pcapng on standard output", cmd_capture, NULL },
	{ "exec", "NAME COMMAND ...", "a program with the network of a node", cmd_exec,
	  "COMMAND runs as it is, but its sockets are the node's, as are those of all that it starts.\n"
	  "No root is needed. Status: the command's, or 128 and the signal that ended it; 125 if this\n"
	  "cannot be done, 126 if the command cannot be run, 127 if it is not there.\n"
	  "  inaba exec a ip -6 addr\n"
	  "  inaba exec a ping -c 3 2001:db8::2\n"
	  "  inaba exec b python3 -m http.server --bind :: 8000\n"
	  "  inaba exec a sh -c 'ip -6 monitor route & curl http://[2001:db8::2]:8000/'\n"
	  "What works, what does not and why: doc/exec.md.\n" },
	{ "demo", "[--out DIR] [--seed N]", "a small IPv6 internet, in virtual time", cmd_demo,
	  NULL },
	{ "conform", "list|run|explain|compare ...", "conformance of a node, part by part",
	  cmd_conform,
	  "  list|explain|run [GLOB...]  parts by name, such as 'v6lc.1.1.4.*'; without: all\n"
	  "  compare A.json B.json     what has changed, regressions first\n"
	  "  --role host|router|both   as what the device is tested\n"
	  "  --suite NAME              one suite, or a family: core, more, mld, robust\n"
	  "  --json                    for scripts (list, run, compare)\n"
	  "run:\n"
	  "  --nut sim                 a simulated node of ours, in virtual time\n"
	  "        netns, networkd     this machine's kernel; with systemd-networkd\n"
	  "        qemu:KERNEL         a kernel under QEMU, in virtual time\n"
	  "        exec:SCRIPT         whatever SCRIPT starts, behind --if DEV [--if-a DEV]\n"
	  "  --seed N                  of all that is random\n"
	  "  -j N                      parts at a time\n"
	  "  --resume FILE             keep results there; go on where a run stopped\n"
	  "  --xfail FILE              what is known to fail\n"
	  "  --tap, --junit FILE       KTAP; JUnit's XML\n"
	  "  --pcap DIR, --html DIR    a capture, a page for each part\n" },
};

int usage(const char *word, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "inaba %s: ", word);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (see: inaba help %s)\n", word);
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

static int help(FILE *to)
{
	fprintf(to, "usage: inaba COMMAND ...\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-8s %-32s %s\n", commands[i].word, commands[i].args,
			commands[i].what);
	fprintf(to,
		"\n  inaba help COMMAND shows its options; the manual page inaba(1) has it all.\n");
	return to == stdout ? EXIT_OK : EXIT_USAGE;
}

static int help_of(const struct command *c)
{
	printf("usage: inaba %s %s\n%s\n%s", c->word, c->args, c->what,
	       c->options != NULL ? c->options : "");
	return EXIT_OK;
}

static const struct command *command(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(word, commands[i].word) == 0)
			return &commands[i];
	return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "help") == 0 || asks_for_help(1, argv + 1)) {
		c = argc > 2 ? command(argv[2]) : NULL;
		return c != NULL ? help_of(c) : help(stdout);
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("inaba %s\n", INABA_VERSION);
		return EXIT_OK;
	}
	c = command(argv[1]);
	if (c == NULL) {
		fprintf(stderr, "inaba: unknown command \"%s\" (see: inaba help)\n", argv[1]);
		return EXIT_USAGE;
	}
	/* what is behind the node's name of "exec" is the program's */
	return asks_for_help(c->fn == cmd_exec ? MIN(argc - 2, 1) : argc - 2, argv + 2)
		       ? help_of(c)
		       : c->fn(argc - 1, argv + 1);
}
