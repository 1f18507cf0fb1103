/* SPDX-License-Identifier: BSD-3-Clause */
/* "inaba exec": an unmodified Linux program with the network of a node. doc/exec.md says how. */
#ifndef INABA_EXEC_EXEC_H
#define INABA_EXEC_EXEC_H

#define EXEC_ERR 256 /* octets for a sentence */

/**
 * exec_run() - Run @argv with the network of node @name, in place of the kernel's.
 * @err:	What was wrong, if the program was not started; "" else.
 *
 * Return: its exit status, or 128 and the signal that ended it; 125 if this cannot be done here, 126 if
 * the program cannot be run, 127 if it is not there.
 */
int exec_run(const char *name, char **argv, char err[EXEC_ERR]);

#endif
