/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/end.h"

int end_open(struct node *n, int family, int type, int protocol, struct end *ret)
{
	(void)n;
	(void)family;
	(void)type;
	(void)protocol;
	(void)ret;
	return -EAFNOSUPPORT;
}
