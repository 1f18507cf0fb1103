/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands of inaba: each takes its own arguments, argv[0] being the command's word. */
#ifndef INABA_CMD_CMD_H
#define INABA_CMD_CMD_H

#include "base/base.h"

/* Exit statuses. */
#define EXIT_OK	    0
#define EXIT_FAILED 1 /* it could not be done */
#define EXIT_USAGE  2 /* the arguments are wrong */

int cmd_up(int argc, char **argv);
int cmd_down(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_ping(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_conform(int argc, char **argv);

/** usage() - One line on standard error: "inaba WORD: ...". Return: EXIT_USAGE. */
int usage(const char *word, const char *fmt, ...) PRINTF(2, 3);

/** failed() - The same for what could not be done. Return: EXIT_FAILED. */
int failed(const char *word, const char *fmt, ...) PRINTF(2, 3);

/** limit_patience() - What is read from a node comes within some seconds, or not at all. */
void limit_patience(int fd);

/** read_all() - All that the node answers, to free; NULL without memory or on a read error. */
char *read_all(int fd, size_t *len);

/** no_node() - The message for control_connect()'s error @rc. Return: EXIT_FAILED. */
int no_node(const char *word, const char *name, int rc);

/** parse_u32() - A decimal number up to @max. Return: false if it is none. */
bool parse_u32(const char *text, uint32_t max, uint32_t *ret);

#endif
