/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of TCP share; nobody else includes this.
 *
 *	tcp.c		connections: table, life, the one list of moves between states
 *	tcp_api.c	what owners call
 *	tcp_listen.c	listeners, half-open connections; tcp_syncookie.c when there are too many
 *	tcp_in.c	a segment arrives: RFC 9293 section 3.10.7 in its order
 *	tcp_ack.c	what an acknowledgment means to the sender; tcp_rack.c: what was lost
 *	tcp_out.c	what may be sent now, and building it; tcp_timer.c when time passes
 *	tcp_buf.c	octets to send and to read; tcp_sack.c: what arrived out of order
 *	tcp_cc.c, tcp_cubic.c	how much at a time; tcp_pmtu.c: how large a packet
 */
#ifndef INABA_TRANSPORT_TCP_PART_H
#define INABA_TRANSPORT_TCP_PART_H

#include "transport/tcp.h"
#include "transport/tcp_seg.h"

#define TCP_MSS_DEFAULT 1220 /* RFC 9293 section 3.7.1, MUST-15: 1280 less both headers */
#define TCP_MSS_MIN	64   /* less would be a way to make us send many packets */
#define TCP_HDRS_OCTETS (IP6_HDR_OCTETS + TCP_HDR_OCTETS)
#define TCP_DUP_THRESH	3	 /* RFC 5681 section 3.2 */
#define TCP_TAKEN	DROP_NUM /* no reason to drop it, but nothing more to do with it */

/* When something is due on a connection; one struct timer serves them all. */
enum tcp_due {
	TCP_DUE_RTO,	 /* RFC 6298; also a SYN's */
	TCP_DUE_PERSIST, /* RFC 9293 section 3.8.6.1: a window that does not open */
	TCP_DUE_TLP,	 /* RFC 8985 section 7 */
	TCP_DUE_REO,	 /* RFC 8985 section 6.2: the reordering window has passed */
	TCP_DUE_DELACK,	 /* RFC 9293 section 3.8.6.3 */
	TCP_DUE_KEEP,	 /* section 3.8.4 */
	TCP_DUE_WAIT,	 /* TIME-WAIT, or FIN-WAIT-2 without an owner, is over */
	TCP_DUE_IDLE,	 /* empty buffers are given back */
	TCP_DUE_NUM
};

/* A ring of octets: that of sequence number n stands at n modulo size. */
struct tcp_ring {
	uint8_t *p;
	uint32_t size; /* a power of two; 0: none */
};

/* One segment that was sent and is not acknowledged, in the order of sequence numbers. */
struct tcp_sent {
	uint32_t seq, end; /* a FIN counts */
	time_ns at;	   /* sent last */
	uint8_t flags;	   /* SENT_* */
};

#define SENT_SACKED  0x01
#define SENT_LOST    0x02 /* not in flight: to be sent again */
#define SENT_RETRANS 0x04 /* was sent more than once */
#define SENT_PROBE   0x08 /* larger than the others, to find out whether that goes */

struct tcp_sents {
	struct tcp_sent *p;
	uint32_t size;	     /* a power of two; 0: none */
	uint32_t head, tail; /* count up; modulo size */
};

#define TCP_SENTS_MAX 16384

/* What arrived out of order: ranges by sequence number, which neither overlap nor touch. */
#define TCP_OOO_MAX 64

struct tcp_ooo {
	uint32_t n, clock;
	struct tcp_range range[TCP_OOO_MAX];
	uint32_t fresh[TCP_OOO_MAX]; /* clock when it was last added to: RFC 2018 section 4 */
};

/* What the sender believes of the path. */
enum tcp_recovery {
	TCP_OPEN,     /* all is well */
	TCP_REDUCED,  /* ECN told of congestion: no second time before recover */
	TCP_RECOVERY, /* fast recovery until recover is acknowledged */
	TCP_LOSS,     /* after a time-out, likewise */
};

struct tcp_cubic_state {
	time_ns epoch; /* congestion avoidance began; 0: not yet */
	uint32_t w_max, cwnd_prior, w_est, cwnd_epoch, k_ms;
	uint32_t est_rest; /* octets times mss that w_est has not been given yet */
};

/* RFC 5681 section 3 and RFC 9438, each as far as it has an opinion. */
struct tcp_cc {
	const char *name;
	/* @acked octets were acknowledged in congestion avoidance: grow cwnd */
	void (*avoid)(struct tcp *tc, uint32_t acked);
	/* congestion: what ssthresh becomes, in octets */
	uint32_t (*ssthresh)(struct tcp *tc);
	/* a time-out, or idle for long: forget */
	void (*reset)(struct tcp *tc);
};

