/* SPDX-License-Identifier: BSD-3-Clause */
/* One list of the fields of a packet, for comparison and for text. */
#include "conform/value.h"

#define FIELDS_MAX	80
#define NAME_MAX_OCTETS 40
#define TEXT_MAX	64
#define SHOWN_OCTETS	16 /* of a run of octets, in text */

static bool is_echo(uint64_t type)
{
	return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
}

enum field_kind { FIELD_NUM, FIELD_HEX, FIELD_ADDR, FIELD_MAC, FIELD_OCTETS, FIELD_WORD };

struct field {
	char name[NAME_MAX_OCTETS];
	enum field_kind kind;
	bool set;
	uint64_t v;
	struct ip6_addr a;
	struct mac m;
	const uint8_t *p; /* of octets */
	size_t n;
	const char *word;
};

struct fields {
	struct field f[FIELDS_MAX];
	unsigned n;
};

static struct field *add(struct fields *l, const char *prefix, const char *name,
			 enum field_kind kind, bool set)
{
	struct field *f = &l->f[l->n++];

	ASSERT(l->n <= FIELDS_MAX);
	*f = (struct field){ .kind = kind, .set = set };
	snprintf(f->name, sizeof(f->name), "%s%s", prefix, name);
	return f;
}

static void add_num(struct fields *l, const char *prefix, const char *name, struct fv v)
{
	add(l, prefix, name, FIELD_NUM, v.set)->v = v.v;
}

static void add_hex(struct fields *l, const char *prefix, const char *name, struct fv v)
{
	add(l, prefix, name, FIELD_HEX, v.set)->v = v.v;
}

static void add_octets(struct fields *l, const char *prefix, const char *name, struct ov v)
{
	struct field *f = add(l, prefix, name, FIELD_OCTETS, v.set);

	f->p = v.p;
	f->n = v.n;
}

static void add_addr(struct fields *l, const char *name, const struct av *v)
{
	add(l, "", name, FIELD_ADDR, v->set)->a = v->a;
}

static void add_mac(struct fields *l, const char *name, const struct mv *v)
{
	add(l, "", name, FIELD_MAC, v->set)->m = v->m;
}

static void add_word(struct fields *l, const char *name, const char *word)
{
	add(l, "", name, FIELD_WORD, word != NULL)->word = word;
}

static const char *ext_name(const struct pv *pv, unsigned i)
{
	if (i >= pv->n_ext)
		return "none";
	switch (pv->ext[i].kind) {
	case IP6_NH_HBH:
		return "hop-by-hop options";
	case IP6_NH_ROUTING:
		return "routing";
	case IP6_NH_FRAGMENT:
		return "fragment";
	case IP6_NH_DSTOPTS:
		return "destination options";
	}
	return "unknown";
}

static void list_ext(const struct pv *pv, unsigned i, struct fields *l)
{
	const struct pv_ext *e = &pv->ext[i];
	char prefix[24];

	snprintf(prefix, sizeof(prefix), "ext %u ", i + 1);
	add_word(l, prefix, pv->kind == PV_ANY && i >= pv->n_ext ? NULL : ext_name(pv, i));
	if (i >= pv->n_ext)
		return;
	add_num(l, prefix, "next", e->next);
	if (e->kind == IP6_NH_FRAGMENT) {
		add_num(l, prefix, "reserved", e->reserved);
		add_num(l, prefix, "offset", e->offset);
		add_num(l, prefix, "flags", e->flags);
		add_hex(l, prefix, "id", e->id);
	} else {
		add_num(l, prefix, "length", e->len);
		add_octets(l, prefix, "body", e->body);
	}
}

static const char *kind_word(enum pv_kind kind)
{
	switch (kind) {
	case PV_ANY:
		return NULL;
	case PV_RAW:
		return "octets";
	case PV_ICMP6:
		return "ICMPv6";
	case PV_UDP:
		return "UDP";
	}
	ASSERT_NOT_REACHED();
}

