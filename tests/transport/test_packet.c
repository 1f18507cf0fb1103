/* SPDX-License-Identifier: BSD-3-Clause */
/* Packet sockets of a node with two links: what they see, what they send, and what programs ask of them. */
#include "bed.h"

#include <linux/filter.h>
#include <net/if_arp.h>
#include <time.h>

#include <linux/errqueue.h>

#define OURS	  "2001:db8::1"
#define PEER	  "2001:db8::100"
#define PEER_MAC  "02:00:00:00:01:00"
#define OTHER_MAC "02:00:00:00:02:00"
#define ALL	  0x0003
#define IP6	  0x86dd

static struct packet_sock *open_on(struct bed *b, int type, uint16_t protocol)
{
	struct packet_sock *s = NULL;

	assert_int_equal(packet_open(&b->node->packets, type, htobe16(protocol), &s), 0);
	return s;
}

static int bind_to(struct packet_sock *s, uint32_t ifindex, uint16_t protocol)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)ifindex,
				  .sll_protocol = htobe16(protocol) };

	return packet_bind(s, (const struct sockaddr *)&ll, sizeof(ll));
}

static void begin(struct bed *b)
{
	bed_init(b, 2);
	bed_addr(b, 0, OURS "/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	bed_quiet(b);
}

/* What a call of recvmsg() gave. */
struct got {
	ssize_t rc;
	int flags;
	uint8_t data[2000];
	struct sockaddr_ll from;
	socklen_t from_len;
	_Alignas(struct cmsghdr) uint8_t control[256];
	size_t control_octets;
};

static struct got recv_flags(struct packet_sock *s, size_t room, int flags)
{
	struct got g = { 0 };
	struct iovec iov = { g.data, room };
	struct msghdr m = { .msg_name = &g.from,
			    .msg_namelen = sizeof(g.from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = g.control,
			    .msg_controllen = sizeof(g.control) };

	g.rc = packet_recvmsg(s, &m, flags);
	g.flags = m.msg_flags;
	g.from_len = m.msg_namelen;
	g.control_octets = m.msg_controllen;
	return g;
}

static struct got recv_one(struct packet_sock *s)
{
	return recv_flags(s, 2000, 0);
}

static void assert_nothing(struct packet_sock *s)
{
	assert_int_equal(recv_one(s).rc, -EAGAIN);
}

/* A frame of 20 octets behind its header, from PEER_MAC; @to: NULL: to the node. */
static void rx(struct bed *b, unsigned link, const char *to, uint16_t type)
{
	struct pkt *pkt = pkt_new(&b->pool, 20);
	struct mac src = bed_mac_of(PEER_MAC), dst = to != NULL ? bed_mac_of(to) : b->mac[link];

	memset(pkt_put(pkt, 20), 0x5a, 20);
	link_header(pkt, &dst, &src, type);
	bed_rx_frame(b, link, pkt);
}

static void set(struct packet_sock *s, int level, int name, int v)
{
	assert_int_equal(packet_setsockopt(s, level, name, &v, sizeof(v)), 0);
}

static void attach(struct packet_sock *s, struct sock_filter *f, unsigned n)
{
	struct sock_fprog prog = { (unsigned short)n, f };

	assert_int_equal(packet_setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)),
			 0);
}

static const struct {
	const char *to;
	uint16_t type, listens;
	int type_seen; /* PACKET_*; -1: nothing is */
} received[] = {
	{ NULL, IP6, ALL, PACKET_HOST },
	{ NULL, IP6, IP6, PACKET_HOST },
	{ NULL, IP6, 0x0800, -1 },
	{ NULL, 0x88cc, 0x88cc, PACKET_HOST },
	{ NULL, IP6, 0, -1 },
	{ "ff:ff:ff:ff:ff:ff", 0x0806, ALL, PACKET_BROADCAST },
	{ "33:33:00:00:00:01", IP6, IP6, PACKET_MULTICAST },
	{ "01:80:c2:00:00:00", 0x0026, ALL, PACKET_MULTICAST },
	{ "01:80:c2:00:00:00", 0x0026, 0x0004, PACKET_MULTICAST }, /* a length: 802.2 */
	{ OTHER_MAC, IP6, ALL, -1 },
};

