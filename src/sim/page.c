/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/page.h"

#include <inttypes.h>

#include "base/html.h"

static const char style[] =
	".checks{list-style:none;padding:0;margin:.8rem 0}.checks li{padding-left:1.6rem;text-indent:-1.6rem}"
	".checks b{display:inline-block;width:1.6rem;text-indent:0}\n"
	".topology{display:block;width:100%;max-width:33rem;height:auto;margin:0 auto}\n"
	".topology text{font:11px ui-monospace,monospace;fill:var(--fg)}\n"
	".topology .name{font:700 14px system-ui,sans-serif}\n"
	".topology .if{font:11px system-ui,sans-serif;text-anchor:end;fill:var(--dim)}\n"
	".topology .mac{fill:var(--dim)}.topology .bad{fill:var(--bad)}\n"
	".topology .dup{fill:var(--bad);text-decoration:line-through}\n"
	".topology .wire{font:600 11px system-ui,sans-serif;fill:var(--accent)}\n"
	".topology .prefix{text-anchor:end;fill:var(--accent)}\n"
	".topology rect{fill:var(--box);stroke:var(--dim);stroke-width:1.2}\n"
	".topology .dead rect{stroke:var(--bad);stroke-dasharray:5 4}.topology .dead .addr,"
	".topology .dead .mac{opacity:.65}\n"
	".topology .guest rect{stroke-dasharray:2 3}\n"
	".bus{stroke:var(--accent);stroke-width:3;fill:none;stroke-linecap:round}\n"
	".cable{stroke:var(--accent);stroke-width:1.5;fill:none}.cut{stroke:var(--bad);stroke-dasharray:4 4}\n"
	".tl{list-style:none;margin:0;padding:0}\n"
	".row{display:grid;font-size:.9rem;line-height:1.4;grid-template-columns:3.6em min(15rem,38vw) 1fr;column-gap:.6rem}\n"
	".row time{text-align:right;color:var(--dim);font-variant-numeric:tabular-nums;padding-top:.1rem}\n"
	".row p{margin:0;padding:.1rem 0 .2rem;overflow-wrap:anywhere}\n"
	".lanes{position:relative}.lines{position:absolute;inset:0;width:100%;height:100%}\n"
	".marks{position:relative;display:block;width:100%;height:auto}\n"
	".lines use{stroke:var(--line);stroke-width:1.2;fill:none;vector-effect:non-scaling-stroke}\n"
	".defs path{vector-effect:non-scaling-stroke}.defs{position:absolute}\n"
	".head-row{position:sticky;top:0;background:var(--bg);border-bottom:1px solid var(--line);z-index:1}\n"
	".lane{font:600 12px system-ui,sans-serif;fill:var(--fg);text-anchor:middle}\n"
	".mark{fill:var(--fg)}.good .mark{fill:var(--good)}.bad .mark{fill:var(--bad)}\n"
	".arrow{stroke:var(--accent);stroke-width:1.6;fill:none}.head,.from{fill:var(--accent)}\n"
	".lost{stroke:var(--bad);stroke-dasharray:4 3}.cross{stroke:var(--bad);stroke-width:2;fill:none}\n"
	".frame p{color:var(--dim)}.good p b,.bad p b{color:inherit}\n"
	".tick{stroke:var(--line);stroke-width:1}.topology .num{text-anchor:middle;fill:var(--dim)}\n"
	".topology .got{fill:var(--good);stroke:none}.topology .not{fill:var(--bad);stroke:none}\n"
	"@media (max-width:34rem){.row{grid-template-columns:3.2em 30vw 1fr;column-gap:.45rem;"
	"font-size:.85rem}.lane{font-size:17px}}\n"
	"@media print{.head-row{position:static}.row{break-inside:avoid}}\n";

static void head(const struct demo *d, FILE *f)
{
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<title>Inaba: the demo, seed %" PRIu64 "</title>\n<style>\n%s%s</style>\n</head>\n"
		"<body>\n<main>\n<h1>Inaba: a small IPv6 internet</h1>\n",
		d->seed, html_style, style);
}

static void verdict(const struct demo *d, FILE *f)
{
	unsigned ok = 0;

	for (unsigned i = 0; i < d->n_checks; i++)
		ok += d->check[i].ok;
	fprintf(f,
		"<p>Two sites, three routers, four hosts and a guest, in %" PRIu64 " seconds of "
		"virtual time with %" PRIu32 " frames. Every octet follows from the seed, %" PRIu64
		".</p>\n<p><span class=\"verdict %s\">%u of %u things happened as they should</span></p>\n"
		"<ul class=\"checks\">\n",
		d->w.now / NS_PER_S, d->capture.n, d->seed, demo_ok(d) ? "good" : "bad", ok,
		d->n_checks);
	for (unsigned i = 0; i < d->n_checks; i++) {
		fprintf(f, "<li><b class=\"%s\">%s</b>", d->check[i].ok ? "good" : "bad",
			d->check[i].ok ? "✓" : "✗");
		if (!d->check[i].ok)
			fputs("<strong>Did not happen:</strong> ", f);
		html_escape(f, d->check[i].what);
		fputs("</li>\n", f);
	}
	fputs("</ul>\n", f);
}

static void topology(const struct demo *d, FILE *f)
{
	fputs("<h2>Topology</h2>\n<figure>\n", f);
	picture_topology(d, f);
	fputs("<figcaption>Addresses as they were at the end. Each interface shows its link-layer "
	      "address, its link-local address and, below, the one of its site's prefix. Hosts made "
	      "theirs themselves; the routers' were given to them.</figcaption>\n</figure>\n",
	      f);
}