static void list_upper(const struct pv *pv, struct fields *l)
{
	add_word(l, "upper", kind_word(pv->kind));
	if (pv->kind == PV_ICMP6) {
		add_num(l, "", "type", pv->type);
		add_num(l, "", "code", pv->code);
		add_word(l, "checksum", pv->csum_wrong ? "wrong" : "right");
		if (is_echo(pv->type.v)) {
			add_hex(l, "", "id", pv->id);
			add_num(l, "", "sequence", pv->seq);
		} else {
			add_hex(l, "", "param", pv->param);
		}
	}
	if (pv->kind == PV_UDP) {
		add_num(l, "", "source port", pv->sport);
		add_num(l, "", "destination port", pv->dport);
		add_num(l, "", "UDP length", pv->ulen);
		add_word(l, "checksum", pv->csum_wrong ? "wrong" : "right");
	}
	if (pv->kind != PV_ANY)
		add_octets(l, "", "data", pv->data);
	add_word(l, "form", pv->bad != NULL ? "broken" : "whole");
}

/* @n_ext: of the longer one of those that are compared. */
static void pv_fields(const struct pv *pv, unsigned n_ext, struct fields *l)
{
	l->n = 0;
	add_mac(l, "Ethernet source", &pv->eth_src);
	add_mac(l, "Ethernet dest.", &pv->eth_dst);
	add_num(l, "", "version", pv->version);
	add_num(l, "", "traffic class", pv->tclass);
	add_hex(l, "", "flow label", pv->flow);
	add_num(l, "", "payload length", pv->plen);
	add_num(l, "", "next header", pv->next);
	add_num(l, "", "hop limit", pv->hop_limit);
	add_addr(l, "source", &pv->src);
	add_addr(l, "destination", &pv->dst);
	for (unsigned i = 0; i < n_ext; i++)
		list_ext(pv, i, l);
	list_upper(pv, l);
}

static bool field_eq(const struct field *a, const struct field *b)
{
	if (a->kind != b->kind || !b->set)
		return false;
	switch (a->kind) {
	case FIELD_NUM:
	case FIELD_HEX:
		return a->v == b->v;
	case FIELD_ADDR:
		return ip6_eq(&a->a, &b->a);
	case FIELD_MAC:
		return mac_eq(&a->m, &b->m);
	case FIELD_OCTETS:
		return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
	case FIELD_WORD:
		return strcmp(a->word, b->word) == 0;
	}
	ASSERT_NOT_REACHED();
}

static const struct field *find(const struct fields *l, const char *name)
{
	for (unsigned i = 0; i < l->n; i++)
		if (strcmp(l->f[i].name, name) == 0)
			return &l->f[i];
	return NULL;
}

static bool differs(const struct field *want, const struct fields *seen)
{
	const struct field *s = find(seen, want->name);

	return want->set && (s == NULL || !field_eq(want, s));
}

static bool begins_so(const struct pv *want, const struct pv *seen)
{
	return !want->begin.set || (seen->data.n >= want->begin.n &&
				    memcmp(seen->data.p, want->begin.p, want->begin.n) == 0);
}

unsigned pv_match(const struct pv *want, const struct pv *seen)
{
	unsigned n_ext = MAX(want->n_ext, seen->n_ext), n = !begins_so(want, seen);
	struct fields w, s;

	pv_fields(want, n_ext, &w);
	pv_fields(seen, n_ext, &s);
	for (unsigned i = 0; i < w.n; i++)
		n += differs(&w.f[i], &s);
	return n;
}

/*
 * Text.
 */

static const char *octets_text(const struct field *f, char *buf, size_t size)
{
	size_t at = (size_t)snprintf(buf, size, "%zu:", f->n);

	for (size_t i = 0; i < MIN(f->n, SHOWN_OCTETS); i++)
		at += (size_t)snprintf(buf + at, size - at, "%02x", f->p[i]);
	if (f->n > SHOWN_OCTETS)
		snprintf(buf + at, size - at, "..");
	return buf;
}

static const char *field_text(const struct field *f, char *buf, size_t size)
{
	_Static_assert(TEXT_MAX >= IP6_TEXT_MAX && TEXT_MAX >= MAC_TEXT_MAX, "all texts fit");
	if (f == NULL)
		return "-";
	if (!f->set)
		return "any";
	switch (f->kind) {
	case FIELD_NUM:
		snprintf(buf, size, "%llu", (unsigned long long)f->v);
		return buf;
	case FIELD_HEX:
		snprintf(buf, size, "0x%llx", (unsigned long long)f->v);
		return buf;
	case FIELD_ADDR:
		return ip6_text(&f->a, buf);
	case FIELD_MAC:
		return mac_text(&f->m, buf);
	case FIELD_OCTETS:
		return octets_text(f, buf, size);
	case FIELD_WORD:
		return f->word;
	}
	ASSERT_NOT_REACHED();
}

