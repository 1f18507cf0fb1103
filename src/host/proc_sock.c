/* SPDX-License-Identifier: BSD-3-Clause */
/* Of /proc/net what is about sockets. */
#include <inttypes.h>

#include "host/proc_net.h"
#include "ip4/hdr.h"
#include "netlink/nl_part.h"
#include "transport/packet_part.h"
#include "transport/sock_view.h"

#define TICK (NS_PER_S / 100)
#define POINTER                                                                                    \
	"0000000000000000" /* what who has no privileges is shown of addresses in the kernel */
#define COLUMNS6                                                                                   \
	"  sl  local_address                         remote_address                        st "    \
	"tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
#define COLUMNS4                                                                                   \
	"sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"

struct sock_text {
	struct text *t;
	int family, type;
	unsigned n;
};

/* Words of the machine's order, as the kernel prints them; of IPv4 the last. */
static void say_end(struct text *t, const struct tcp_end *e, int family)
{
	uint32_t w[4];

	memcpy(w, e->addr.b, sizeof(w));
	if (family == AF_INET)
		text_say(t, " %08X:%04X", w[3], e->port);
	else
		text_say(t, " %08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3], e->port);
}

static void say_common(const struct sock_text *w, const struct sock_view *v)
{
	say_end(w->t, &v->local, w->family);
	say_end(w->t, &v->remote, w->family);
	text_say(w->t, " %02X %08X:%08X %02X:%08" PRIX64 " %08X %5u %8d %" PRIu64, v->state,
		 v->state == VIEW_LISTEN ? 0 : v->wqueue, v->rqueue, v->timer, v->timer_left / TICK,
		 v->retrans, 0, 0, v->inode);
}

static bool one_tcp(void *ctx, const struct sock_view *v)
{
	struct sock_text *w = ctx;
	struct tcp_info info;
	uint32_t mss;

	if (v->family != w->family)
		return true;
	text_say(w->t, "%4u:", w->n++);
	say_common(w, v);
	text_say(w->t, " 1 " POINTER);
	if (v->state == VIEW_LISTEN) {
		text_say(w->t, " 100 0 0 10 0");
	} else if (v->tc != NULL && v->state != VIEW_TIME_WAIT) {
		tcp_info(v->tc, &info);
		mss = MAX(info.snd_mss, 1u);
		text_say(w->t, " %" PRIu64 " 4 0 %u %d", info.rto / TICK, info.cwnd / mss,
			 info.ssthresh >= INT32_MAX ? -1 : (int)(info.ssthresh / mss));
	}
	text_say(w->t, "\n");
	return true;
}

static bool one_dgram(void *ctx, const struct sock_view *v)
{
	struct sock_text *w = ctx;

	if (v->family != w->family || v->type != w->type)
		return true;
	text_say(w->t, "%5u:", w->n++);
	say_common(w, v);
	text_say(w->t, " 2 " POINTER " %d\n", 0);
	return true;
}

void proc_tcp6(const struct node *n, struct text *t)
{
	struct sock_text w = { t, AF_INET6, SOCK_STREAM, 0 };

	text_say(t, COLUMNS6 "\n");
	sock_views(&n->socks, IP6_NH_TCP, one_tcp, &w);
}

void proc_tcp(const struct node *n, struct text *t)
{
	struct sock_text w = { t, AF_INET, SOCK_STREAM, 0 };

	text_say(t, "%-149s\n", "  " COLUMNS4);
	sock_views(&n->socks, IP6_NH_TCP, one_tcp, &w);
}

static void dgrams6(const struct node *n, struct text *t, int protocol, int type)
{
	struct sock_text w = { t, AF_INET6, type, 0 };

	text_say(t, COLUMNS6 " ref pointer drops\n");
	sock_views(&n->socks, protocol, one_dgram, &w);
}

void proc_udp6(const struct node *n, struct text *t)
{
	dgrams6(n, t, IP6_NH_UDP, SOCK_DGRAM);
}

void proc_raw6(const struct node *n, struct text *t)
{
	dgrams6(n, t, 0, SOCK_RAW);
}

void proc_icmp6(const struct node *n, struct text *t)
{
	dgrams6(n, t, IP6_NH_ICMP6, SOCK_DGRAM);
}

static void dgrams4(const struct node *n, struct text *t, int protocol, int type)
{
	struct sock_text w = { t, AF_INET, type, 0 };

	sock_views(&n->socks, protocol, one_dgram, &w);
}

void proc_udp(const struct node *n, struct text *t)
{
	text_say(t, "%-127s\n", "   " COLUMNS4 " ref pointer drops");
	dgrams4(n, t, IP6_NH_UDP, SOCK_DGRAM);
}

void proc_icmp(const struct node *n, struct text *t)
{
	text_say(t, "%-127s\n", "  " COLUMNS4 " ref pointer drops");
	dgrams4(n, t, IP4_PROTO_ICMP, SOCK_DGRAM);
}

void proc_raw(const struct node *n, struct text *t)
{
	text_say(t, "%s\n", "  " COLUMNS4 " ref pointer drops");
	dgrams4(n, t, 0, SOCK_RAW);
}

/*
 * How many.
 */

struct sock_count {
	int family;
	unsigned tcp, time_wait, orphans, udp, raw, all, established;
};

static bool count(void *ctx, const struct sock_view *v)
{
	struct sock_count *c = ctx;

	c->all++;
	if (v->protocol == IP6_NH_TCP && v->type == SOCK_STREAM &&
	    (v->state == VIEW_ESTABLISHED || v->state == VIEW_CLOSE_WAIT))
		c->established++;
	if (v->family != c->family)
		return true;
	if (v->type == SOCK_STREAM && v->state == VIEW_TIME_WAIT)
		c->time_wait++;
	else if (v->type == SOCK_STREAM)
		c->tcp++;
	else if (v->type == SOCK_RAW)
		c->raw++;
	else if (v->protocol == IP6_NH_UDP)
		c->udp++;
	return true;
}

void proc_sockstat6(const struct node *n, struct text *t)
{
	struct sock_count c = { .family = AF_INET6 };

	sock_views(&n->socks, 0, count, &c);
	text_say(t, "TCP6: inuse %u\nUDP6: inuse %u\nUDPLITE6: inuse 0\nRAW6: inuse %u\n", c.tcp,
		 c.udp, c.raw);
	text_say(t, "FRAG6: inuse %u memory %u\n", n->ip6.frag.datagrams, n->ip6.frag.octets);
}

void proc_sockstat(const struct node *n, struct text *t)
{
	struct sock_count c = { .family = AF_INET };

	sock_views(&n->socks, 0, count, &c);
	text_say(t, "sockets: used %u\n", n->socks.n);
	text_say(t, "TCP: inuse %u orphan %u tw %u alloc %u mem %" PRIu64 "\n", c.tcp, c.orphans,
		 n->tcp.n_time_wait, n->tcp.n_conns + n->tcp.n_listeners, n->tcp.mem / 4096);
	text_say(t, "UDP: inuse %u mem %u\nUDPLITE: inuse 0\nRAW: inuse %u\n", c.udp,
		 n->socks.queued / 4096, c.raw);
	text_say(t, "FRAG: inuse 0 memory 0\n");
}

/* Pairs of lines; of IPv4's names those that are TCP's, which counts both families. */
void proc_snmp(const struct node *n, struct text *t)
{
	const struct tcp_counters *k = &n->tcp.count;
	const uint64_t *d = n->env.drops;
	struct sock_count c = { .family = AF_INET6 };

	sock_views(&n->socks, IP6_NH_TCP, count, &c);
	text_say(t, "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens CurrEstab "
		    "InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n");
	text_say(t,
		 "Tcp: 4 %" PRIu64 " 120000 %u %" PRIu64 " %" PRIu64 " %u %" PRIu64 " %" PRIu64
		 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		 n->tcp.conf.rto_min / NS_PER_MS, n->tcp.conf.conns_max, k->active_opens,
		 k->passive_opens, c.established, k->in_segs, k->out_segs, k->retrans_segs,
		 d[DROP_TCP_SHORT] + d[DROP_TCP_CSUM] + d[DROP_TCP_OPT], k->resets_sent,
		 d[DROP_TCP_CSUM]);
}

void proc_netlink(const struct node *n, struct text *t)
{
	text_say(t, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
		    "Drops    Inode\n");
	LIST_FOR_EACH(it, &n->nl.socks) {
		const struct nl_sock *s = LIST_ENTRY(it, struct nl_sock, on);

		text_say(t, POINTER " %-3d %-10u %08x %-8d %-8d %-5d %-8d %-8d %-8d\n",
			 s->proto->protocol, s->port, (uint32_t)s->groups, (int)s->queued, 0,
			 s->dump != NULL, 2, s->lost, 0);
	}
}

void proc_packet(const struct node *n, struct text *t)
{
	text_say(t, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
	LIST_FOR_EACH(it, &n->packets.all) {
		const struct packet_sock *s = LIST_ENTRY(it, struct packet_sock, on);

		text_say(t, POINTER " %-6d %-4d %04x   %-5u %d %-6u %-6u %-6d\n", 3, s->type,
			 s->protocol, s->ifindex, s->protocol != 0, s->queued, 0, 0);
	}
}
