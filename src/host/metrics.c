/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/metrics.h"

#include <inttypes.h>

#include "transport/sock_view.h"

enum kind { COUNTER, GAUGE };

struct out {
	const struct node *n;
	struct text *t;
};

static void head(struct out *o, enum kind kind, const char *name, const char *help)
{
	text_say(o->t, "# HELP inaba_%s %s\n# TYPE inaba_%s %s\n", name, help, name,
		 kind == COUNTER ? "counter" : "gauge");
}

/* A label's value: backslash, quote and line feed are escaped. */
static void say_label(struct text *t, const char *key, const char *value)
{
	text_say(t, "%s=\"", key);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			text_say(t, "\\n");
		else if (*value == '\\' || *value == '"')
			text_say(t, "\\%c", *value);
		else
			text_put(t, value, 1);
	}
	text_say(t, "\"");
}

/* @key and @key2 may be NULL. */
static void sample(struct out *o, const char *name, const char *key, const char *value,
		   const char *key2, const char *value2, uint64_t v)
{
	text_say(o->t, "inaba_%s{", name);
	say_label(o->t, "node", o->n->name);
	if (key != NULL) {
		text_say(o->t, ",");
		say_label(o->t, key, value);
	}
	if (key2 != NULL) {
		text_say(o->t, ",");
		say_label(o->t, key2, value2);
	}
	text_say(o->t, "} %" PRIu64 "\n", v);
}

static void plain(struct out *o, enum kind kind, const char *name, const char *help, uint64_t v)
{
	head(o, kind, name, help);
	sample(o, name, NULL, NULL, NULL, NULL, v);
}

/*
 * Interfaces.
 */

#define IF_FIELD(name, help, field)                                                                \
	{                                                                                          \
		name, help, offsetof(struct iface, field)                                          \
	}

static void interfaces(struct out *o)
{
	static const struct {
		const char *name, *help;
		size_t off;
	} rows[] = {
		IF_FIELD("interface_receive_frames_total", "Frames taken from the link",
			 link.count.rx_pkts),
		IF_FIELD("interface_receive_bytes_total", "Octets taken from the link",
			 link.count.rx_octets),
		IF_FIELD("interface_transmit_frames_total", "Frames given to the link",
			 link.count.tx_pkts),
		IF_FIELD("interface_transmit_bytes_total", "Octets given to the link",
			 link.count.tx_octets),
		IF_FIELD("ip6_receive_packets_total", "IPv6 packets received", count.in_pkts),
		IF_FIELD("ip6_delivered_packets_total", "IPv6 packets for this node",
			 count.in_delivers),
		IF_FIELD("ip6_forwarded_packets_total", "IPv6 packets forwarded",
			 count.in_forwarded),
		IF_FIELD("ip6_transmit_packets_total", "IPv6 packets sent", count.out_pkts),
		IF_FIELD("ip6_receive_multicast_packets_total", "IPv6 packets to groups, received",
			 count.in_mcast),
		IF_FIELD("ip6_transmit_multicast_packets_total", "IPv6 packets to groups, sent",
			 count.out_mcast),
		IF_FIELD("ip6_fragments_created_total", "Fragments made", count.frag_created),
		IF_FIELD("ip6_reassembled_packets_total", "Packets put together of fragments",
			 count.reasm_ok),
		IF_FIELD("icmp6_errors_sent_total", "ICMPv6 errors sent", count.icmp_errors_sent),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		head(o, COUNTER, rows[i].name, rows[i].help);
		for (uint32_t k = 1; k <= IF_MAX; k++) {
			const struct iface *ifc = ip6_if(&o->n->ip6, k);
			uint64_t v;

			if (ifc == NULL)
				continue;
			memcpy(&v, (const uint8_t *)ifc + rows[i].off, sizeof(v));
			sample(o, rows[i].name, "interface", ifc->name, NULL, NULL, v);
		}
	}
	head(o, GAUGE, "interface_up", "Whether the interface is up");
	for (uint32_t k = 1; k <= IF_MAX; k++)
		if (ip6_if(&o->n->ip6, k) != NULL)
			sample(o, "interface_up", "interface", ip6_if(&o->n->ip6, k)->name, NULL,
			       NULL, ip6_if(&o->n->ip6, k)->link.up);
}

/*
 * Tables.
 */

