/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/drop.h"

#include "base/base.h"

#define NAME(name, text) #name,
#define TEXT(name, text) text,

static const char *const names[] = { "NONE", DROP_REASONS(NAME) };
static const char *const texts[] = { "not dropped", DROP_REASONS(TEXT) };

_Static_assert(ARRAY_LEN(names) == DROP_NUM, "a name for each reason");
_Static_assert(ARRAY_LEN(texts) == DROP_NUM, "and a sentence");

const char *drop_name(enum drop d)
{
	ASSERT(d < DROP_NUM);
	return names[d];
}

const char *drop_text(enum drop d)
{
	ASSERT(d < DROP_NUM);
	return texts[d];
}

bool drop_is_refusal(enum drop d)
{
	return d != DROP_NONE && d != DROP_ND_DONE && d != DROP_MLD_DONE &&
	       d != DROP_ICMP6_ERROR_DONE && d != DROP_DNS_DONE && d != DROP_ARP_DONE;
}
