/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the parts of status_write() only. */
#ifndef INABA_NODE_STATUS_PART_H
#define INABA_NODE_STATUS_PART_H

#include "node/status.h"

static inline void member_u64(struct jsonw *j, const char *key, uint64_t v)
{
	jsonw_key(j, key);
	jsonw_u64(j, v);
}

static inline void member_text(struct jsonw *j, const char *key, const char *v)
{
	jsonw_key(j, key);
	jsonw_string(j, v);
}

/* status_sock.c */
void status_sockets(const struct node *n, struct jsonw *j);

#endif