static void what_is_received(void **state)
{
	struct mac peer = bed_mac_of(PEER_MAC);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(received); i++) {
		struct packet_sock *raw, *dgram;
		struct got g;
		struct bed b;

		bed_row(i, ARRAY_LEN(received));
		begin(&b);
		raw = open_on(&b, SOCK_RAW, received[i].listens);
		dgram = open_on(&b, SOCK_DGRAM, received[i].listens);
		rx(&b, 1, received[i].to, received[i].type);
		g = recv_one(raw);
		if (received[i].type_seen < 0) {
			assert_int_equal(g.rc, -EAGAIN);
			assert_nothing(dgram);
			bed_done(&b);
			continue;
		}
		assert_int_equal(g.rc, 34);
		assert_int_equal(get_be16(g.data + ETH_TYPE_OFF), received[i].type);
		assert_int_equal(g.from_len, sizeof(g.from));
		assert_int_equal(g.from.sll_family, AF_PACKET);
		assert_int_equal(g.from.sll_ifindex, b.ifindex[1]);
		assert_int_equal(g.from.sll_pkttype, received[i].type_seen);
		assert_int_equal(g.from.sll_hatype, ARPHRD_ETHER);
		assert_int_equal(g.from.sll_halen, 6);
		assert_memory_equal(g.from.sll_addr, peer.b, 6);
		assert_int_equal(be16toh(g.from.sll_protocol),
				 received[i].type < 0x600 ? 4 : received[i].type);
		g = recv_one(dgram);
		assert_int_equal(g.rc, 20);
		assert_int_equal(g.data[0], 0x5a);
		assert_nothing(raw);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(received), ARRAY_LEN(received));
}