struct tcp {
	struct hnode node; /* in tcp_stack.conns unless TCP_CLOSED */
	struct tcp_stack *stack;
	struct list work, ready;       /* in tcp_stack.work, .ready */
	struct list on;		       /* in its listener's half or full queue, or in .time_wait */
	struct tcp_listener *listener; /* until accepted; or NULL */
	void (*notify)(void *ctx, struct tcp *tc);
	void *notify_ctx;
	struct ip6_addr local, remote;
	uint16_t lport, rport;
	uint32_t ifindex; /* zone; 0: none is needed */
	uint32_t flow;	  /* flow label, RFC 6437 */
	uint8_t state;	  /* enum tcp_state; by tcp_enter() */
	uint8_t recovery; /* enum tcp_recovery */
	bool owned  :1;	  /* somebody will call tcp_close() */
	bool hashed :1;
	bool sack_ok:1, ts_ok:1, ws_ok:1, ecn_ok:1; /* agreed */
	bool fin_queued:1, fin_sent:1, fin_taken:1;
	bool ack_now:1, ack_soon:1; /* an acknowledgment is due; or may wait */
	bool ecn_echo:1, ecn_cwr:1; /* ECE until CWR comes; CWR with the next new data */
	bool cwnd_limited:1;	    /* and nothing else held the last burst back */
	bool rtx_one	 :1;	    /* one lost segment goes whatever the window says */
	bool syn_again	 :1;	    /* the SYN was sent more than once */
	bool rto_again	 :1;	    /* the timer has sent the oldest segment again */
	bool probe_now	 :1;	    /* send though the window or SWS say no */
	bool urgent_told:1, urgent_in:1, urgent_out:1;
	bool rack_reo:1, rack_dsack:1; /* RACK.reordering_seen; RACK.dsack_round is set */
	bool tlp_out:1, tlp_retrans:1, tlp_sampled:1;
	uint8_t rack_mult, rack_persist; /* RFC 8985 section 5.3 */
	int error;			 /* negative errno, not yet told */
	int soft; /* what errors say of the path since something arrived; 0: nothing */
	uint8_t backoff, keep_probes, mtu_fails;
	uint8_t challenge_n;

	struct timer timer; /* TIMER_TCP, for the earliest of: */
	time_ns due[TCP_DUE_NUM];

	/* RFC 9293 section 3.3.1 */
	uint32_t iss, snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, snd_up;
	uint32_t irs, rcv_nxt, rcv_up;
	uint32_t max_snd_wnd;
	uint32_t snd_end;  /* behind the last octet of data that the owner gave */
	uint32_t rcv_read; /* next octet that the owner reads */
	uint32_t rcv_adv;  /* right edge of the window we told */
	struct tcp_ring snd, rcv;
	struct tcp_sents sent;
	struct tcp_ooo *ooo;	/* NULL: nothing arrived out of order */
	struct tcp_range dsack; /* RFC 2883: to be told once; empty: none */
	uint8_t snd_wscale, rcv_wscale;
	uint8_t unacked_segs; /* full segments that were not acknowledged */
	uint8_t dupacks;
	uint16_t peer_mss; /* its option, or the default */
	uint16_t snd_mss;  /* octets of text that fit, with our options */
	uint16_t rcv_mss;  /* the most that came in one segment */
	uint16_t mtu;	   /* of the path, as far as known */

	uint32_t ts_offset, ts_recent;
	uint32_t last_ack; /* acknowledged last: RFC 7323's Last.ACK.sent */
	uint32_t ca_acked; /* RFC 5681 section 3.1: since cwnd grew last */
	time_ns ts_recent_at;
	time_ns rx_at; /* last segment */

	time_ns srtt, rttvar, rto, min_rtt; /* 0: not measured yet */
	time_ns syn_at, tx_at;		    /* the SYN was sent first; data was sent last */
	time_ns stuck_at; /* the oldest data went unacknowledged since; 0: it is not */
	time_ns challenge_at;
	time_ns mtu_at, mtu_search_at;	/* looked up last; not to be searched for before */
	uint16_t mtu_found, mtu_failed; /* after a black hole; 0: all goes, none is known */
	uint16_t mtu_probe;		/* under way; 0: none */
	uint8_t mtu_tries;		/* of that size, that were lost */

	/* congestion: octets */
	uint32_t cwnd, ssthresh, in_flight;
	uint32_t sacked; /* segments that are SACKed */
	uint32_t lost;	 /* segments that are to be sent again */
	uint32_t recover;
	struct tcp_cubic_state cubic;

	/* RFC 8985 section 5.3 */
	time_ns rack_at, rack_rtt;
	uint32_t rack_end, rack_fack, rack_dsack_round, tlp_end;

