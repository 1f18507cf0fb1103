/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/part.h"

static const struct suite *const suites[] = {
	&suite_rfc8200_header,
	&suite_rfc8200_ext,
	&suite_rfc8200_options,
	&suite_rfc8200_fragment,
	&suite_rfc4861_resolution,
	&suite_rfc4861_ns,
	&suite_rfc4861_na,
	&suite_rfc4861_host,
	&suite_rfc4861_router,
	&suite_rfc4861_redirect,
	&suite_rfc4862_dad,
	&suite_rfc4862_slaac,
	&suite_rfc8201,
	&suite_rfc4443,
	&suite_rfc4443_silent,
	&suite_rfc4191,
	&suite_rfc8981,
	&suite_rfc4429,
	&suite_rfc5942,
	&suite_rfc6059,
	&suite_rfc7527,
	&suite_rfc8106,
	&suite_rfc6724,
	&suite_rfc4007,
	&suite_rfc7084,
	&suite_rfc9096,
	&suite_rfc9131,
	&suite_robust_rfc8200,
	&suite_robust_frag,
	&suite_robust_rfc4443,
	&suite_robust_nd,
	&suite_robust_router,
	&suite_robust_redirect,
	&suite_robust_mld,
	&suite_mld_listener,
	&suite_mld_v1,
	&suite_mld_basic,
	&suite_mld_query,
	&suite_mld_report,
	&suite_mld_other,
	&suite_mld_current,
	&suite_mld_change,
	&suite_mld_merge,
	&suite_mld_compat,
};

const struct suite *suite_get(size_t i)
{
	return i < ARRAY_LEN(suites) ? suites[i] : NULL;
}

const char *suite_family(const struct suite *s)
{
	static const struct {
		const char *begin, *name;
	} families[] = {
		{ "v6lc.", "core" }, { "robust.", "robust" }, { "mld", "mld" }, { "", "more" }
	};
	size_t i = 0;

	while (strncmp(s->part[0].id, families[i].begin, strlen(families[i].begin)) != 0)
		i++;
	return families[i].name;
}

const char *level_name(enum level level)
{
	switch (level) {
	case LEVEL_MUST:
		return "MUST";
	case LEVEL_SHOULD:
		return "SHOULD";
	case LEVEL_MAY:
		return "MAY";
	}
	ASSERT_NOT_REACHED();
}
