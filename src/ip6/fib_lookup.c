/* SPDX-License-Identifier: BSD-3-Clause */
/* Finding routes; what a value of a table stands for is in fib.c. Changes nothing. */
#include "ip6/fib.h"

_Static_assert(BATCH_MAX <= LPM_BATCH_MAX, "a batch of packets is a batch of lookups");

/* May @v be used? What is no way out has no interface to compare. */
static bool is_usable(const struct via *v, uint32_t oif)
{
	return oif == 0 || v->ifindex == oif || v->type != ROUTE_UNICAST;
}

/* The best entry for @key, or NULL; those of its source prefix behind it are the other choices. */
static const struct fib_entry *entry_choose(const struct fib *f, const struct fib_set *set,
					    const struct fib_key *key)
{
	bool any_src = ip6_is_unspec(&key->src);
	const struct fib_entry *best = NULL;

	for (const struct fib_entry *e = set->first; e != NULL; e = e->next) {
		if (!is_usable(&f->vias.via[e->via], key->oif))
			continue;
		if (any_src) {
			if (best == NULL || e->src_len < best->src_len)
				best = e;
		} else if (ip6_in_prefix(&key->src, &e->src, e->src_len)) {
			return e;
		}
	}
	return best;
}

static void choices_fill(const struct fib *f, const struct fib_entry *best, uint32_t oif,
			 struct fib_choices *ret)
{
	ret->n = 0;
	for (const struct fib_entry *e = best; e != NULL && fib_entry_alike(e, best); e = e->next) {
		const struct via *v = &f->vias.via[e->via];

		if (v->type != ROUTE_UNICAST || ret->n == FIB_CHOICES_MAX)
			return;
		if (is_usable(v, oif))
			ret->via[ret->n++] = v;
	}
}

/* Look at one prefix. Return: whether it says anything about @key; if so, what. */
static bool value_lookup(const struct fib *f, uint32_t value, const struct fib_key *key,
			 struct fib_choices *ret, enum route_type *verdict)
{
	const struct fib_entry *e;
	const struct via *v;

	if ((value & FIB_VALUE_SET) == 0) {
		v = &f->vias.via[value];
		if (!is_usable(v, key->oif))
			return false;
		*verdict = (enum route_type)v->type;
		if (v->type == ROUTE_UNICAST) {
			ret->n = 1;
			ret->via[0] = v;
		}
		return true;
	}
	e = entry_choose(f, fib_set_at(&f->sets, value & ~FIB_VALUE_SET), key);
	if (e == NULL)
		return false;
	*verdict = (enum route_type)f->vias.via[e->via].type;
	if (*verdict == ROUTE_UNICAST)
		choices_fill(f, e, key->oif, ret);
	return true;
}

/* Return: ROUTE_THROW also when there is no match longer than @suppress_len. */
static enum route_type table_lookup(const struct fib *f, const struct lpm *t,
				    const struct fib_key *key, int suppress_len,
				    struct fib_choices *ret)
{
	enum route_type verdict;
	unsigned len = key->shorter_than != 0 ? key->shorter_than : IP6_ADDR_BITS + 1;
	uint32_t value;

	for (;;) {
		value = lpm_lookup_shorter(t, &key->dst, len, &len);
		if (value == 0 || (int)len <= suppress_len)
			return ROUTE_THROW;
		if (value_lookup(f, value, key, ret, &verdict))
			break;
	}
	if (verdict == ROUTE_UNICAST)
		ret->dst_len = (uint8_t)len;
	return verdict;
}

enum route_type fib_lookup(const struct fib *f, const struct fib_key *key, struct fib_choices *ret)
{
	for (uint32_t i = 0; i < f->rules.n; i++) {
		const struct rule *r = &f->rules.rule[i];
		enum route_type verdict = (enum route_type)r->type;
		const struct lpm *t;

		if (!rule_matches(r, key))
			continue;
		if (verdict == ROUTE_UNICAST) {
			t = fib_table_find(&f->tables, r->table);
			verdict = t == NULL ? ROUTE_THROW
					    : table_lookup(f, t, key, r->suppress_len, ret);
		}
		if (verdict == ROUTE_UNICAST)
			ret->table = r->table;
		if (verdict != ROUTE_THROW)
			return verdict;
	}
	return ROUTE_UNREACHABLE;
}

void fib_plain_batch(const struct fib *f, const struct ip6_addr *const dst[], uint32_t value[],
		     unsigned n)
{
	if (f->tables.main != NULL)
		lpm_lookup_batch(f->tables.main, dst, value, n);
	else
		memset(value, 0, n * sizeof(value[0]));
}