	uint64_t octets_sent, octets_acked, octets_received, segs_out, segs_in, retransmits;
	struct tcp_opts opts;
};

/* With the socket's part and what malloc() adds, an idle one takes less than 1 KiB. */
_Static_assert(sizeof(struct tcp) <= 712, "its fields leave no holes");

struct tcp_listener {
	struct hnode node; /* in tcp_stack.listeners, by port */
	struct list ready; /* in tcp_stack.accepts */
	struct tcp_stack *stack;
	struct tcp_end at;
	struct tcp_opts opts;
	struct list half, full; /* SYN-RECEIVED; to be accepted */
	uint32_t n_half, n_full, backlog;
	bool v6only;	       /* takes no peers of IPv4 */
	time_ns cookies_until; /* an acknowledgment may bring back a cookie */
	void (*notify)(void *ctx, struct tcp_listener *l);
	void *notify_ctx;
};

/* tcp.c */
struct tcp *tcp_new(struct tcp_stack *s, const struct tcp_end *local, const struct tcp_end *remote,
		    const struct tcp_opts *opts);
struct tcp *tcp_find(const struct tcp_stack *s, const struct ip6_addr *local, uint16_t lport,
		     const struct ip6_addr *remote, uint16_t rport, uint32_t ifindex);
void tcp_opts_take(struct tcp *tc, const struct tcp_opts *opts);
void tcp_enter(struct tcp *tc, enum tcp_state to);
void tcp_end_with(struct tcp *tc, int error);
void tcp_free(struct tcp *tc);
uint32_t tcp_isn(const struct tcp_stack *s, const struct tcp_end *local,
		 const struct tcp_end *remote);
uint64_t tcp_tuple_hash(const struct hash_key *key, const struct tcp_end *local,
			const struct tcp_end *remote, uint64_t more);
void tcp_time_wait_trim(struct tcp_stack *s);
struct tcp_end tcp_local_end(const struct tcp *tc);
struct tcp_end tcp_remote_end(const struct tcp *tc);

/* To be done by the next tcp_run(). */
static inline void tcp_work(struct tcp *tc)
{
	if (!list_is_on(&tc->work))
		list_add_tail(&tc->stack->work, &tc->work);
}

static inline void tcp_tell(struct tcp *tc)
{
	if (tc->notify != NULL && !list_is_on(&tc->ready))
		list_add_tail(&tc->stack->ready, &tc->ready);
}

static inline void tcp_ack_now(struct tcp *tc)
{
	tc->ack_now = true;
	tcp_work(tc);
}

/* States in which the peer may send. */
static inline bool tcp_can_receive(const struct tcp *tc)
{
	return tc->state == TCP_ESTABLISHED || tc->state == TCP_FIN_WAIT_1 ||
	       tc->state == TCP_FIN_WAIT_2;
}

static inline bool tcp_is_synchronized(const struct tcp *tc)
{
	return tc->state >= TCP_ESTABLISHED;
}

/* Sequence number behind all that we will ever send, as far as it is known. */
static inline uint32_t tcp_snd_last(const struct tcp *tc)
{
	return tc->snd_end + tc->fin_queued;
}

static inline bool tcp_fin_acked(const struct tcp *tc)
{
	return tc->fin_sent && tc->snd_una == tc->snd_end + 1;
}

/* The window that we told, from rcv_nxt. */
static inline uint32_t tcp_rcv_wnd(const struct tcp *tc)
{
	return tc->rcv_adv - tc->rcv_nxt;
}

/* tcp_listen.c, tcp_syncookie.c */
struct tcp_listener *tcp_find_listener(const struct tcp_stack *s, const struct ip6_addr *addr,
				       uint16_t port, uint32_t ifindex);
enum drop tcp_listen_input(struct tcp_listener *l, const struct tcp_seg *seg, struct tcp **ret);
bool tcp_listen_established(struct tcp *tc);
void tcp_listen_forget(struct tcp *tc);
void tcp_take_syn(struct tcp *tc, const struct tcp_seg *seg);
bool tcp_port_is_taken(const struct tcp_stack *s, const struct tcp_end *at);
void tcp_cookie_send(struct tcp_listener *l, const struct tcp_seg *syn);
bool tcp_cookie_check(const struct tcp_listener *l, const struct tcp_seg *ack, struct tcp_seg *syn);

/* tcp_in.c */
void tcp_challenge(struct tcp *tc);
uint32_t tcp_clock_ms(const struct tcp_stack *s);

