/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/record.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/pcapng.h"

static bool is_background(const struct pv *pv)
{
	return pv->kind == PV_ICMP6 && pv->type.v >= ICMP6_MLD_QUERY &&
	       (pv->type.v <= ICMP6_ND_LAST || pv->type.v == ICMP6_MLD2_REPORT);
}

struct seen *record_add(struct record *r, time_ns when, enum nut_link link, bool from_nut,
			const uint8_t *p, size_t octets)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (r->n == r->room) {
		r->room = MAX(64u, r->room * 2);
		r->seen = realloc(r->seen, r->room * sizeof(struct seen *));
	}
	ASSERT(s != NULL && r->seen != NULL);
	s->octets = malloc(octets + 1);
	ASSERT(s->octets != NULL);
	memcpy(s->octets, p, octets);
	s->n = octets;
	s->when = when;
	s->link = link;
	s->from_nut = from_nut;
	s->ip6 = pv_decode(s->octets, octets, &s->pv);
	s->background = s->ip6 && is_background(&s->pv);
	r->seen[r->n++] = s;
	return s;
}

void record_comment(struct seen *s, const char *fmt, ...)
{
	char text[PCAPNG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	free(s->comment);
	s->comment = strdup(text);
	ASSERT(s->comment != NULL);
}

int record_write(const struct record *r, FILE *f, const char *comment)
{
	struct pcapng_file out;
	uint32_t iface[NUT_LINKS];
	int rc = pcapng_file_open(&out, f, &(struct pcapng_conf){ .comment = comment });

	if (rc < 0)
		return rc;
	iface[LINK_A] = pcapng_file_iface(&out, "link A");
	iface[LINK_B] = pcapng_file_iface(&out, "link B");
	for (size_t i = 0; i < r->n; i++) {
		const struct seen *s = r->seen[i];

		pcapng_file_frame(
			&out, &(struct pcapng_frame){ .iface = iface[s->link],
						      .when = s->when,
						      .dir = s->from_nut ? PCAPNG_IN : PCAPNG_OUT,
						      .p = s->octets,
						      .len = (uint32_t)s->n,
						      .comment = { s->comment } });
	}
	return pcapng_file_close(&out);
}

void record_done(struct record *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->seen[i]->comment);
		free(r->seen[i]->octets);
		free(r->seen[i]);
	}
	free(r->seen);
	*r = (struct record){ 0 };
}