/* What the node sends is seen by those who see all; what it asks itself on loopback twice. */
static void what_is_sent(void **state)
{
	struct packet_sock *all, *ip6, *deaf, *other;
	struct got g;
	struct bed b;

	(void)state;
	begin(&b);
	all = open_on(&b, SOCK_RAW, ALL);
	ip6 = open_on(&b, SOCK_DGRAM, IP6);
	deaf = open_on(&b, SOCK_RAW, ALL);
	other = open_on(&b, SOCK_RAW, ALL);
	set(deaf, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	assert_int_equal(bind_to(other, b.ifindex[1], 0), 0);
	bed_rx(&b, 0, bed_echo(&b, PEER, OURS, 1, 8));
	assert_int_equal(recv_one(all).from.sll_pkttype, PACKET_HOST);
	g = recv_one(all);
	assert_int_equal(g.from.sll_pkttype, PACKET_OUTGOING);
	assert_int_equal(g.rc, ETH_HDR_OCTETS + IP6_HDR_OCTETS + 16);
	assert_int_equal(g.data[ETH_HDR_OCTETS + IP6_HDR_OCTETS], 129);
	assert_memory_equal(g.data + ETH_SRC_OFF, b.mac[0].b, 6);
	g = recv_one(ip6);
	assert_int_equal(g.data[IP6_HDR_OCTETS], 128);
	assert_nothing(ip6);
	assert_int_equal(recv_one(deaf).from.sll_pkttype, PACKET_HOST);
	assert_nothing(deaf);
	assert_nothing(other);
	assert_int_equal(packet_poll(all) & POLLIN, 0);

	bed_send(&b, bed_echo(&b, OURS, OURS, 2, 8), 0);
	for (unsigned i = 0; i < 4; i++) { /* the request and the reply, out and in */
		g = recv_one(all);
		assert_int_equal(g.from.sll_ifindex, 1);
		assert_int_equal(g.from.sll_hatype, ARPHRD_LOOPBACK);
		assert_int_equal(g.from.sll_pkttype, i % 2 == 0 ? PACKET_OUTGOING : PACKET_HOST);
		assert_int_equal(g.data[ETH_HDR_OCTETS + IP6_HDR_OCTETS], i < 2 ? 128 : 129);
		assert_int_equal(get_be16(g.data + ETH_TYPE_OFF), IP6);
	}
	assert_nothing(all);
	bed_done(&b);
}

static void others_frames(void **state)
{
	struct packet_sock *a, *c;
	struct packet_mreq m = { .mr_type = PACKET_MR_PROMISC };
	struct bed b;

	(void)state;
	begin(&b);
	a = open_on(&b, SOCK_RAW, ALL);
	c = open_on(&b, SOCK_RAW, IP6);
	m.mr_ifindex = (int)b.ifindex[0];
	assert_int_equal(packet_setsockopt(a, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)), 0);
	assert_int_equal(packet_setsockopt(a, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)), 0);
	rx(&b, 0, OTHER_MAC, IP6);
	rx(&b, 1, OTHER_MAC, IP6);
	assert_int_equal(recv_one(a).from.sll_pkttype, PACKET_OTHERHOST);
	assert_nothing(a);
	assert_int_equal(recv_one(c).from.sll_pkttype,
			 PACKET_OTHERHOST); /* the interface's doing */
	assert_int_equal(packet_setsockopt(a, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof(m)),
			 0);
	rx(&b, 0, OTHER_MAC, IP6);
	assert_int_equal(recv_one(a).rc, 34);
	assert_int_equal(packet_setsockopt(c, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof(m)),
			 -EADDRNOTAVAIL);
	packet_close(a); /* with what it still had */
	assert_int_equal(b.node->packets.promisc[b.ifindex[0]], 0);
	rx(&b, 0, OTHER_MAC, IP6);
	assert_int_equal(recv_one(c).rc, 34);
	assert_nothing(c);
	rx(&b, 0, NULL, IP6);
	assert_int_equal(recv_one(c).rc, 34);
	m.mr_ifindex = 77;
	assert_int_equal(packet_setsockopt(c, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)),
			 -ENODEV);
	m.mr_ifindex = 2;
	m.mr_type = PACKET_MR_MULTICAST;
	m.mr_alen = 5;
	assert_int_equal(packet_setsockopt(c, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)),
			 -EINVAL);
	m.mr_alen = 9;
	assert_int_equal(packet_setsockopt(c, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)),
			 -EINVAL);
	m.mr_alen = 6;
	for (unsigned i = 0; i < PACKET_MREQS_MAX; i++) {
		m.mr_address[0] = (unsigned char)i;
		assert_int_equal(
			packet_setsockopt(c, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)), 0);
	}
	m.mr_address[0] = 99;
	assert_int_equal(packet_setsockopt(c, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)),
			 -ENOBUFS);
	bed_done(&b);
}

static ssize_t send_frame(struct packet_sock *s, const struct sockaddr_ll *to, const void *p,
			  size_t n)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)p, n / 2 },
				{ (uint8_t *)(uintptr_t)p + n / 2, n - n / 2 } };
	struct sockaddr_ll name;
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (to != NULL) {
		name = *to;
		m.msg_name = &name;
		m.msg_namelen = sizeof(name);
	}
	return packet_sendmsg(s, &m, 0);
}

/* Octets of the frame that went out last, and it; 0: none did. */
static uint32_t sent(struct bed *b, uint32_t *ifindex, const uint8_t **frame)
{
	const struct pkt *pkt;

	node_settle(b->node, b->now);
	bed_run(b, b->now);
	pkt = bed_tx(b, ifindex, NULL);
	if (pkt == NULL)
		return 0;
	*frame = bed_tx_eth(pkt);
	return pkt->len + ETH_HDR_OCTETS;
}