static void tables(struct out *o)
{
	uint64_t by_state[NUD_NUM_STATES] = { 0 };
	const struct node *n = o->n;
	const struct neigh *e = NULL;

	while ((e = neigh_iter(&n->ip6.neigh, e)) != NULL)
		by_state[e->nud.state]++;
	head(o, GAUGE, "neighbours", "Entries of the neighbour cache by state (RFC 4861)");
	for (unsigned s = NUD_FREE + 1; s < NUD_NUM_STATES; s++)
		sample(o, "neighbours", "state", nud_state_name((enum nud_state)s), NULL, NULL,
		       by_state[s]);
	plain(o, GAUGE, "routes", "Routes of all tables", fib_count(n->ip6.fib));
	plain(o, GAUGE, "packet_buffers", "Packet buffers in use", n->env.pool->used);
	plain(o, GAUGE, "fragment_datagrams", "Datagrams that wait for fragments",
	      n->ip6.frag.datagrams);
}

/* All reasons, counted or not: a series that begins with its first event loses that event. */
static void drops(struct out *o)
{
	head(o, COUNTER, "drops_total", "Packets refused, by reason");
	for (enum drop d = DROP_NONE + 1; d < DROP_NUM; d++)
		if (drop_is_refusal(d))
			sample(o, "drops_total", "reason", drop_name(d), NULL, NULL,
			       o->n->env.drops[d]);
}

/*
 * Sockets.
 */

enum protocol { TCP6, UDP6, RAW6, ICMP6, PROTOCOLS };

static bool count(void *ctx, const struct sock_view *v)
{
	uint64_t(*n)[VIEW_STATES] = ctx;
	enum protocol p = v->type == SOCK_STREAM      ? TCP6
			  : v->type == SOCK_RAW	      ? RAW6
			  : v->protocol == IP6_NH_UDP ? UDP6
						      : ICMP6;

	n[p][v->state]++;
	return true;
}

static void sockets(struct out *o)
{
	static const char *const names[PROTOCOLS] = { "tcp", "udp", "raw", "icmp6" };
	uint64_t n[PROTOCOLS][VIEW_STATES] = { { 0 } };

	sock_views(&o->n->socks, 0, count, n);
	head(o, GAUGE, "sockets", "Sockets and connections by protocol and state");
	for (unsigned p = 0; p < PROTOCOLS; p++)
		for (unsigned s = VIEW_ESTABLISHED; s < VIEW_STATES; s++)
			if (p == TCP6 || s == VIEW_ESTABLISHED || s == VIEW_CLOSE)
				sample(o, "sockets", "protocol", names[p], "state",
				       view_state_name((enum view_state)s), n[p][s]);
	plain(o, GAUGE, "socket_queued_bytes", "Octets that wait in datagram sockets",
	      o->n->socks.queued);
}

static void tcp(struct out *o)
{
	const struct tcp_counters *c = &o->n->tcp.count;

	plain(o, COUNTER, "tcp_receive_segments_total", "Segments received", c->in_segs);
	plain(o, COUNTER, "tcp_transmit_segments_total", "Segments sent", c->out_segs);
	plain(o, COUNTER, "tcp_retransmitted_segments_total", "Segments sent again",
	      c->retrans_segs);
	plain(o, COUNTER, "tcp_active_opens_total", "Connections asked for", c->active_opens);
	plain(o, COUNTER, "tcp_passive_opens_total", "Connections that were asked of us",
	      c->passive_opens);
	plain(o, COUNTER, "tcp_resets_sent_total", "Resets sent", c->resets_sent);
	plain(o, COUNTER, "tcp_resets_taken_total", "Resets that ended a connection",
	      c->resets_taken);
	plain(o, COUNTER, "tcp_cookies_sent_total", "SYN cookies sent", c->cookies_sent);
	plain(o, COUNTER, "tcp_timeouts_total", "Retransmission time-outs", c->rtos);
	plain(o, COUNTER, "tcp_tail_probes_total", "Tail loss probes", c->tlps);
	plain(o, GAUGE, "tcp_buffer_bytes", "Octets in the buffers of connections", o->n->tcp.mem);
}

void metrics_write(const struct node *n, struct text *t)
{
	struct out o = { n, t };

	interfaces(&o);
	tables(&o);
	drops(&o);
	sockets(&o);
	tcp(&o);
}
