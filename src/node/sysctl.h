/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The variables of a node as the tree below /proc/sys/net: under the names of Linux, so that sysctl(8),
 * scripts and routing daemons find what they know. Each name stands for a field of the node's real
 * state. What the node has no notion of is not there.
 */
#ifndef INABA_NODE_SYSCTL_H
#define INABA_NODE_SYSCTL_H

#include "node/node.h"

#define SYSCTL_TEXT_MAX 256

/* What stat(2) would say, as far as it matters. */
enum sysctl_what {
	SYSCTL_DIR,
	SYSCTL_RO, /* a file that can only be read */
	SYSCTL_RW,
};

/**
 * sysctl_what() - What @path is.
 * @path:	Below /proc/sys/net, as "ipv6/conf/all/forwarding"; "" is the root.
 *
 * Return: enum sysctl_what, or -ENOENT.
 */
int sysctl_what(struct node *n, const char *path);

/**
 * sysctl_list() - Call @fn for each name in a directory.
 *
 * Return: 0; -ENOENT, -ENOTDIR.
 */
int sysctl_list(struct node *n, const char *path,
		void (*fn)(void *ctx, const char *name, enum sysctl_what what), void *ctx);

/**
 * sysctl_read() - The file's contents, with a line feed.
 *
 * Return: octets in @buf; -ENOENT, -EISDIR.
 */
int sysctl_read(struct node *n, const char *path, char buf[SYSCTL_TEXT_MAX]);

/**
 * sysctl_write() - What a program writes into the file takes effect at once; node_settle() is due then.
 * White space around the values is nothing, and so are no values at all.
 *
 * In conf/all a write is to all interfaces, and to those that come; in conf/default to the latter.
 *
 * Return: 0; -EINVAL (no number, out of range, or what the node cannot do), -ENOENT, -EACCES (it can
 * only be read), -EISDIR.
 */
int sysctl_write(struct node *n, const char *path, const char *text, size_t octets);

#endif