static void sending(void **state)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 9, 9, 2, 0, 0, 0, 8, 8, 0x88, 0xcc, 1 };
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htobe16(0x88cc),
				  .sll_halen = 6,
				  .sll_addr = { 2, 0, 0, 0, 9, 9 } };
	struct packet_sock *raw, *dgram, *sees;
	const uint8_t *got = NULL;
	uint8_t large[1600] = { 0 };
	uint32_t ifindex = 0;
	struct bed b;

	(void)state;
	begin(&b);
	raw = open_on(&b, SOCK_RAW, ALL);
	dgram = open_on(&b, SOCK_DGRAM, 0);
	sees = open_on(&b, SOCK_RAW, ALL);
	assert_int_equal(send_frame(raw, NULL, frame, sizeof(frame)), -ENXIO);
	to.sll_ifindex = 99;
	assert_int_equal(send_frame(raw, &to, frame, sizeof(frame)), -ENXIO);
	to.sll_ifindex = 1;
	assert_int_equal(send_frame(raw, &to, frame, sizeof(frame)), -EOPNOTSUPP);
	to.sll_ifindex = (int)b.ifindex[1];
	assert_int_equal(send_frame(raw, &to, frame, sizeof(frame)), sizeof(frame));
	assert_int_equal(sent(&b, &ifindex, &got), sizeof(frame));
	assert_int_equal(ifindex, b.ifindex[1]);
	assert_memory_equal(got, frame, sizeof(frame));
	assert_nothing(raw); /* not by oneself */
	assert_int_equal(recv_one(sees).from.sll_pkttype, PACKET_OUTGOING);

	assert_int_equal(bind_to(raw, b.ifindex[0], 0), 0);
	assert_int_equal(send_frame(raw, NULL, frame, sizeof(frame)), sizeof(frame));
	assert_int_equal(sent(&b, &ifindex, &got), sizeof(frame));
	assert_int_equal(ifindex, b.ifindex[0]);
	assert_int_equal(send_frame(raw, NULL, frame, 13), -EINVAL);
	assert_int_equal(send_frame(raw, NULL, large, 1515), -EMSGSIZE);
	assert_int_equal(send_frame(raw, NULL, large, 1514), 1514);
	assert_int_equal(sent(&b, &ifindex, &got), 1514);

	assert_int_equal(send_frame(dgram, &to, "ping", 4), 4);
	assert_int_equal(sent(&b, &ifindex, &got), 18);
	assert_memory_equal(got, frame, 6);
	assert_memory_equal(got + ETH_SRC_OFF, b.mac[1].b, 6);
	assert_int_equal(get_be16(got + ETH_TYPE_OFF), 0x88cc);
	assert_memory_equal(got + 14, "ping", 4);
	assert_int_equal(send_frame(dgram, &to, large, 1501), -EMSGSIZE);
	to.sll_halen = 5;
	assert_int_equal(send_frame(dgram, &to, "ping", 4), -EINVAL);
	to.sll_halen = 9;
	assert_int_equal(send_frame(dgram, &to, "ping", 4), -EINVAL);
	(void)node_if_set(b.node, b.ifindex[0], false, b.now);
	assert_int_equal(send_frame(raw, NULL, frame, sizeof(frame)), -ENETDOWN);
	bed_done(&b);
}

