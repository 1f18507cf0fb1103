/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/value.h"

#include "base/csum.h"
#include "base/rd.h"
#include "base/wr.h"

#define FIELDS_MAX	80
#define NAME_MAX_OCTETS 40
#define TEXT_MAX	64
#define SHOWN_OCTETS	16 /* of a run of octets, in text */

static uint64_t or_else(struct fv f, uint64_t v)
{
	return f.set ? f.v : v;
}

static bool is_echo(uint64_t type)
{
	return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
}

/*
 * Building.
 */

static uint8_t upper_number(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 ? IP6_NH_ICMP6 : IP6_NH_NONE;
}

/* What the header before number @i of the extension headers should say. */
static uint8_t kind_of(const struct pv *pv, unsigned i)
{
	return i < pv->n_ext ? pv->ext[i].kind : upper_number(pv);
}

static void build_ext(struct wr *w, const struct pv_ext *e, uint8_t next)
{
	wr_u8(w, (uint8_t)or_else(e->next, next));
	if (e->kind == IP6_NH_FRAGMENT) {
		wr_u8(w, (uint8_t)or_else(e->reserved, 0));
		wr_u16(w, (uint16_t)(or_else(e->offset, 0) << 3 | or_else(e->flags, 0)));
		wr_u32(w, (uint32_t)or_else(e->id, 0));
		return;
	}
	wr_u8(w, (uint8_t)or_else(e->len, (e->body.n + 2 + 7) / IP6_EXT_UNIT - 1));
	wr_bytes(w, e->body.p, e->body.n);
}

static void build_icmp6(struct wr *w, const struct pv *pv)
{
	uint8_t *start = w->p;
	uint64_t type = or_else(pv->type, 0);

	wr_u8(w, (uint8_t)type);
	wr_u8(w, (uint8_t)or_else(pv->code, 0));
	wr_u16(w, 0);
	if (is_echo(type))
		wr_u32(w, (uint32_t)(or_else(pv->id, 0) << 16 | or_else(pv->seq, 0)));
	else
		wr_u32(w, (uint32_t)or_else(pv->param, 0));
	wr_bytes(w, pv->data.p, pv->data.n);
	if (w->overflow)
		return;
	put_be16(start + ICMP6_CSUM_OFF,
		 (uint16_t)or_else(pv->csum, csum_upper(&pv->src.a, &pv->dst.a, start,
							(uint32_t)(w->p - start), IP6_NH_ICMP6)));
}

size_t pv_build(const struct pv *pv, uint8_t *to, size_t size)
{
	struct wr w = wr_of(to, size);
	uint8_t *ip;

	wr_bytes(&w, pv->eth_dst.m.b, ETH_MAC_OCTETS);
	wr_bytes(&w, pv->eth_src.m.b, ETH_MAC_OCTETS);
	wr_u16(&w, ETH_TYPE_IP6);
	ip = wr_take(&w, IP6_HDR_OCTETS);
	for (unsigned i = 0; i < pv->n_ext; i++)
		build_ext(&w, &pv->ext[i], kind_of(pv, i + 1));
	if (pv->kind == PV_ICMP6)
		build_icmp6(&w, pv);
	else if (pv->kind == PV_RAW)
		wr_bytes(&w, pv->data.p, pv->data.n);
	if (w.overflow)
		return 0;
	ip6_put_header(ip, (uint8_t)or_else(pv->tclass, 0), (uint32_t)or_else(pv->flow, 0),
		       (uint16_t)or_else(pv->plen, (size_t)(w.p - ip) - IP6_HDR_OCTETS),
		       (uint8_t)or_else(pv->next, kind_of(pv, 0)),
		       (uint8_t)or_else(pv->hop_limit, 64), &pv->src.a, &pv->dst.a);
	ip[0] = (uint8_t)((ip[0] & 0x0f) | or_else(pv->version, IP6_VERSION) << 4);
	return wr_len(&w);
}

/*
 * Decoding.
 */

static bool is_ext(uint8_t kind)
{
	return kind == IP6_NH_HBH || kind == IP6_NH_ROUTING || kind == IP6_NH_FRAGMENT ||
	       kind == IP6_NH_DSTOPTS;
}

