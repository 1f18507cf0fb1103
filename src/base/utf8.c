/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/utf8.h"

size_t utf8_char(const uint8_t *s, size_t n, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80    ? 1
		     : s[0] < 0xc2  ? 0
		     : s[0] < 0xe0  ? 2
		     : s[0] < 0xf0  ? 3
		     : s[0] <= 0xf4 ? 4
				    : 0;
	uint32_t c = len > 1 ? s[0] & (0x7fu >> len) : s[0];

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}