static void compare_begin(const struct pv *want, const struct pv *seen, FILE *to)
{
	struct ov data = { .set = false };
	struct field w = {
		.kind = FIELD_OCTETS, .set = true, .p = want->begin.p, .n = want->begin.n
	};
	struct field s = w;
	char a[TEXT_MAX], b[TEXT_MAX];

	if (!want->begin.set)
		return;
	if (seen != NULL)
		data = seen->data;
	s.set = data.set;
	s.p = data.p;
	s.n = MIN(data.n, w.n);
	fprintf(to, "%c %-16s %-41s %s\n", seen == NULL || begins_so(want, seen) ? ' ' : '!',
		"data begins", field_text(&w, a, sizeof(a)),
		seen == NULL ? "-" : field_text(&s, b, sizeof(b)));
}

/* Octets show only their beginning, so the place of the first difference is said. */
static void tell_where(const struct field *w, const struct field *s, FILE *to)
{
	size_t i = 0;

	if (s == NULL || w->kind != FIELD_OCTETS || s->kind != FIELD_OCTETS)
		return;
	while (i < MIN(w->n, s->n) && w->p[i] == s->p[i])
		i++;
	fprintf(to, " (from octet %zu)", i);
}

static void compare_line(const struct field *w, const struct fields *seen, FILE *to)
{
	const struct field *s = find(seen, w->name);
	char a[TEXT_MAX], b[TEXT_MAX];
	bool bad = differs(w, seen);

	fprintf(to, "%c %-16s %-41s %s", bad ? '!' : ' ', w->name, field_text(w, a, sizeof(a)),
		field_text(s, b, sizeof(b)));
	if (bad)
		tell_where(w, s, to);
	fputc('\n', to);
}

void pv_compare(const struct pv *want, const struct pv *seen, FILE *to)
{
	unsigned n_ext = seen != NULL ? MAX(want->n_ext, seen->n_ext) : want->n_ext;
	char buf[TEXT_MAX];
	struct fields w, s = { .n = 0 };

	pv_fields(want, n_ext, &w);
	if (seen != NULL)
		pv_fields(seen, n_ext, &s);
	fprintf(to, "  %-16s %-41s %s\n", "field", "expected", "seen");
	for (unsigned i = 0; i < w.n; i++)
		if (w.f[i].set || find(&s, w.f[i].name) != NULL)
			compare_line(&w.f[i], &s, to);
	compare_begin(want, seen, to);
	for (unsigned i = 0; i < s.n; i++)
		if (find(&w, s.f[i].name) == NULL)
			fprintf(to, "  %-16s %-41s %s\n", s.f[i].name, "-",
				field_text(&s.f[i], buf, sizeof(buf)));
}

static const char *type_name(uint64_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ ICMP6_UNREACH, "destination unreachable" },
		{ ICMP6_TOO_BIG, "packet too big" },
		{ ICMP6_TIME_EXCEEDED, "time exceeded" },
		{ ICMP6_PARAM_PROB, "parameter problem" },
		{ ICMP6_ECHO_REQUEST, "echo request" },
		{ ICMP6_ECHO_REPLY, "echo reply" },
		{ ICMP6_RS, "router solicitation" },
		{ ICMP6_RA, "router advertisement" },
		{ ICMP6_NS, "neighbor solicitation" },
		{ ICMP6_NA, "neighbor advertisement" },
		{ ICMP6_REDIRECT, "redirect" },
		{ ICMP6_MLD2_REPORT, "MLDv2 report" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return "ICMPv6 message";
}

const char *pv_line(const struct pv *pv, char *buf, size_t size)
{
	char src[IP6_TEXT_MAX], dst[IP6_TEXT_MAX];

	snprintf(buf, size, "%s > %s %s", pv->src.set ? ip6_text(&pv->src.a, src) : "any",
		 pv->dst.set ? ip6_text(&pv->dst.a, dst) : "any",
		 pv->kind == PV_ICMP6 ? type_name(pv->type.v)
		 : pv->kind == PV_UDP ? "UDP"
				      : "packet");
	return buf;
}

void pv_describe(const struct pv *pv, FILE *to)
{
	struct fields l;
	char buf[TEXT_MAX];

	pv_fields(pv, pv->n_ext, &l);
	for (unsigned i = 0; i < l.n; i++)
		if (l.f[i].set)
			fprintf(to, "%-16s %s\n", l.f[i].name,
				field_text(&l.f[i], buf, sizeof(buf)));
}
