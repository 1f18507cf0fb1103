/* SPDX-License-Identifier: BSD-3-Clause */
/* Of a node's state what its sockets and connections are. */
#include "node/status_part.h"
#include "transport/sock_view.h"

struct sock_writer {
	struct jsonw *j;
	unsigned left;
	uint64_t all;
};

static void write_end(struct jsonw *j, const char *addr, const char *port, const struct tcp_end *e)
{
	jsonw_key(j, addr);
	jsonw_addr(j, &e->addr);
	member_u64(j, port, e->port);
}

static void write_tcp(struct jsonw *j, const struct tcp *tc)
{
	struct tcp_info i;

	tcp_info(tc, &i);
	member_text(j, "congestion_control", i.cc);
	member_u64(j, "cwnd", i.cwnd);
	jsonw_key(j, "ssthresh");
	if (i.ssthresh >= INT32_MAX)
		jsonw_null(j);
	else
		jsonw_u64(j, i.ssthresh);
	member_u64(j, "in_flight", i.in_flight);
	member_u64(j, "mss", i.snd_mss);
	member_u64(j, "rtt_ns", i.srtt);
	member_u64(j, "rtt_var_ns", i.rttvar);
	member_u64(j, "min_rtt_ns", i.min_rtt);
	member_u64(j, "rto_ns", i.rto);
	member_u64(j, "retransmits", i.retransmits);
	member_u64(j, "octets_sent", i.octets_sent);
	member_u64(j, "octets_acked", i.octets_acked);
	member_u64(j, "octets_received", i.octets_received);
}

static bool write_sock(void *ctx, const struct sock_view *v)
{
	struct sock_writer *w = ctx;
	struct jsonw *j = w->j;

	w->all++;
	if (w->left == 0)
		return true;
	w->left--;
	jsonw_object(j);
	member_u64(j, "protocol", v->protocol);
	member_text(j, "type",
		    v->type == SOCK_STREAM ? "stream"
		    : v->type == SOCK_RAW  ? "raw"
					   : "datagram");
	member_text(j, "state", view_state_name((enum view_state)v->state));
	write_end(j, "local", "local_port", &v->local);
	write_end(j, "peer", "peer_port", &v->remote);
	member_u64(j, "ifindex", v->local.ifindex);
	member_u64(j, "receive_queue", v->rqueue);
	member_u64(j, "send_queue", v->wqueue);
	member_u64(j, "pid", v->pid);
	member_u64(j, "inode", v->inode);
	if (v->tc != NULL && v->state != VIEW_TIME_WAIT)
		write_tcp(j, v->tc);
	jsonw_object_end(j);
	return true;
}

static void write_counters(const struct node *n, struct jsonw *j)
{
	const struct tcp_counters *c = &n->tcp.count;

	jsonw_key(j, "tcp");
	jsonw_object(j);
	member_u64(j, "in_segments", c->in_segs);
	member_u64(j, "out_segments", c->out_segs);
	member_u64(j, "retransmitted", c->retrans_segs);
	member_u64(j, "active_opens", c->active_opens);
	member_u64(j, "passive_opens", c->passive_opens);
	member_u64(j, "resets_sent", c->resets_sent);
	member_u64(j, "connections", n->tcp.n_conns);
	member_u64(j, "time_wait", n->tcp.n_time_wait);
	jsonw_object_end(j);
}

void status_sockets(const struct node *n, struct jsonw *j)
{
	struct sock_writer w = { j, STATUS_LIST_MAX, 0 };

	write_counters(n, j);
	jsonw_key(j, "sockets");
	jsonw_array(j);
	sock_views(&n->socks, 0, write_sock, &w);
	jsonw_array_end(j);
	member_u64(j, "socket_count", w.all);
}
