/* SPDX-License-Identifier: BSD-3-Clause */
#include "netlink/nlmsg.h"

_Static_assert(sizeof(struct nlmsghdr) == 16 && NLMSG_ALIGNTO == 4, "netlink(7)");
_Static_assert(sizeof(struct nlattr) == 4 && NLA_ALIGNTO == 4, "netlink(7)");

static void pad(struct wr *w)
{
	wr_zero(w, nl_padding(wr_len(w)));
}

struct nlmsg nlmsg_begin(struct wr *w, const struct nlmsghdr *h, const void *head, size_t octets)
{
	struct nlmsg m = { w, *w };

	wr_bytes(w, h, sizeof(*h));
	wr_bytes(w, head, octets);
	pad(w);
	return m;
}

bool nlmsg_end(struct nlmsg *m)
{
	uint32_t len = (uint32_t)(m->w->p - m->before.p);

	if (m->w->overflow) {
		*m->w = m->before;
		return false;
	}
	memcpy(m->before.p + offsetof(struct nlmsghdr, nlmsg_len), &len, sizeof(len));
	return true;
}

static uint8_t *put_head(struct wr *w, unsigned type, size_t octets)
{
	uint8_t *p = wr_take(w, NL_ATTR);
	struct nlattr a = { (uint16_t)(NL_ATTR + octets), (uint16_t)type };

	if (p != NULL)
		memcpy(p, &a, sizeof(a));
	return p;
}

void nla_put(struct wr *w, unsigned type, const void *p, size_t octets)
{
	ASSERT(octets <= UINT16_MAX - NL_ATTR);
	put_head(w, type, octets);
	wr_bytes(w, p, octets);
	pad(w);
}

uint8_t *nla_nest(struct wr *w, unsigned type)
{
	return put_head(w, type, 0);
}

void nla_nest_end(struct wr *w, uint8_t *nest)
{
	uint16_t len;

	if (w->overflow)
		return;
	ASSERT(nest != NULL && w->p - nest <= UINT16_MAX);
	len = (uint16_t)(w->p - nest);
	memcpy(nest + offsetof(struct nlattr, nla_len), &len, sizeof(len));
}

static int refuse(struct nl_why *why, const uint8_t *at, int err, const char *text)
{
	*why = (struct nl_why){ text, at };
	return err;
}

/* Is a value's length one that its kind can have? */
static bool has_length(const struct nla_policy *pol, struct rd value)
{
	size_t n = value.left;

	switch ((enum nlp_kind)pol->kind) {
	case NLP_NONE:
		return true;
	case NLP_U8:
		return n >= 1;
	case NLP_U16:
		return n >= 2;
	case NLP_U32:
		return n >= 4;
	case NLP_ADDR:
		return n >= IP6_ADDR_OCTETS;
	case NLP_NAME:
		n = strnlen((const char *)value.p, n);
		return n > 0 && n < NLA_NAME_MAX && value.left <= NLA_NAME_MAX;
	case NLP_NEST:
		return n == 0 || n >= NL_ATTR;
	case NLP_ANY:
		return pol->max == 0 || n <= pol->max;
	}
	ASSERT_NOT_REACHED();
}

static int take_one(struct rd *in, const struct nla_policy *policy, unsigned n, bool strict,
		    struct nl_why *why, struct rd *ret)
{
	const uint8_t *start = in->p;
	struct nlattr a;
	struct rd value;
	unsigned type;

	if (!rd_copy(in, &a, sizeof(a)) || a.nla_len < sizeof(a) ||
	    !rd_take(in, a.nla_len - sizeof(a), &value))
		return refuse(why, start, -EINVAL, "attribute of a wrong length");
	rd_skip(in, MIN(in->left, nl_padding(value.left)));
	type = a.nla_type & NL_TYPE_OF;
	if (type >= n || policy[type].kind == NLP_NONE)
		return strict ? refuse(why, start, -EINVAL, "attribute not known here") : 0;
	if (!has_length(&policy[type], value))
		return refuse(why, start, -ERANGE, "attribute's value is too short or too long");
	ret[type] = value;
	return 0;
}

int nla_parse(struct rd in, const struct nla_policy *policy, unsigned n, bool strict,
	      struct nl_why *why, struct rd *ret)
{
	memset(ret, 0, n * sizeof(*ret));
	while (in.left >= NL_ATTR) {
		size_t before = in.left;
		int err = take_one(&in, policy, n, strict, why, ret);

		if (err < 0)
			return err;
		ASSERT(in.left < before); /* each turn makes progress */
	}
	if (in.left > 0 && strict)
		return refuse(why, NULL, -EINVAL, "octets behind the last attribute");
	return 0;
}

void nla_get_name(struct rd at, char ret[NLA_NAME_MAX])
{
	size_t n = strnlen((const char *)at.p, MIN(at.left, NLA_NAME_MAX - 1));

	memcpy(ret, at.p, n);
	ret[n] = '\0';
}
