/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "get_be32() and kin swap");

void assert_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: assertion failed: %s (a bug in Inaba; please report it)\n", file,
		line, what);
	abort();
}