/* Only frames of one type, and of them the first octets. */
static void filters(void **state)
{
	struct sock_filter f[] = { BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
				   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x88cc, 0, 1),
				   BPF_STMT(BPF_RET | BPF_K, 16), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter behind[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
					BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x5a, 0, 1),
					BPF_STMT(BPF_RET | BPF_K, 16),
					BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter bad[] = { BPF_STMT(BPF_RET | BPF_X, 0) };
	struct sock_fprog prog = { 1, bad };
	struct packet_sock *raw, *dgram;
	struct got g;
	struct bed b;
	int no = 0;

	(void)state;
	begin(&b);
	raw = open_on(&b, SOCK_RAW, ALL);
	dgram = open_on(&b, SOCK_DGRAM, ALL);
	attach(raw, f, 4);
	attach(dgram, behind, 4);
	rx(&b, 0, NULL, 0x88cc);
	rx(&b, 0, NULL, 0x88cd);
	set(raw, SOL_PACKET, PACKET_AUXDATA, 1);
	g = recv_one(raw);
	assert_int_equal(g.rc, 16);
	{
		const struct cmsghdr *h = (const struct cmsghdr *)g.control;
		struct tpacket_auxdata aux;

		assert_int_equal(g.control_octets, CMSG_SPACE(sizeof(aux)));
		assert_int_equal(h->cmsg_level, SOL_PACKET);
		assert_int_equal(h->cmsg_type, PACKET_AUXDATA);
		memcpy(&aux, CMSG_DATA(h), sizeof(aux));
		assert_int_equal(aux.tp_len, 34);
		assert_int_equal(aux.tp_snaplen, 16);
		assert_int_equal(aux.tp_net, 14);
		assert_int_equal(aux.tp_status, TP_STATUS_USER);
	}
	assert_nothing(raw);
	assert_int_equal(recv_one(dgram).rc, 16);
	assert_int_equal(recv_one(dgram).rc, 16);
	assert_int_equal(packet_setsockopt(raw, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)),
			 -EINVAL);
	assert_int_equal(packet_setsockopt(raw, SOL_SOCKET, SO_ATTACH_FILTER, &prog, 8), -EINVAL);
	set(raw, SOL_SOCKET, SO_DETACH_FILTER, 0);
	assert_int_equal(packet_setsockopt(raw, SOL_SOCKET, SO_DETACH_FILTER, &no, sizeof(no)),
			 -ENOENT);
	rx(&b, 0, NULL, 0x88cd);
	assert_int_equal(recv_one(raw).rc, 34);
	set(dgram, SOL_SOCKET, SO_LOCK_FILTER, 1);
	assert_int_equal(packet_setsockopt(dgram, SOL_SOCKET, SO_DETACH_FILTER, &no, sizeof(no)),
			 -EPERM);
	assert_int_equal(packet_setsockopt(dgram, SOL_SOCKET, SO_LOCK_FILTER, &no, sizeof(no)),
			 -EPERM);
	bed_done(&b);
}

/* Also of sockets of the transports: from the UDP header on. */
static void udp_filter(void **state)
{
	struct sock_filter f[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
				   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
				   BPF_STMT(BPF_RET | BPF_K, 10), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog prog = { 4, f };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct iovec iov = { (char *)(uintptr_t) "yes", 3 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct sock *s = NULL, *tcp = NULL;
	char got[10];
	struct bed b;

	(void)state;
	begin(&b);
	put_be16((uint8_t *)&to.sin6_port, 7);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_DGRAM, 0, &s), 0);
	assert_int_equal(sock_bind(s, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(sock_setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)), 0);
	assert_int_equal(sock_sendmsg(s, &m, 0), 3);
	iov.iov_base = (char *)(uintptr_t) "no!";
	bed_mark(&b);
	assert_int_equal(sock_sendmsg(s, &m, 0), 3);
	node_settle(b.node, b.now);
	bed_dropped_only(&b, DROP_SOCK_FILTER, 1);
	iov = (struct iovec){ got, sizeof(got) };
	m.msg_name = NULL;
	assert_int_equal(sock_recvmsg(s, &m, 0), 2);
	assert_memory_equal(got, "ye", 2);
	assert_int_equal(sock_recvmsg(s, &m, 0), -EAGAIN);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_STREAM, 0, &tcp), 0);
	assert_int_equal(sock_setsockopt(tcp, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)),
			 -ENOPROTOOPT);
	sock_close(s);
	sock_close(tcp);
	bed_done(&b);
}

static void on_ready(void *ctx)
{
	++*(unsigned *)ctx;
}