/* tcp_ack.c */
enum drop tcp_ack(struct tcp *tc, const struct tcp_seg *seg);
void tcp_rtt_sample(struct tcp *tc, time_ns rtt);
void tcp_enter_recovery(struct tcp *tc);

/* tcp_rack.c */
struct tcp_acked {
	uint32_t octets;     /* newly acknowledged, cumulatively or not */
	uint32_t cumulative; /* of them by SEG.ACK */
	time_ns rtt;	     /* of a segment sent once; 0: none */
	time_ns again_at;    /* of those sent more than once, the last was sent then; 0: none */
	bool dsack, sacked;  /* the segment told of duplicates; SACKed something new */
};
void tcp_rack_sacks(struct tcp *tc, const struct tcp_seg *seg, struct tcp_acked *ret);
void tcp_rack_cumulative(struct tcp *tc, const struct tcp_seg *seg, struct tcp_acked *ret);
void tcp_rack_detect(struct tcp *tc);
void tcp_rack_window(struct tcp *tc, bool dsack);
void tcp_rack_rto(struct tcp *tc);
void tcp_rack_lose(struct tcp *tc, struct tcp_sent *p);
bool tcp_sent_add(struct tcp *tc, uint32_t seq, uint32_t end);
void tcp_sent_again(struct tcp *tc, struct tcp_sent *p);
bool tcp_sent_split(struct tcp *tc, uint32_t at_most);
void tcp_sent_done(struct tcp *tc);

static inline struct tcp_sent *tcp_sent_at(const struct tcp *tc, uint32_t i)
{
	return &tc->sent.p[i & (tc->sent.size - 1)];
}

static inline bool tcp_sent_any(const struct tcp *tc)
{
	return tc->sent.head != tc->sent.tail;
}

/* tcp_out.c */
void tcp_output(struct tcp *tc);
void tcp_send_syn(struct tcp *tc);
void tcp_send_ack(struct tcp *tc);
void tcp_send_reset(struct tcp *tc);
void tcp_send_keepalive(struct tcp *tc);
bool tcp_retransmit(struct tcp *tc, struct tcp_sent *p);
bool tcp_send_new(struct tcp *tc, uint32_t at_most);
void tcp_refuse(struct tcp_stack *s, const struct tcp_seg *seg);
void tcp_send_raw(struct tcp_stack *s, struct tcp_seg *seg, const struct tcp_opts *opts,
		  uint32_t flow);
uint32_t tcp_window_edge(const struct tcp *tc);
uint8_t tcp_wscale_for(uint32_t rcvbuf);

/* tcp_timer.c */
void tcp_due_set(struct tcp *tc, enum tcp_due which, time_ns when);
void tcp_due_clear(struct tcp *tc);
void tcp_rto_restart(struct tcp *tc);
void tcp_tlp_arm(struct tcp *tc);
void tcp_keep_restart(struct tcp *tc);
time_ns tcp_rto_now(const struct tcp *tc);

static inline void tcp_due_off(struct tcp *tc, enum tcp_due which)
{
	tc->due[which] = TIME_NEVER; /* the timer finds out when it goes off */
}

/* tcp_buf.c */
bool tcp_ring_reserve(struct tcp *tc, struct tcp_ring *r, uint32_t from, uint32_t used,
		      uint32_t want);
void tcp_ring_free(struct tcp *tc, struct tcp_ring *r);
void tcp_ring_in(struct tcp_ring *r, uint32_t at, const uint8_t *p, uint32_t n);
void tcp_ring_out(const struct tcp_ring *r, uint32_t at, uint8_t *p, uint32_t n);

/* tcp_sack.c */
bool tcp_ooo_add(struct tcp *tc, uint32_t from, uint32_t to);
void tcp_ooo_pull(struct tcp *tc);
unsigned tcp_ooo_blocks(const struct tcp *tc, struct tcp_range *to, unsigned max);
void tcp_ooo_done(struct tcp *tc);

/* tcp_cc.c */
void tcp_cc_init(struct tcp *tc);
void tcp_cc_acked(struct tcp *tc, uint32_t acked);
void tcp_cc_congestion(struct tcp *tc);
void tcp_cc_timeout(struct tcp *tc, bool first);
void tcp_cc_idle(struct tcp *tc);
uint32_t tcp_initial_window(uint32_t mss);

/* tcp_pmtu.c */
void tcp_mtu_update(struct tcp *tc);
void tcp_mtu_timeout(struct tcp *tc);
void tcp_mtu_set(struct tcp *tc, uint32_t mtu);
void tcp_mtu_search(struct tcp *tc);
void tcp_mtu_probe_arrived(struct tcp *tc);
bool tcp_mtu_probe_lost(struct tcp *tc);

#endif
