/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text to address to text: what is accepted has one canonical form, which is accepted as the
 * same address. The first 16 octets are an address too, for the way back.
 */
#include "base/addr.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_through_text(const struct ip6_addr *a)
{
	char buf[IP6_TEXT_MAX], again[IP6_TEXT_MAX];
	struct ip6_addr b;

	ASSERT(ip6_parse(ip6_text(a, buf), &b) == 0);
	ASSERT(ip6_eq(a, &b));
	ASSERT(strcmp(buf, ip6_text(&b, again)) == 0);
	ASSERT(strlen(buf) < IP6_TEXT_MAX);
	for (const char *c = buf; *c != '\0'; c++) /* RFC 5952 section 4.3 */
		ASSERT(*c < 'A' || *c > 'F');
}

static void prefix_through_text(const char *text)
{
	struct ip6_addr a, cut;
	unsigned len = 999;

	if (ip6_parse_prefix(text, &a, &len) < 0) {
		ASSERT(len == 999);
		return;
	}
	ASSERT(len <= IP6_ADDR_BITS);
	same_through_text(&a);
	cut = ip6_prefix(&a, len);
	ASSERT(ip6_in_prefix(&a, &cut, len));
	ASSERT(ip6_common_bits(&a, &cut) >= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip6_addr a;
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (ip6_parse(text, &a) == 0)
		same_through_text(&a);
	prefix_through_text(text);
	free(text);
	if (size >= sizeof(a.b)) {
		memcpy(a.b, data, sizeof(a.b));
		same_through_text(&a);
	}
	return 0;
}