static void statistics(void **state)
{
	struct tpacket_stats st;
	socklen_t len = sizeof(st);
	struct packet_sock *s;
	unsigned told = 0;
	struct got g;
	struct bed b;

	(void)state;
	begin(&b);
	s = open_on(&b, SOCK_RAW, 0x88cc);
	packet_on_ready(s, on_ready, &told);
	set(s, SOL_SOCKET, SO_RCVBUF, 0);
	set(s, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	for (unsigned i = 0; i < 5; i++)
		rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(told, 2); /* of those that were queued */
	assert_int_equal(packet_poll(s) & POLLIN, POLLIN);
	assert_int_equal(packet_queued(s), 34);
	assert_int_equal(packet_getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &len), 0);
	assert_int_equal(st.tp_packets, 5);
	assert_int_equal(st.tp_drops, 3);
	assert_int_equal(packet_getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &len), 0);
	assert_int_equal(st.tp_packets + st.tp_drops, 0);
	g = recv_flags(s, 10, MSG_PEEK | MSG_TRUNC);
	assert_int_equal(g.rc, 34);
	assert_int_equal(g.flags, MSG_TRUNC);
	assert_int_equal(((const struct cmsghdr *)g.control)->cmsg_type, SO_TIMESTAMPNS);
	assert_int_equal(recv_flags(s, 10, 0).rc, 10);
	assert_int_equal(recv_flags(s, 10, MSG_OOB).rc, -EINVAL);
	assert_int_equal(recv_one(s).rc, 34);
	assert_nothing(s);
	bed_done(&b);
}

static void interfaces(void **state)
{
	struct sockaddr_ll ll;
	socklen_t len = sizeof(ll);
	struct packet_sock *s, *any;
	int v = 0;
	struct bed b;

	(void)state;
	begin(&b);
	s = open_on(&b, SOCK_RAW, 0);
	any = open_on(&b, SOCK_RAW, ALL);
	assert_int_equal(bind_to(s, 77, ALL), -ENODEV);
	assert_int_equal(packet_bind(s, (const struct sockaddr *)&ll, 19), -EINVAL);
	assert_int_equal(bind_to(s, b.ifindex[0], IP6), 0);
	assert_int_equal(packet_getsockname(s, (struct sockaddr *)&ll, &len), 0);
	assert_int_equal(len, 18);
	assert_int_equal(ll.sll_ifindex, b.ifindex[0]);
	assert_int_equal(be16toh(ll.sll_protocol), IP6);
	assert_memory_equal(ll.sll_addr, b.mac[0].b, 6);
	(void)node_if_set(b.node, b.ifindex[0], false, b.now);
	assert_int_equal(packet_poll(s) & POLLERR, POLLERR);
	assert_int_equal(recv_one(s).rc, -ENETDOWN); /* once */
	assert_nothing(s);
	(void)node_if_set(b.node, b.ifindex[0], true, b.now);
	rx(&b, 0, NULL, IP6);
	assert_int_equal(recv_one(s).rc, 34);
	node_if_del(b.node, b.ifindex[0]);
	len = sizeof(v);
	assert_int_equal(packet_getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &len), 0);
	assert_int_equal(v, ENETDOWN);
	while (recv_one(any).rc > 0) { /* what was seen there can still be read */
	}
	assert_int_equal(packet_poll(any) & POLLERR, 0);
	bed_done(&b);
}

static void limits(void **state)
{
	struct packet_sock *s = NULL, *all[PACKET_SOCKS_MAX];
	struct tracer tracer;
	struct bed b;

	(void)state;
	begin(&b);
	tracer = b.node->env.tracer;
	assert_int_equal(packet_open(&b.node->packets, SOCK_STREAM, 0, &s), -ESOCKTNOSUPPORT);
	assert_int_equal(packet_open(&b.node->packets, SOCK_PACKET, 0, &s), -ESOCKTNOSUPPORT);
	for (unsigned i = 0; i < PACKET_SOCKS_MAX; i++)
		all[i] = open_on(&b, SOCK_RAW, ALL);
	assert_int_equal(packet_open(&b.node->packets, SOCK_RAW, 0, &s), -ENFILE);
	for (unsigned i = 0; i < PACKET_SOCKS_MAX; i++)
		packet_close(all[i]);
	assert_ptr_equal(b.node->env.tracer.fn, tracer.fn); /* nothing is left to be paid for */
	assert_ptr_equal(b.node->env.tracer.ctx, tracer.ctx);
	packet_close(NULL);
	bed_done(&b);
}