static const char *class_of(enum tl_kind kind)
{
	switch (kind) {
	case TL_GOOD:
		return " good";
	case TL_BAD:
		return " bad";
	case TL_FRAME:
		return " frame";
	case TL_ACT:
	case TL_NOTE:
		break;
	}
	return "";
}

/* "R1", or "h1, h2" when a frame has several receivers. */
static void names(const struct timeline *tl, uint32_t set, FILE *f)
{
	const char *comma = "";

	for (int i = 0; i < tl->n_lanes; i++) {
		if ((set >> i & 1) == 0)
			continue;
		fputs(comma, f);
		html_escape(f, tl->lane[i].name);
		comma = ", ";
	}
}

static void row(const struct timeline *tl, const struct tl_entry *e, FILE *f)
{
	fprintf(f,
		"<li class=\"row%s\"><time>%" PRIu64 ".%03" PRIu64 "</time><div class=\"lanes\">",
		class_of(e->kind), e->when / NS_PER_S, e->when % NS_PER_S / NS_PER_MS);
	picture_entry(tl, e, f);
	fputs("</div><p>", f);
	if (e->lane != TL_WORLD) {
		fputs("<b>", f);
		html_escape(f, tl->lane[e->lane].name);
		if ((e->to | e->lost) != 0) {
			fputs(" → ", f);
			names(tl, e->to | e->lost, f);
		}
		fputs("</b> ", f);
	}
	html_escape(f, e->text);
	if (e->kind == TL_FRAME && e->to == 0)
		fputs(e->lost != 0 ? " (does not arrive)" : " (nobody listens)", f);
	fputs("</p></li>\n", f);
}

static void timeline(const struct timeline *tl, FILE *f)
{
	bool open = false;

	fputs("<h2>Timeline</h2>\n<p>A lane for each node, time in seconds. Arrows are frames "
	      "(only those that tell something new); dots are what a node found out or did.</p>\n",
	      f);
	picture_lanes(tl, f);
	for (uint32_t i = 0; i < tl->n; i++) {
		const struct tl_entry *e = &tl->entry[i];

		if (e->kind != TL_ACT) {
			row(tl, e, f);
			continue;
		}
		fprintf(f, "%s<section>\n<h3>", open ? "</ol>\n</section>\n" : "");
		html_escape(f, e->text);
		fputs("</h3>\n<div class=\"row head-row\" aria-hidden=\"true\"><time>s</time>"
		      "<div class=\"lanes\">",
		      f);
		picture_names(tl, f);
		fputs("</div><p></p></div>\n<ol class=\"tl\">\n", f);
		open = true;
	}
	if (open)
		fputs("</ol>\n</section>\n", f);
}

static void pings(const struct demo *d, FILE *f)
{
	fputs("<h2>Echo requests</h2>\n<figure>\n", f);
	picture_pings(d, f);
	fputs("</figure>\n<div class=\"scroll\"><table>\n<thead><tr><th>From, to</th>"
	      "<th class=\"n\">Octets</th><th class=\"n\">Sent</th><th class=\"n\">Answered</th>"
	      "<th class=\"n\">Lost</th><th class=\"n\">Errors</th>"
	      "<th>Round trip, ms: min, avg, max</th></tr></thead>\n<tbody>\n",
	      f);
	for (unsigned i = 0; i < DEMO_PINGS; i++) {
		const struct demo_ping *p = &d->ping[i];

		fprintf(f,
			"<tr><td>%s, %s</td><td class=\"n\">%u</td><td class=\"n\">%u</td>"
			"<td class=\"n\">%u</td><td class=\"n\">%u</td><td class=\"n\">%u</td><td>",
			demo_node_name(p->from), demo_node_name(p->to), p->octets, p->sent,
			p->answered, p->lost, p->errors);
		if (p->answered > 0)
			fprintf(f, "%.3f, %.3f, %.3f", (double)p->min / 1e6,
				(double)p->sum / p->answered / 1e6, (double)p->max / 1e6);
		fputs("</td></tr>\n", f);
	}
	fputs("</tbody></table></div>\n", f);
}

static void drops(const struct demo *d, FILE *f)
{
	fputs("<h2>Packets refused, and why</h2>\n<div class=\"scroll\"><table>\n<thead><tr>"
	      "<th>Node</th><th class=\"n\">Packets</th><th>Reason</th><th></th></tr></thead>\n"
	      "<tbody>\n",
	      f);
	for (enum drop why = 0; why < DROP_NUM; why++) {
		for (unsigned i = 0; i < DEMO_NODES; i++) {
			if (d->node[i].drops[why] == 0)
				continue;
			fprintf(f,
				"<tr><td>%s</td><td class=\"n\">%" PRIu64
				"</td><td><code>%s</code></td><td>",
				demo_node_name(i), d->node[i].drops[why], drop_name(why));
			html_escape(f, drop_text(why));
			fputs("</td></tr>\n", f);
		}
	}
	fputs("</tbody></table></div>\n", f);
}

void page_write(const struct demo *d, FILE *f, const char *capture)
{
	head(d, f);
	verdict(d, f);
	topology(d, f);
	timeline(&d->tl, f);
	pings(d, f);
	drops(d, f);
	if (capture != NULL) {
		fputs("<h2>Capture</h2>\n<p>All frames are in <a href=\"", f);
		html_escape(f, capture);
		fputs("\">", f);
		html_escape(f, capture);
		fputs("</a>, each once, with an interface for each wire. Wireshark's filter "
		      "<code>frame.comment</code> shows those that were refused, and why.</p>\n",
		      f);
	}
	fputs("</main>\n</body>\n</html>\n", f);
}
