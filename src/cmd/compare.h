/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_CMD_COMPARE_H
#define INABA_CMD_COMPARE_H

/**
 * conform_compare() - "inaba conform compare A.json B.json [--json]": what differs.
 *
 * Return: EXIT_FAILED if anything that passed in A fails in B or is an ERROR there; EXIT_USAGE if a
 * file is not what "inaba conform run --json" writes; else EXIT_OK.
 */
int conform_compare(int argc, char **argv);

#endif
