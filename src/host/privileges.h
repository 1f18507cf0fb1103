/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_HOST_PRIVILEGES_H
#define INABA_HOST_PRIVILEGES_H

#include "base/base.h"

/**
 * privileges_drop() - Give up for good what only opening devices needed: root becomes nobody, all
 * capabilities go (those of a file, too), and no exec brings any back.
 *
 * In a user namespace that has no nobody, root stays the user who made it, without capabilities.
 *
 * Return: 0, or a negative errno.
 */
int privileges_drop(void);

#endif
