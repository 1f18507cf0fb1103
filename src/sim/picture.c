/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page's pictures. The topology is drawn from top to bottom, narrow enough for a phone. A row
 * of the timeline is two drawings on each other: the lanes' lines, stretched to the height of the
 * row, and on them the mark or the arrow.
 */
#include <inttypes.h>

#include "base/html.h"
#include "sim/page.h"

/* Topology, in units that are pixels on a phone. */
#define WIDTH	   420
#define BOX_WIDTH  200
#define BOX_LEFT   5
#define BOX_RIGHT  (WIDTH - BOX_WIDTH - BOX_LEFT)
#define BOX_MIDDLE ((WIDTH - BOX_WIDTH) / 2)
#define CABLE	   150 /* from the left of a box; labels of wires lie beside it */
#define LINE	   14
#define PAD	   8

/* Rows, top to bottom. */
#define HOSTS_A_Y 6
#define BUS_A_Y	  98
#define ROUTERS_Y 124
#define CORE_Y	  268
#define R3_Y	  294
#define BUS_B_Y	  438
#define HOSTS_B_Y 464
#define GUEST_Y	  562
#define HEIGHT	  652

static const struct {
	int x, y;
	int bus[2]; /* y of the wires of its interfaces */
} place[DEMO_NODES] = {
	[DEMO_H1] = { BOX_LEFT, HOSTS_A_Y, { BUS_A_Y, 0 } },
	[DEMO_H2] = { BOX_RIGHT, HOSTS_A_Y, { BUS_A_Y, 0 } },
	[DEMO_R1] = { BOX_LEFT, ROUTERS_Y, { BUS_A_Y, CORE_Y } },
	[DEMO_R2] = { BOX_RIGHT, ROUTERS_Y, { BUS_A_Y, CORE_Y } },
	[DEMO_R3] = { BOX_MIDDLE, R3_Y, { BUS_B_Y, CORE_Y } },
	[DEMO_H3] = { BOX_LEFT, HOSTS_B_Y, { BUS_B_Y, 0 } },
	[DEMO_H4] = { BOX_RIGHT, HOSTS_B_Y, { BUS_B_Y, 0 } },
	[DEMO_H5] = { BOX_MIDDLE, GUEST_Y, { BUS_B_Y, 0 } },
};

static const struct {
	int y;
	const char *prefix;
} bus[DEMO_WIRES] = {
	[DEMO_LAN_A] = { BUS_A_Y, "2001:db8:a::/64" },
	[DEMO_CORE] = { CORE_Y, "2001:db8:c::/64" },
	[DEMO_LAN_B] = { BUS_B_Y, "2001:db8:b::/64" },
};

