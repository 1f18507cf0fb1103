/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_EXEC_FILTER_H
#define INABA_EXEC_FILTER_H

/* Numbers of descriptors into which write(2) waits for an answer, too. */
#define FILTER_FILE_FIRST 1000
#define FILTER_FILE_LAST  1015
#define FILTER_WRITE_MAX  128 /* octets, of writes to standard output that wait */

/**
 * filter_install() - From now on, calls of this thread and of all that it starts that are about the
 * network, or open a file, wait for the answer of whoever holds the descriptor that is returned. Never
 * to be undone; setuid programs gain nothing any more.
 *
 * Return: the descriptor, or a negative errno.
 */
int filter_install(void);

#endif