static void see(void *ctx, const struct trace *t)
{
	*(unsigned *)ctx += t->kind == TRACE_RX;
}

/* Whoever traces the node is told of everything, whenever he came. */
static void with_a_tracer(void **state)
{
	unsigned seen = 0;
	struct packet_sock *s;
	struct bed b;

	(void)state;
	begin(&b);
	node_trace(b.node, (struct tracer){ see, &seen });
	s = open_on(&b, SOCK_RAW, ALL);
	rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(seen, 1);
	node_trace(b.node, (struct tracer){ 0 });
	rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(seen, 1);
	node_trace(b.node, (struct tracer){ see, &seen });
	assert_int_equal(recv_one(s).rc, 34);
	assert_int_equal(recv_one(s).rc, 34);
	packet_close(s);
	rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(seen, 2);
	bed_done(&b);
}

/* Four slots in two blocks; the fifth frame finds none free. */
static void ring(void **state)
{
	static uint8_t mem[2 * 8192] __attribute__((aligned(16)));
	struct tpacket_req req = { 8192, 2, 4096, 4 }, none = { 0 };
	struct sockaddr_ll ll;
	struct packet_sock *s;
	struct tpacket2_hdr h;
	size_t octets = 0;
	struct bed b;

	(void)state;
	begin(&b);
	memset(mem, 0, sizeof(mem));
	s = open_on(&b, SOCK_RAW, 0x88cc);
	assert_int_equal(packet_ring_octets(s, &req, &octets), -EINVAL); /* of version 1 */
	set(s, SOL_PACKET, PACKET_VERSION, TPACKET_V2);
	assert_int_equal(packet_ring_octets(s, &req, &octets), 0);
	assert_int_equal(octets, sizeof(mem));
	packet_ring_set(s, &req, mem);
	assert_int_equal(packet_poll(s) & POLLIN, 0);
	for (unsigned i = 0; i < 5; i++)
		rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(packet_poll(s) & POLLIN, POLLIN);
	assert_nothing(s);
	for (unsigned i = 0; i < 4; i++) {
		uint32_t free_again = TP_STATUS_KERNEL;
		uint8_t *at = mem + i * 4096u;

		memcpy(&h, at, sizeof(h));
		assert_int_equal(h.tp_status, TP_STATUS_USER);
		assert_int_equal(h.tp_len, 34);
		assert_int_equal(h.tp_snaplen, 34);
		assert_int_equal(h.tp_net, 80);
		assert_int_equal(h.tp_mac, 66);
		assert_int_equal(get_be16(at + 66 + ETH_TYPE_OFF), 0x88cc);
		memcpy(&ll, at + 32, sizeof(ll));
		assert_int_equal(ll.sll_pkttype, PACKET_HOST);
		assert_int_equal(ll.sll_ifindex, b.ifindex[0]);
		memcpy(at, &free_again, sizeof(free_again));
	}
	assert_int_equal(packet_poll(s) & POLLIN, 0);
	rx(&b, 0, NULL, 0x88cc); /* and it is told that one was lost */
	assert_int_equal(packet_poll(s) & POLLIN, POLLIN);
	memcpy(&h, mem, sizeof(h));
	assert_int_equal(h.tp_status, TP_STATUS_USER | TP_STATUS_LOSING);
	rx(&b, 0, NULL, 0x88cc);
	memcpy(&h, mem + 4096, sizeof(h));
	assert_int_equal(h.tp_status, TP_STATUS_USER);
	assert_int_equal(packet_ring_octets(s, &none, &octets), 0);
	assert_int_equal(octets, 0);
	packet_ring_set(s, &none, NULL);
	rx(&b, 0, NULL, 0x88cc);
	assert_int_equal(recv_one(s).rc, 34);
	bed_done(&b);
}