static void text(FILE *f, int x, int y, const char *class, const char *words)
{
	fprintf(f, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	html_escape(f, words);
	fprintf(f, "</text>\n");
}

/* Lines that a node's box has below its name. */
static int box_lines(const struct demo_node *n)
{
	int lines = 0;

	for (unsigned k = 0; k < n->n_ifs; k++) {
		lines++;
		for (unsigned i = 0; i < n->ifs[k].n_addrs; i++)
			lines += n->ifs[k].addr[i].origin != ADDR_ANYCAST;
	}
	return lines;
}

static int box_height(const struct demo_node *n)
{
	return PAD + (box_lines(n) + 1) * LINE + PAD + (n->n_ifs > 1 ? PAD : 0);
}

static void draw_if(const struct demo_if *di, int x, int *y, FILE *f)
{
	char words[IP6_TEXT_MAX + MAC_TEXT_MAX], name[IP6_TEXT_MAX];

	*y += LINE;
	text(f, x + PAD, *y, "mac", mac_text(&di->mac, words));
	text(f, x + BOX_WIDTH - PAD, *y, "if", demo_wire_name(di->wire));
	for (unsigned i = 0; i < di->n_addrs; i++) {
		const struct demo_addr *a = &di->addr[i];

		if (a->origin == ADDR_ANYCAST)
			continue;
		*y += LINE;
		ip6_text(&a->addr, name);
		text(f, x + PAD, *y, a->state == ADDR_DUPLICATE ? "addr dup" : "addr", name);
	}
}

static void draw_node(const struct demo *d, enum demo_who who, FILE *f)
{
	const struct demo_node *n = &d->node[who];
	int x = place[who].x, y = place[who].y + PAD + 10;
	bool dead = d->tl.lane[who].until != TIME_NEVER;
	char words[64];

	fprintf(f,
		"<g class=\"node%s%s\">\n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
		dead ? " dead" : "", who == DEMO_H5 ? " guest" : "", x, place[who].y, BOX_WIDTH,
		box_height(n));
	text(f, x + PAD, y, "name", demo_node_name(who));
	if (dead)
		snprintf(words, sizeof(words), "lost power at %" PRIu64 " s",
			 d->tl.lane[who].until / NS_PER_S);
	text(f, x + BOX_WIDTH - PAD, y, dead ? "if bad" : "if", dead ? words : demo_node_role(who));
	for (unsigned k = 0; k < n->n_ifs; k++) {
		if (k > 0)
			y += PAD;
		draw_if(&n->ifs[k], x, &y, f);
	}
	fprintf(f, "</g>\n");
}

static void draw_cables(const struct demo *d, enum demo_who who, FILE *f)
{
	int x = place[who].x + (place[who].x == BOX_MIDDLE ? BOX_WIDTH / 2 : CABLE);
	int top = place[who].y;
	int bottom = top + box_height(&d->node[who]);

	for (unsigned k = 0; k < d->node[who].n_ifs; k++) {
		int y = place[who].bus[k];

		fprintf(f, "<path class=\"cable%s\" d=\"M%d %dV%d\"/>\n",
			d->tl.lane[who].until != TIME_NEVER ? " cut" : "", x,
			y < top ? top : bottom, y);
	}
}

static void draw_bus(enum demo_where where, FILE *f)
{
	int y = bus[where].y;

	fprintf(f, "<path class=\"bus\" d=\"M5 %dH%d\"/>\n", y, WIDTH - 5);
	text(f, 8, y - 6, "wire", demo_wire_words(where));
	text(f, BOX_RIGHT + CABLE - 8, y - 6, "prefix", bus[where].prefix);
}

void picture_topology(const struct demo *d, FILE *f)
{
	fprintf(f,
		"<svg class=\"topology\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"topology-title topology-desc\">\n"
		"<title id=\"topology-title\">Topology</title>\n"
		"<desc id=\"topology-desc\">Site A with hosts h1 and h2 and routers R1 and R2; a "
		"core link that joins R1, R2 and R3; site B with router R3, hosts h3 and h4 and "
		"guest h5. Each box has link-layer and IPv6 addresses.</desc>\n",
		WIDTH, HEIGHT);
	for (enum demo_who who = 0; who < DEMO_NODES; who++)
		draw_cables(d, who, f);
	for (enum demo_where where = 0; where < DEMO_WIRES; where++)
		draw_bus(where, f);
	for (enum demo_who who = 0; who < DEMO_NODES; who++)
		draw_node(d, who, f);
	fprintf(f, "</svg>\n");
}

/*
 * Echo requests on an axis of time.
 */
#define AXIS_LEFT  70
#define AXIS_WIDTH (WIDTH - AXIS_LEFT - 14)
#define AXIS_ROW   20
#define AXIS_STEP  5 /* seconds */
#define MARK_WIDTH 2.0

static double axis_x(const struct demo *d, time_ns t)
{
	return AXIS_LEFT + AXIS_WIDTH * (double)t / (double)d->w.now;
}

/* Requests of the same outcome that follow each other are one bar. */
static void draw_requests(const struct demo *d, const struct demo_ping *p, int y, FILE *f)
{
	for (uint32_t i = 0, from = 0; i < p->sent; i++) {
		double x;

		if (i + 1 < p->sent && p->got[i + 1] == p->got[i])
			continue;
		x = axis_x(d, p->start + from * DEMO_PING_INTERVAL);
		fprintf(f,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
			p->got[i] ? "got" : "not", x, y + (p->got[i] ? 0 : 3),
			axis_x(d, p->start + i * DEMO_PING_INTERVAL) - x + MARK_WIDTH,
			AXIS_ROW - 8 - (p->got[i] ? 0 : 6));
		from = i + 1;
	}
}

void picture_pings(const struct demo *d, FILE *f)
{
	int bottom = AXIS_ROW * DEMO_PINGS + 20, x;
	char words[64];

	fprintf(f,
		"<svg class=\"topology\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"pings-title pings-desc\">\n"
		"<title id=\"pings-title\">Echo requests over time</title>\n"
		"<desc id=\"pings-desc\">A row for each session: tall bars are requests that were "
		"answered, flat ones those that were not. The table has the numbers.</desc>\n",
		WIDTH, bottom + 18);
	for (time_ns t = 0; t <= d->w.now; t += AXIS_STEP * NS_PER_S) {
		x = (int)axis_x(d, t);
		fprintf(f, "<path class=\"tick\" d=\"M%d 18V%d\"/>\n", x, bottom);
		snprintf(words, sizeof(words), "%" PRIu64 "%s", t / NS_PER_S, t == 0 ? " s" : "");
		text(f, x, bottom + 13, "num", words);
	}
	x = (int)axis_x(d, d->r1_death);
	fprintf(f, "<path class=\"cable cut\" d=\"M%d 14V%d\"/>\n", x, bottom);
	text(f, x + 4, 11, "bad", "R1 loses its power");
	for (int i = 0; i < DEMO_PINGS; i++) {
		const struct demo_ping *p = &d->ping[i];

		snprintf(words, sizeof(words), "%s → %s", demo_node_name(p->from),
			 demo_node_name(p->to));
		text(f, 4, 20 + i * AXIS_ROW + 11, "addr", words);
		draw_requests(d, p, 20 + i * AXIS_ROW + 1, f);
	}
	fprintf(f, "</svg>\n");
}

/*
 * The timeline's lanes.
 */
#define LANE 30
#define ROW  22
#define MID  (ROW / 2)

static int lane_x(int lane)
{
	return LANE / 2 + LANE * lane;
}

/* Which lanes live at that time, as a set; each set that occurs is drawn once. */
static uint32_t alive(const struct timeline *tl, time_ns when)
{
	uint32_t set = 0;

	for (int i = 0; i < tl->n_lanes; i++)
		if (tl->lane[i].from <= when && when < tl->lane[i].until)
			set |= UINT32_C(1) << i;
	return set;
}

void picture_lanes(const struct timeline *tl, FILE *f)
{
	uint32_t done[TL_LANES_MAX * 2];
	unsigned n = 0;

	fprintf(f, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\n");
	for (uint32_t e = 0; e < tl->n && n < ARRAY_LEN(done); e++) {
		uint32_t set = alive(tl, tl->entry[e].when);
		bool again = false;

		for (unsigned i = 0; i < n; i++)
			again = again || done[i] == set;
		if (again)
			continue;
		done[n++] = set;
		fprintf(f, "<path id=\"lanes-%" PRIx32 "\" d=\"", set);
		for (int i = 0; i < tl->n_lanes; i++)
			if ((set >> i & 1) != 0)
				fprintf(f, "M%d 0V10", lane_x(i));
		fprintf(f, "\"/>\n");
	}
	fprintf(f, "</defs></svg>\n");
}

void picture_names(const struct timeline *tl, FILE *f)
{
	fprintf(f, "<svg class=\"marks\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">",
		LANE * tl->n_lanes, ROW);
	for (int i = 0; i < tl->n_lanes; i++) {
		fprintf(f, "<text x=\"%d\" y=\"15\" class=\"lane\">", lane_x(i));
		html_escape(f, tl->lane[i].name);
		fprintf(f, "</text>");
	}
	fprintf(f, "</svg>");
}

/* An arrow to each lane of the set; those that did not arrive end in a cross. */
static void draw_arrows(const struct timeline *tl, const struct tl_entry *e, FILE *f)
{
	int x = lane_x(e->lane);

	for (int i = 0; i < tl->n_lanes; i++) {
		int to = lane_x(i), back = to > x ? -1 : 1;

		if ((e->to >> i & 1) != 0)
			fprintf(f,
				"<path class=\"arrow\" d=\"M%d %dH%d\"/>"
				"<path class=\"head\" d=\"M%d %dl%d -4v8z\"/>",
				x, MID, to + back * 5, to, MID, back * 8);
		if ((e->lost >> i & 1) != 0)
			fprintf(f,
				"<path class=\"arrow lost\" d=\"M%d %dH%d\"/>"
				"<path class=\"cross\" d=\"M%d %dl8 8m0 -8l-8 8\"/>",
				x, MID, to + back * 6, to - 4, MID - 4);
	}
	fprintf(f, "<circle class=\"from\" cx=\"%d\" cy=\"%d\" r=\"2.5\"/>", x, MID);
}

void picture_entry(const struct timeline *tl, const struct tl_entry *e, FILE *f)
{
	int width = LANE * tl->n_lanes;

	fprintf(f,
		"<svg class=\"lines\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\"><use href=\"#lanes-%" PRIx32 "\"/></svg>"
		"<svg class=\"marks\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">",
		width, alive(tl, e->when), width, ROW);
	if (e->kind == TL_FRAME)
		draw_arrows(tl, e, f);
	else if (e->lane != TL_WORLD)
		fprintf(f, "<circle class=\"mark\" cx=\"%d\" cy=\"%d\" r=\"6\"/>", lane_x(e->lane),
			MID);
	fprintf(f, "</svg>");
}