static bool decode_ext(struct rd *in, struct pv_ext *e)
{
	struct rd r = *in, body;
	uint8_t next, len;
	uint16_t off;
	uint32_t id;

	if (!rd_u8(&r, &next) || !rd_u8(&r, &len))
		return false;
	e->next = IS(next);
	if (e->kind == IP6_NH_FRAGMENT) {
		if (!rd_u16(&r, &off) || !rd_u32(&r, &id))
			return false;
		e->reserved = IS(len);
		e->offset = IS(off >> 3);
		e->flags = IS(off & 7);
		e->id = IS(id);
	} else {
		if (!rd_take(&r, (size_t)len * IP6_EXT_UNIT + 6, &body))
			return false;
		e->len = IS(len);
		e->body = IS_OCTETS(body.p, body.left);
	}
	*in = r;
	return true;
}

static bool decode_icmp6(struct rd r, struct pv *pv)
{
	const uint8_t *start = r.p;
	uint32_t octets = (uint32_t)r.left, word;
	uint8_t type, code;
	uint16_t csum;

	if (!rd_u8(&r, &type) || !rd_u8(&r, &code) || !rd_u16(&r, &csum) || !rd_u32(&r, &word))
		return false;
	pv->kind = PV_ICMP6;
	pv->type = IS(type);
	pv->code = IS(code);
	pv->csum = IS(csum);
	pv->csum_wrong = csum_upper(&pv->src.a, &pv->dst.a, start, octets, IP6_NH_ICMP6) != 0;
	if (is_echo(type)) {
		pv->id = IS(word >> 16);
		pv->seq = IS(word & 0xffff);
	} else {
		pv->param = IS(word);
	}
	pv->data = IS_OCTETS(r.p, r.left);
	return true;
}

static void decode_header(struct pv *pv, const uint8_t *frame, const uint8_t *ip)
{
	memcpy(pv->eth_dst.m.b, frame, ETH_MAC_OCTETS);
	memcpy(pv->eth_src.m.b, frame + ETH_SRC_OFF, ETH_MAC_OCTETS);
	pv->eth_dst.set = pv->eth_src.set = true;
	pv->version = IS(ip6_hdr_version(ip));
	pv->tclass = IS(ip6_hdr_class(ip));
	pv->flow = IS(ip6_hdr_flow(ip));
	pv->plen = IS(ip6_hdr_plen(ip));
	pv->next = IS(ip[IP6_NEXT_OFF]);
	pv->hop_limit = IS(ip[IP6_HLIM_OFF]);
	pv->src = IS_ADDR(ip6_hdr_src(ip));
	pv->dst = IS_ADDR(ip6_hdr_dst(ip));
}

bool pv_decode(const uint8_t *frame, size_t octets, struct pv *ret)
{
	struct rd r = rd_of(frame, octets);
	const uint8_t *ip = frame + ETH_HDR_OCTETS;
	struct pv pv = { .kind = PV_RAW };
	bool first = true, piece = false;
	uint8_t next;

	if (!rd_skip(&r, ETH_HDR_OCTETS) || !rd_skip(&r, IP6_HDR_OCTETS) ||
	    get_be16(frame + ETH_TYPE_OFF) != ETH_TYPE_IP6)
		return false;
	decode_header(&pv, frame, ip);
	if (r.left > pv.plen.v) /* padding of short Ethernet frames */
		r.left = pv.plen.v;
	next = (uint8_t)pv.next.v;
	while (is_ext(next) && pv.n_ext < PV_EXT_MAX && (next != IP6_NH_HBH || first)) {
		struct pv_ext *e = &pv.ext[pv.n_ext];

		e->kind = next;
		if (!decode_ext(&r, e)) {
			*e = (struct pv_ext){ 0 };
			pv.bad = r.p;
			break;
		}
		pv.n_ext++;
		first = false;
		next = (uint8_t)e->next.v;
		if (e->kind == IP6_NH_FRAGMENT && (e->offset.v != 0 || (e->flags.v & 1) != 0)) {
			piece = true; /* what follows is not whole: octets */
			break;
		}
	}
	pv.data = IS_OCTETS(r.p, r.left);
	if (next == IP6_NH_ICMP6 && !piece && pv.bad == NULL && !decode_icmp6(r, &pv))
		pv.bad = r.p;
	*ret = pv;
	return true;
}

/*
 * The list of fields.
 */

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

unsigned pv_match(const struct pv *want, const struct pv *seen)
{
	unsigned n_ext = MAX(want->n_ext, seen->n_ext), n = 0;
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
		 pv->kind == PV_ICMP6 ? type_name(pv->type.v) : "packet");
	return buf;
}
