/* SPDX-License-Identifier: BSD-3-Clause */
/* What a program reads by TCP_INFO: tcp.h's words in Linux's. */
#define tcp_info kernel_tcp_info /* ours has that name, too */
#include <linux/tcp.h>
#undef tcp_info

#include "transport/part.h"
#include "transport/tcp.h"

/* Of the kernel's net/tcp_states.h, which is not for programs, but read by them. */
static const uint8_t states[TCP_NUM_STATES] = {
	[TCP_CLOSED] = 7,     [TCP_SYN_SENT] = 2,   [TCP_SYN_RECEIVED] = 3, [TCP_ESTABLISHED] = 1,
	[TCP_FIN_WAIT_1] = 4, [TCP_FIN_WAIT_2] = 5, [TCP_CLOSE_WAIT] = 8,   [TCP_CLOSING] = 11,
	[TCP_LAST_ACK] = 9,   [TCP_TIME_WAIT] = 6,
};

#define STATE_LISTEN 10

static uint32_t us(time_ns t)
{
	return (uint32_t)MIN(t / 1000, (time_ns)UINT32_MAX);
}

static uint8_t options(const struct tcp_info *i)
{
	int ret = 0;

	if (i->timestamps)
		ret |= TCPI_OPT_TIMESTAMPS;
	if (i->sack)
		ret |= TCPI_OPT_SACK;
	if (i->snd_wscale != 0 || i->rcv_wscale != 0)
		ret |= TCPI_OPT_WSCALE;
	if (i->ecn)
		ret |= TCPI_OPT_ECN;
	return (uint8_t)ret;
}

/* Linux counts in segments what we count in octets. */
static uint32_t segments(const struct tcp_info *i, uint32_t octets)
{
	return i->snd_mss != 0 ? (octets + i->snd_mss - 1) / i->snd_mss : 0;
}

size_t tcp_info_put(const struct tcp_info *i, bool listens, void *buf, size_t room)
{
	struct kernel_tcp_info k = {
		.tcpi_state = listens ? STATE_LISTEN : states[i->state],
		.tcpi_ca_state = i->in_recovery ? TCP_CA_Recovery : TCP_CA_Open,
		.tcpi_options = options(i),
		.tcpi_snd_wscale = i->snd_wscale & 0xfu,
		.tcpi_rcv_wscale = i->rcv_wscale & 0xfu,
		.tcpi_rto = us(i->rto),
		.tcpi_snd_mss = i->snd_mss,
		.tcpi_rcv_mss = i->snd_mss,
		.tcpi_unacked = segments(i, i->in_flight),
		.tcpi_pmtu = i->mtu,
		.tcpi_rtt = us(i->srtt),
		.tcpi_rttvar = us(i->rttvar),
		.tcpi_snd_ssthresh = segments(i, i->ssthresh),
		.tcpi_snd_cwnd = segments(i, i->cwnd),
		.tcpi_advmss = i->snd_mss,
		.tcpi_reordering = 3, /* what ss(8) takes for nothing to be told of */
		.tcpi_rcv_space = i->rcv_wnd,
		.tcpi_total_retrans = (uint32_t)i->retransmits,
		.tcpi_bytes_acked = i->octets_acked,
		.tcpi_bytes_received = i->octets_received,
		.tcpi_segs_out = (uint32_t)i->segs_out,
		.tcpi_segs_in = (uint32_t)i->segs_in,
		.tcpi_notsent_bytes = i->unsent,
		.tcpi_min_rtt = us(i->min_rtt),
		.tcpi_bytes_sent = i->octets_sent,
	};
	size_t n = MIN(room, sizeof(k));

	memcpy(buf, &k, n);
	return n;
}
