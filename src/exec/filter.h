/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_EXEC_FILTER_H
#define INABA_EXEC_FILTER_H

/**
 * filter_install() - From now on, calls of this thread and of all that it starts that are about the
 * network, or open a file, wait for the answer of whoever holds the descriptor that is returned. Never
 * to be undone; setuid programs gain nothing any more.
 *
 * Return: the descriptor, or a negative errno.
 */
int filter_install(void);

#endif
