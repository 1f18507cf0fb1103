/* SPDX-License-Identifier: BSD-3-Clause */
/* The demo's summary as text. */
#include <inttypes.h>

#include "sim/demo.h"

static const char *paint(bool colour, const char *code)
{
	return colour ? code : "";
}

static void heading(FILE *f, bool colour, const char *text)
{
	fprintf(f, "\n%s%s%s\n", paint(colour, "\033[1m"), text, paint(colour, "\033[0m"));
}

static void print_addrs(const struct demo *d, FILE *f)
{
	char text[IP6_TEXT_MAX], mac[MAC_TEXT_MAX];

	for (unsigned i = 0; i < DEMO_NODES; i++) {
		const struct demo_node *n = &d->node[i];

		for (unsigned k = 0; k < n->n_ifs; k++) {
			const struct demo_if *di = &n->ifs[k];

			fprintf(f, "  %-3s %-7s %s", k == 0 ? demo_node_name(i) : "",
				demo_wire_name(di->wire), mac_text(&di->mac, mac));
			for (unsigned j = 0; j < di->n_addrs; j++)
				if (di->addr[j].origin != ADDR_ANYCAST)
					fprintf(f, "  %s%s", ip6_text(&di->addr[j].addr, text),
						di->addr[j].state == ADDR_DUPLICATE ? " (duplicate)"
										    : "");
			fputc('\n', f);
		}
	}
}

static void print_pings(const struct demo *d, FILE *f)
{
	fprintf(f, "  %-9s %6s %5s %8s %5s %6s   %s\n", "", "octets", "sent", "answered", "lost",
		"errors", "round trip min/avg/max in ms");
	for (unsigned i = 0; i < DEMO_PINGS; i++) {
		const struct demo_ping *p = &d->ping[i];

		fprintf(f, "  %s to %s  %6u %5u %8u %5u %6u   ", demo_node_name(p->from),
			demo_node_name(p->to), p->octets, p->sent, p->answered, p->lost, p->errors);
		if (p->answered > 0)
			fprintf(f, "%.3f / %.3f / %.3f", (double)p->min / 1e6,
				(double)p->sum / p->answered / 1e6, (double)p->max / 1e6);
		fputc('\n', f);
	}
}

static void print_drops(const struct demo *d, FILE *f)
{
	for (enum drop why = 0; why < DROP_NUM; why++) {
		uint64_t total = 0;

		for (unsigned i = 0; i < DEMO_NODES; i++)
			total += d->node[i].drops[why];
		if (total == 0)
			continue;
		fprintf(f, "  %5" PRIu64 "  %-20s %s:", total, drop_name(why), drop_text(why));
		for (unsigned i = 0; i < DEMO_NODES; i++)
			if (d->node[i].drops[why] != 0)
				fprintf(f, " %s %" PRIu64, demo_node_name(i),
					d->node[i].drops[why]);
		fputc('\n', f);
	}
}

void demo_print(const struct demo *d, FILE *f, bool colour)
{
	timeline_print(&d->tl, f, colour);
	heading(f, colour, "Addresses at the end (R1's: at its end)");
	print_addrs(d, f);
	heading(f, colour, "Echo requests");
	print_pings(d, f);
	heading(f, colour, "Packets refused, and why");
	print_drops(d, f);
	heading(f, colour, "What should have happened");
	for (unsigned i = 0; i < d->n_checks; i++)
		fprintf(f, "  %s%s%s %s\n", paint(colour, d->check[i].ok ? "\033[32m" : "\033[31m"),
			d->check[i].ok ? "yes" : "NO ", paint(colour, "\033[0m"), d->check[i].what);
}
