/* SPDX-License-Identifier: BSD-3-Clause */
/* What programs learn of a network from files. */
#ifndef INABA_HOST_SEAM_FILES_H
#define INABA_HOST_SEAM_FILES_H

#include "node/node.h"

#define SEAM_PATH_MAX 4096

/**
 * seam_file() - What a node has for a file below /proc/net, /proc/sys/net and for /etc/resolv.conf.
 *
 * Return: octets in @buf; -EOPNOTSUPP: the machine's is right, -ENOENT: a node has none, -EFBIG.
 */
int seam_file(const struct node *n, const char *path, char *buf, size_t size);

/** seam_mroute() - Those of multicast routing: ip6_mr_vif, ip6_mr_cache. Else -ENOENT. */
int seam_mroute(const struct node *n, const char *path, char *buf, size_t size);

#endif
