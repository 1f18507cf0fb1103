/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct ip6_addr ip6_prefix(const struct ip6_addr *a, unsigned len)
{
	struct ip6_addr r = { { 0 } };
	unsigned whole = len / 8;

	ASSERT(len <= IP6_ADDR_BITS);
	memcpy(r.b, a->b, whole);
	if (len % 8 != 0)
		r.b[whole] = (uint8_t)(a->b[whole] & (0xff00u >> (len % 8)));
	return r;
}

unsigned ip6_common_bits(const struct ip6_addr *a, const struct ip6_addr *b)
{
	uint64_t x = ip6_hi(a) ^ ip6_hi(b);

	if (x != 0)
		return (unsigned)__builtin_clzll(x);
	x = ip6_lo(a) ^ ip6_lo(b);
	return x != 0 ? 64 + (unsigned)__builtin_clzll(x) : IP6_ADDR_BITS;
}

bool ip6_in_prefix(const struct ip6_addr *a, const struct ip6_addr *prefix, unsigned len)
{
	ASSERT(len <= IP6_ADDR_BITS);
	return ip6_common_bits(a, prefix) >= len;
}

const char *ip6_text(const struct ip6_addr *a, char buf[IP6_TEXT_MAX])
{
	const char *ok = inet_ntop(AF_INET6, a->b, buf, IP6_TEXT_MAX);

	ASSERT(ok != NULL);
	return ok;
}

int ip6_parse(const char *text, struct ip6_addr *ret)
{
	struct ip6_addr a;

	if (inet_pton(AF_INET6, text, a.b) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

const char *addr_text(const struct ip6_addr *a, char buf[IP6_TEXT_MAX])
{
	const char *ok;

	if (!ip6_is_v4mapped(a))
		return ip6_text(a, buf);
	ok = inet_ntop(AF_INET, a->b + 12, buf, IP6_TEXT_MAX);
	ASSERT(ok != NULL);
	return ok;
}

int addr_parse(const char *text, struct ip6_addr *ret)
{
	struct ip6_addr a = ip4_mapped(0);

	if (inet_pton(AF_INET, text, a.b + 12) != 1)
		return ip6_parse(text, ret);
	*ret = a;
	return 0;
}

int addr_parse_prefix(const char *text, struct ip6_addr *ret, unsigned *len)
{
	const char *slash = strchr(text, '/');
	char addr[IP6_TEXT_MAX];
	struct ip6_addr a;
	unsigned long n;
	unsigned before;
	char *end;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	before = strchr(addr, ':') == NULL ? IP4_MAPPED_BITS : 0;
	if (slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	n = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || n > IP6_ADDR_BITS - before || addr_parse(addr, &a) < 0)
		return -EINVAL;
	*ret = a;
	*len = before + (unsigned)n;
	return 0;
}

int ip6_parse_prefix(const char *text, struct ip6_addr *ret, unsigned *len)
{
	return strchr(text, ':') != NULL ? addr_parse_prefix(text, ret, len) : -EINVAL;
}