/* Of SOCK_DGRAM there is no Ethernet header in the slot; what does not fit there is cut. */
static void ring_of_dgrams(void **state)
{
	static uint8_t mem[4096] __attribute__((aligned(16)));
	struct tpacket_req req = { 4096, 1, 96, 42 };
	struct packet_sock *s;
	struct tpacket2_hdr h;
	size_t octets = 0;
	struct bed b;

	(void)state;
	begin(&b);
	s = open_on(&b, SOCK_DGRAM, 0x88cc);
	set(s, SOL_PACKET, PACKET_VERSION, TPACKET_V2);
	assert_int_equal(packet_ring_octets(s, &req, &octets), 0);
	packet_ring_set(s, &req, mem);
	rx(&b, 0, NULL, 0x88cc);
	memcpy(&h, mem, sizeof(h));
	assert_int_equal(h.tp_mac, 80);
	assert_int_equal(h.tp_net, 80);
	assert_int_equal(h.tp_len, 20);
	assert_int_equal(h.tp_snaplen, 16);
	assert_int_equal(mem[80], 0x5a);
	assert_int_equal(mem[96], 0); /* the next slot */
	bed_done(&b);
}

static void rings_that_are_none(void **state)
{
	static const struct tpacket_req bad[] = {
		{ 0, 0, 2048, 1 },    { 4096, 0, 2048, 2 }, { 4095, 1, 2048, 1 },
		{ 4096, 1, 2040, 2 }, { 4096, 1, 80, 51 },  { 4096, 1, 8192, 1 },
		{ 4096, 2, 2048, 3 }, { 4096, 1, 0, 4 },
	};
	struct tpacket_req large = { 1u << 30, 4, 1u << 30, 4 };
	struct packet_sock *s;
	size_t octets = 0;
	struct bed b;

	(void)state;
	begin(&b);
	s = open_on(&b, SOCK_RAW, 0x88cc);
	set(s, SOL_PACKET, PACKET_VERSION, TPACKET_V2);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (packet_ring_octets(s, &bad[i], &octets) != -EINVAL)
			fail_msg("ring %zu was taken", i);
	assert_int_equal(packet_ring_octets(s, &large, &octets), -ENOMEM);
	bed_done(&b);
}

/* What libpcap asks before it decides how to capture. */
static void versions(void **state)
{
	struct packet_sock *s;
	struct bed b;
	socklen_t len = sizeof(int);
	int v = TPACKET_V3;

	(void)state;
	begin(&b);
	s = open_on(&b, SOCK_RAW, ALL);
	assert_int_equal(packet_getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &len), -EINVAL);
	v = TPACKET_V2;
	assert_int_equal(packet_getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &len), 0);
	assert_int_equal(v, sizeof(struct tpacket2_hdr));
	v = TPACKET_V3;
	assert_int_equal(packet_setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, len), -EINVAL);
	set(s, SOL_PACKET, PACKET_VERSION, TPACKET_V2);
	set(s, SOL_PACKET, PACKET_RESERVE, 4);
	assert_int_equal(packet_getsockopt(s, SOL_PACKET, PACKET_RESERVE, &v, &len), 0);
	assert_int_equal(v, 4);
	assert_int_equal(packet_setsockopt(s, SOL_PACKET, PACKET_FANOUT, &v, len), -ENOPROTOOPT);
	assert_int_equal(packet_getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &len), 0);
	assert_int_equal(v, SOCK_RAW);
	assert_int_equal(packet_getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &len), 0);
	assert_int_equal(v, htobe16(ALL));
	assert_int_equal(packet_getsockopt(s, IPPROTO_IPV6, 1, &v, &len), -ENOPROTOOPT);
	bed_done(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ROWS(what_is_received),	  cmocka_unit_test(what_is_sent),
		cmocka_unit_test(others_frames),  cmocka_unit_test(sending),
		cmocka_unit_test(filters),	  cmocka_unit_test(udp_filter),
		cmocka_unit_test(statistics),	  cmocka_unit_test(interfaces),
		cmocka_unit_test(limits),	  cmocka_unit_test(with_a_tracer),
		cmocka_unit_test(versions),	  cmocka_unit_test(ring),
		cmocka_unit_test(ring_of_dgrams), cmocka_unit_test(rings_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
