/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A whole node in virtual time. The input is a list of operations, one octet each with its
 * arguments behind: frames on two interfaces (raw, or with good headers and checksums around the
 * input's octets, so that they get deep), answers to what the node sent, time that passes,
 * interfaces that come and go, addresses, routes, forwarding, multicast routing, advertising, pings. After each
 * operation the node must be at rest and within its limits; at the end every buffer is home.
 */
#include "base/csum.h"
#include "base/rd.h"
#include "node/node.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_IFS	  2
#define OPS_MAX	  400
#define RERUNS	  4
#define FRAME_MAX 1514
#define PKTS_MAX  512

struct fuzz {
	struct pkt_pool pool;
	struct node *n;
	time_ns now;
	struct rd in;
	uint32_t ifindex[N_IFS]; /* 0: not there */
	uint8_t last[FRAME_MAX]; /* what the node sent last, from its IPv6 header */
	uint32_t last_len, last_if;
};

/* Small limits, so that full tables are reached. */
static const struct ip6_conf limits = {
	.neigh = { .max = 12,
		   .max_unresolved = 5,
		   .queue_pkts = 3,
		   .queue_total = 8,
		   .gc_idle = 60 * NS_PER_S,
		   .ethertype = ETH_TYPE_IP6 },
	.fib = { .max_routes = 24, .max_tables = 4, .max_rules = 8 },
	.path = { .max = 6, .mtu_life = 600 * NS_PER_S },
	.frag = { .octets_max = 40000,
		  .datagrams_max = 6,
		  .per_source_max = 4,
		  .pieces_max = 8,
		  .timeout = 60 * NS_PER_S },
	.mroute = { .max = 6, .unresolved_max = 3, .queue_pkts = 2, .timeout = 10 * NS_PER_S },
};

static const char *const palette[] = {
	"::",
	"fe80::a",
	"fe80::b",
	"fe80::1",
	"2001:db8:1::a",
	"2001:db8:1::b",
	"2001:db8:2::a",
	"2001:db8:9::9",
	"ff02::1",
	"ff02::2",
	"ff02::16",
	"ff02::1:ff00:a",
	"ff02::1:ff00:1",
	"ff02::1:ff00:2",
	"::1",
	"ff01::1",
	"ff05::1:3",
	"fe80::ff:fe00:1",
	"fe80::ff:fe00:2",
	"2001:db8:1::ff:fe00:1",
	"2001:db8:2::ff:fe00:2",
	"2001:db8:1::",
	"ff02::1:ff00:0",
	"fe80::",
	"fec0::1",
	"::ffff:1.2.3.4",
	"2001:db8:1::1",
	"2001:db8:2::1",
	"2002:c000:201::1",
	"ff0e::1",
};

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static uint16_t u16(struct fuzz *f)
{
	uint16_t v = 0;

	(void)rd_u16(&f->in, &v);
	return v;
}

static struct ip6_addr addr(struct fuzz *f)
{
	struct ip6_addr a = IP6_UNSPEC;
	uint8_t pick = u8(f);
	int rc;

	if (pick == 0xff) {
		(void)rd_addr(&f->in, &a);
		return a;
	}
	rc = ip6_parse(palette[pick % ARRAY_LEN(palette)], &a);
	ASSERT(rc == 0);
	return a;
}

static struct mac mac_of(unsigned i)
{
	return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)i } };
}

static struct iface *some_if(struct fuzz *f)
{
	uint32_t i = f->ifindex[u8(f) % N_IFS];

	return i != 0 ? node_if(f->n, i) : NULL;
}

/*
 * Frames
 */

static void give(struct fuzz *f, uint32_t ifindex, struct pkt *pkt)
{
	struct batch b = { .n = 0 };
	int rc;

	batch_put(&b, pkt);
	rc = node_input(f->n, ifindex, &b, f->now);
	ASSERT(rc == 0 && b.n == 0);
}

static struct pkt *new_pkt(struct fuzz *f)
{
	return pkt_new(&f->pool, FRAME_MAX);
}

/* Up to @max octets of the input, its own first octet saying how many. */
static void put_input(struct fuzz *f, struct pkt *pkt)
{
	uint32_t n = u8(f);

	n = (uint32_t)MIN(MIN(n, pkt_tailroom(pkt)), f->in.left);
	(void)rd_copy(&f->in, pkt_put(pkt, n), n);
}

static void op_raw(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	struct pkt *pkt = ifc != NULL ? new_pkt(f) : NULL;

	if (pkt == NULL)
		return;
	put_input(f, pkt);
	give(f, if_index(ifc), pkt);
}

/* Fill in lengths, the checksum of ICMPv6 or UDP at @l4, and an Ethernet header; and give it. */
static void finish(struct fuzz *f, struct iface *ifc, struct pkt *pkt, uint32_t l4, uint8_t proto)
{
	struct ip6_addr src = ip6_hdr_src(pkt->p), dst = ip6_hdr_dst(pkt->p);
	uint32_t at = l4 + (proto == IP6_NH_UDP ? 6 : ICMP6_CSUM_OFF);
	struct mac to = ifc->link.mac, from = mac_of(10 + (src.b[15] & 3));

	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
	if ((proto == IP6_NH_UDP || proto == IP6_NH_ICMP6) && pkt->len >= at + 2) {
		put_be16(pkt->p + at, 0);
		put_be16(pkt->p + at, csum_upper(&src, &dst, pkt->p + l4, pkt->len - l4, proto));
	}
	if (ip6_is_mcast(&dst))
		to = mac_of_group(&dst);
	link_header(pkt, &to, &from, ETH_TYPE_IP6);
	give(f, if_index(ifc), pkt);
}

/* Extension headers as the input says: each a next header, a type octet or two, its data. */
static void put_ext(struct fuzz *f, struct pkt *pkt, uint32_t *nh_at, unsigned n)
{
	static const uint8_t kinds[] = { IP6_NH_HBH, IP6_NH_DSTOPTS, IP6_NH_FRAGMENT,
					 IP6_NH_ROUTING };

	for (unsigned i = 0; i < n; i++) {
		uint8_t *p = pkt_put(pkt, 8);

		memset(p, 0, 8);
		pkt->p[*nh_at] = kinds[u8(f) % ARRAY_LEN(kinds)];
		(void)rd_copy(&f->in, p + 2, 6);
		*nh_at = (uint32_t)(p - pkt->p);
	}
}

static const uint8_t icmp_types[] = { 133, 134, 135, 136, 137, 128, 129, 1,   2,   3,
				      4,   130, 131, 132, 143, 138, 200, 134, 135, 136 };

/* A good IPv6 header, some extension headers, then ICMPv6, UDP or what the input says. */
static void op_packet(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	struct pkt *pkt = ifc != NULL ? new_pkt(f) : NULL;
	uint32_t nh_at = IP6_NEXT_OFF, l4;
	struct ip6_addr src, dst;
	uint8_t how, kind, proto = IP6_NH_ICMP6;

	if (pkt == NULL)
		return;
	how = u8(f);
	kind = u8(f);
	src = addr(f);
	dst = addr(f);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 0, 0,
		       (how & 3) == 0 ? 255 : (uint8_t)(how & 3), &src, &dst);
	put_ext(f, pkt, &nh_at, how >> 2 & 3);
	if ((how & 0x10) != 0)
		proto = IP6_NH_UDP;
	if ((how & 0x20) != 0)
		proto = kind;
	pkt->p[nh_at] = proto;
	l4 = pkt->len;
	if (proto == IP6_NH_ICMP6)
		memcpy(pkt_put(pkt, 4), (uint8_t[4]){ icmp_types[kind % ARRAY_LEN(icmp_types)] },
		       4);
	put_input(f, pkt);
	if ((how & 0x40) != 0) { /* a long one */
		uint32_t n = 8u * u8(f);

		n = MIN(n, pkt_tailroom(pkt));
		memset(pkt_put(pkt, n), 0, n);
	}
	finish(f, ifc, pkt, l4, proto);
}

/* The five messages of ND with a target from the palette and options from the input. */
static void op_nd(struct fuzz *f)
{
	static const uint8_t fixed[] = { 4, 12, 20, 20, 36 };
	struct iface *ifc = some_if(f);
	struct pkt *pkt = ifc != NULL ? new_pkt(f) : NULL;
	struct ip6_addr src, dst, target, dest;
	uint8_t kind, *m;

	if (pkt == NULL)
		return;
	kind = u8(f) % ARRAY_LEN(fixed);
	src = addr(f);
	dst = addr(f);
	target = addr(f);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 0, IP6_NH_ICMP6, 255, &src, &dst);
	m = pkt_put(pkt, 4u + fixed[kind]);
	memset(m, 0, 4u + fixed[kind]);
	m[0] = (uint8_t)(133 + kind);
	if (kind == 1) {
		(void)rd_copy(&f->in, m + 4, 12);
	} else {
		m[4] = u8(f);
		if (kind > 1)
			memcpy(m + 8, &target, sizeof(target));
		if (kind == 4) {
			dest = addr(f);
			memcpy(m + 24, &dest, sizeof(dest));
		}
	}
	put_input(f, pkt);
	finish(f, ifc, pkt, IP6_HDR_OCTETS, IP6_NH_ICMP6);
}

/* An ICMPv6 error about what the node sent last. */
static void op_error(struct fuzz *f)
{
	struct iface *ifc = f->last_len > 0 ? node_if(f->n, f->last_if) : NULL;
	struct pkt *pkt = ifc != NULL && !ifc->loopback ? new_pkt(f) : NULL;
	struct ip6_addr src, dst;
	uint8_t *m;
	uint32_t n;

	if (pkt == NULL)
		return;
	src = addr(f);
	memcpy(&dst, f->last + IP6_SRC_OFF, sizeof(dst));
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 0, IP6_NH_ICMP6, 64, &src, &dst);
	m = pkt_put(pkt, 8);
	m[0] = (uint8_t)(1 + u8(f) % 4);
	m[1] = u8(f) % 8;
	put_be32(m + 4, u16(f));
	n = 1232u - (u8(f) & 7u);
	n = MIN(n, f->last_len);
	memcpy(pkt_put(pkt, n), f->last, n);
	finish(f, ifc, pkt, IP6_HDR_OCTETS, IP6_NH_ICMP6);
}

/* Send back what the node sent last, source and destination changed: an answer, or a loop. */
static void op_answer(struct fuzz *f)
{
	struct iface *ifc = f->last_len > 0 ? some_if(f) : NULL;
	struct pkt *pkt = ifc != NULL ? new_pkt(f) : NULL;
	struct ip6_addr from;
	uint8_t how;

	if (pkt == NULL)
		return;
	how = u8(f);
	memcpy(pkt_put(pkt, f->last_len), f->last, f->last_len);
	if ((how & 1) != 0) {
		from = addr(f);
		memcpy(pkt->p + IP6_DST_OFF, f->last + IP6_SRC_OFF, IP6_ADDR_OCTETS);
		memcpy(pkt->p + IP6_SRC_OFF, &from, sizeof(from));
	}
	if ((how & 2) != 0 && pkt->len > IP6_HDR_OCTETS)
		pkt->p[IP6_HDR_OCTETS] = u8(f);
	if ((how & 4) != 0 && pkt->len > IP6_HDR_OCTETS)
		pkt->p[IP6_HDR_OCTETS + u8(f) % (pkt->len - IP6_HDR_OCTETS)] = u8(f);
	finish(f, ifc, pkt, IP6_HDR_OCTETS, pkt->p[IP6_NEXT_OFF]);
}

/*
 * What users do
 */

static void op_time(struct fuzz *f)
{
	uint8_t how = u8(f);
	time_ns step = u8(f), next = node_next(f->n);

	switch (how % 4) {
	case 0:
		step *= 10 * NS_PER_MS;
		break;
	case 1:
		step *= NS_PER_S;
		break;
	case 2:
		step *= 3600 * NS_PER_S;
		break;
	case 3:
		step = next != TIME_NEVER && next > f->now ? next - f->now : 0;
		break;
	}
	f->now += step;
	node_run(f->n, f->now);
}

static void op_if_add(struct fuzz *f, unsigned i)
{
	static const char *const names[N_IFS] = { "e0", "e1" };
	struct mac mac = mac_of(1 + i);
	int rc = node_if_add(f->n, names[i], &mac, i == 0 ? 1500 : 1280);

	ASSERT(rc > 0);
	f->ifindex[i] = (uint32_t)rc;
	rc = node_if_set(f->n, f->ifindex[i], true, f->now);
	ASSERT(rc == 0);
}

static void op_if(struct fuzz *f)
{
	unsigned i = u8(f) % N_IFS;
	uint8_t how = u8(f) % 3;
	int rc;

	if (f->ifindex[i] == 0) {
		op_if_add(f, i);
		return;
	}
	rc = how == 2 ? node_if_del(f->n, f->ifindex[i])
		      : node_if_set(f->n, f->ifindex[i], how == 1, f->now);
	ASSERT(rc == 0);
	if (how == 2)
		f->ifindex[i] = 0;
}

static void op_addr(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	struct ip6_addr a = addr(f);
	uint8_t how = u8(f);

	if (ifc == NULL)
		return;
	if ((how & 1) != 0)
		(void)nd_addr_del(&f->n->nd, ifc, &a);
	else
		(void)nd_addr_add(&f->n->nd, ifc, &a, u8(f) % 130, ADDR_STATIC, (how & 2) != 0);
	node_settle(f->n, f->now);
}

static struct mroute_route some_mroute(struct fuzz *f)
{
	struct mroute_route r = { .src = addr(f), .group = addr(f), .iif = u8(f) & 3 };

	r.oifs = u8(f) & 7;
	r.threshold[1] = u8(f);
	return r;
}

/* Answer the oldest question, if there is one. */
static void answer_upcall(struct fuzz *f, uint8_t how)
{
	struct mroute_route r = { .oifs = how & 7 };
	struct mroute_upcall up;

	if (!mroute_upcall(&f->n->ip6, &up))
		return;
	ASSERT(up.mif < MROUTE_MIFS && ip6_is_mcast(&up.group));
	r.group = up.group;
	r.src = (how & 8) != 0 ? up.src : IP6_UNSPEC;
	r.iif = up.mif;
	(void)mroute_add(&f->n->ip6, &r);
}

static void mroute_change(struct fuzz *f, const struct iface *ifc, uint8_t how)
{
	struct ip6 *ip6 = &f->n->ip6;
	struct mroute_route r;
	struct ip6_addr a;

	switch (how >> 4 & 7) {
	case 0:
		(void)mroute_mif_add(ip6, how & 3, if_index(ifc), u8(f));
		return;
	case 1:
		(void)mroute_mif_del(ip6, how & 3);
		return;
	case 2:
		r = some_mroute(f);
		(void)mroute_add(ip6, &r);
		return;
	case 3:
		r = some_mroute(f);
		(void)mroute_del(ip6, &r.src, &r.group);
		return;
	case 4:
		(void)mroute_open(ip6);
		return;
	case 5:
		if ((how & 1) != 0)
			mroute_close(ip6);
		else
			(void)mroute_mif_boundary(ip6, how >> 1 & 3, (enum scope)(u8(f) & 15));
		return;
	case 6:
		answer_upcall(f, how);
		return;
	default:
		a = addr(f);
		(void)mroute_add_static(ip6, &a, if_index(ifc), f->ifindex, N_IFS);
		return;
	}
}

/* Of packets to one, or (the first bit) of what goes to groups. */
static void op_forwarding(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	uint8_t how = u8(f);

	if (ifc != NULL && (how & 0x80) != 0)
		mroute_change(f, ifc, how);
	else if (ifc != NULL)
		nd_set_forwarding(&f->n->nd, ifc, (how & 1) != 0);
	node_settle(f->n, f->now);
}

static void op_adv(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	struct nd_adv adv = ND_ADV_DEFAULT;
	uint8_t how = u8(f);

	if (ifc == NULL)
		return;
	adv.send = (how & 1) != 0;
	adv.interval_max = (4u + u8(f)) * NS_PER_S;
	adv.interval_min = adv.interval_max / 4 * 3;
	adv.default_lifetime_s = (how & 2) != 0 ? 0 : 1800;
	adv.link_mtu = (how & 4) != 0 ? u16(f) : 0;
	adv.n_prefixes = how >> 3 & 3;
	for (unsigned i = 0; i < adv.n_prefixes; i++)
		adv.prefix[i] = (struct nd_adv_prefix){ .prefix = addr(f),
							.len = u8(f),
							.on_link = true,
							.autonomous = true,
							.valid_s = u16(f),
							.preferred_s = u8(f) };
	(void)nd_set_adv(&f->n->nd, ifc, &adv);
	node_settle(f->n, f->now);
}

static void op_route(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	uint8_t how = u8(f);
	struct route r = { .table = FIB_TABLE_MAIN, .dst = addr(f), .expires = TIME_NEVER };

	r.dst_len = u8(f);
	r.via.type = how >> 4 & 3;
	r.via.metric = how >> 6;
	if (r.via.type == ROUTE_UNICAST && ifc != NULL) {
		r.via.ifindex = if_index(ifc);
		r.via.gateway = addr(f);
		r.via.mtu = (how & 8) != 0 ? 1280 : 0;
	}
	if ((how & 2) != 0)
		r.expires = time_after(f->now, u8(f) * NS_PER_S);
	if ((how & 4) != 0) {
		r.src = addr(f);
		r.src_len = 64;
	}
	if ((how & 1) != 0)
		(void)fib_del(f->n->ip6.fib, &r);
	else
		(void)fib_add(f->n->ip6.fib, &r);
	fib_check(f->n->ip6.fib);
}

static void op_ping(struct fuzz *f)
{
	struct ping_conf pc = { .dst = addr(f), .interval = NS_PER_S, .timeout = NS_PER_S };
	struct iface *ifc = some_if(f);
	uint8_t how = u8(f);

	pc.count = 1 + (how & 3);
	pc.octets = (how & 4) != 0 ? u16(f) : 10;
	pc.oif = (how & 8) != 0 && ifc != NULL ? if_index(ifc) : 0;
	pc.hop_limit = (how & 16) != 0 ? u8(f) : -1;
	if ((how & 32) != 0)
		pc.src = addr(f);
	(void)ping_start(&f->n->pings, &pc, NULL);
}

/* A listener with a filter, or (the first bit) an MLD router. */
static void mld_change(struct fuzz *f, struct iface *ifc, uint8_t how)
{
	struct mld_router_conf conf = MLD_ROUTER_DEFAULT;
	struct ip6_addr group, source[3];

	if ((how & 1) != 0) {
		conf.on = (how & 2) != 0;
		conf.version = (how & 4) != 0 ? 1 : 2;
		conf.robustness = 1 + (how >> 3 & 7);
		(void)mld_set_router(&f->n->mld, ifc, &conf);
	} else {
		group = addr(f);
		for (unsigned i = 0; i < ARRAY_LEN(source); i++)
			source[i] = addr(f);
		if (ip6_is_mcast(&group))
			(void)mld_listen(&f->n->mld, ifc, f->ifindex + (how >> 4 & 1), &group,
					 (how & 2) != 0, source, how >> 2 & 3);
	}
	node_settle(f->n, f->now);
}

static void op_conf(struct fuzz *f)
{
	struct iface *ifc = some_if(f);
	uint8_t how = u8(f);

	if (ifc == NULL)
		return;
	if ((how & 0x80) != 0) {
		mld_change(f, ifc, u8(f));
		return;
	}
	ifc->conf.dad_transmits = how & 3;
	ifc->conf.optimistic_dad = (how & 4) != 0;
	ifc->conf.accept_redirects = (how & 8) == 0;
	ifc->neigh->nud.backoff = (how & 16) != 0 ? 0 : NUD_BACKOFF_MULTIPLE;
	f->n->mld.v2_only = (how & 32) != 0;
	ip6_if_conf_changed(&f->n->ip6, ifc);
}

/*
 * What holds after each operation
 */

/* Take what the node sends; the last frame is kept for op_answer() and op_error(). */
static void drain(struct fuzz *f)
{
	struct pkt *pkt;
	uint32_t ifindex;
	struct pktq q;

	while (node_output(f->n, &ifindex, &q)) {
		const struct iface *ifc = node_if(f->n, ifindex);

		while ((pkt = pktq_get(&q)) != NULL) {
			if (get_be16(pkt->p + ETH_TYPE_OFF) != ETH_TYPE_IP6) {
				pkt_free(pkt); /* of IPv4: see fuzz_ip4.c */
				continue;
			}
			ASSERT(pkt->len >= ETH_HDR_OCTETS + IP6_HDR_OCTETS);
			ASSERT(pkt->len <= ifc->link.mtu + ETH_HDR_OCTETS);
			ASSERT(get_be16(pkt->p + ETH_HDR_OCTETS + IP6_PLEN_OFF) ==
			       pkt->len - ETH_HDR_OCTETS - IP6_HDR_OCTETS);
			f->last_len = pkt->len - ETH_HDR_OCTETS;
			f->last_if = ifindex;
			memcpy(f->last, pkt->p + ETH_HDR_OCTETS, f->last_len);
			pkt_free(pkt);
		}
	}
}

static void check_iface(const struct fuzz *f, const struct iface *ifc)
{
	uint32_t n = 0, groups = 0;

	LIST_FOR_EACH(it, &ifc->addrs) {
		const struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		ASSERT(a->ifc == ifc && ++n <= IF_ADDRS_MAX);
		ASSERT(a->state != ADDR_PREFERRED || a->preferred_until > f->now);
		ASSERT(a->valid_until > f->now);
		ASSERT(ip6_local(&f->n->ip6, &a->addr, if_index(ifc)) != NULL);
	}
	LIST_FOR_EACH(it, &ifc->addrs4)
		ASSERT(LIST_ENTRY(it, struct if_addr, on)->ifc == ifc && ++n <= IF_ADDRS_MAX);
	LIST_FOR_EACH(it, &ifc->groups) {
		ASSERT(LIST_ENTRY(it, struct if_group, on)->refs > 0);
		ASSERT(++groups <= IF_GROUPS_MAX);
	}
	ASSERT(n == ifc->n_addrs && groups == ifc->n_groups);
	ASSERT(ifc->loopback || nd_if(ifc)->n_routers <= ND_ROUTERS_MAX);
	ASSERT(ifc->conf.link_mtu >= IP6_MTU_MIN && ifc->conf.link_mtu <= ifc->link.mtu);
	ASSERT(ifc->link.tx.n == 0);
}

/* Packets that wait for a multicast route. */
static uint32_t check_mroute(const struct ip6 *ip6)
{
	const struct mroute *m = ip6->mroute;
	uint32_t n = 0, pairs = 0;

	if (m == NULL)
		return 0;
	ASSERT(m->tab.n <= limits.mroute.max && m->n_upcalls <= MROUTE_UPCALLS_MAX);
	for (const struct mfc *e = NULL; (e = mroute_iter(ip6, e)) != NULL;) {
		ASSERT(m->mif[e->r.iif].ifindex != 0 && (e->r.oifs >> e->r.iif & 1) == 0);
		for (unsigned i = 0; i < MROUTE_MIFS; i++)
			ASSERT((e->r.oifs >> i & 1) == 0 || m->mif[i].ifindex != 0);
	}
	LIST_FOR_EACH(it, &m->waiting) {
		const struct mroute_wait *w = LIST_ENTRY(it, struct mroute_wait, on);

		ASSERT(w->q.n > 0 && w->q.n <= limits.mroute.queue_pkts);
		ASSERT(w->until > ip6->env->now && m->mif[w->mif].ifindex != 0);
		n += w->q.n;
		pairs++;
	}
	ASSERT(pairs == m->n_waiting && pairs <= limits.mroute.unresolved_max);
	return n;
}

/* Packets that wait for the end of DAD: RFC 4429 section 3.2. */
static uint32_t for_optimistic(const struct ip6 *ip6)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= IF_MAX; i++) {
		if (ip6->ifs[i] == NULL)
			continue;
		LIST_FOR_EACH(it, &ip6->ifs[i]->addrs)
			n += LIST_ENTRY(it, struct if_addr, on)->waiting.n;
	}
	return n;
}

static void check(struct fuzz *f)
{
	const struct ip6 *ip6 = &f->n->ip6;
	uint32_t waiting;

	for (unsigned i = 0; node_next(f->n) <= f->now; i++) {
		ASSERT(i < RERUNS); /* or the node never rests */
		node_run(f->n, f->now);
	}
	drain(f);
	ASSERT(ip6->upper.n == 0 && ip6->loop.n == 0 && ip6->redirect.n == 0);
	ASSERT(!nd_has_work(&f->n->nd));
	ASSERT(ip6->neigh.n <= limits.neigh.max);
	ASSERT(ip6->neigh.n_unresolved <= limits.neigh.max_unresolved);
	ASSERT(ip6->neigh.n_waiting <= limits.neigh.queue_total + limits.neigh.max_unresolved);
	ASSERT(ip6->path.tab.n <= limits.path.max);
	ASSERT(ip6->frag.datagrams <= limits.frag.datagrams_max);
	ASSERT(ip6->frag.octets <= limits.frag.octets_max);
	ASSERT(fib_count(ip6->fib) <= limits.fib.max_routes);
	/* a buffer is on its way, held for a reason, or home */
	waiting = ip6->neigh.n_waiting + check_mroute(ip6) + for_optimistic(ip6);
	ASSERT(f->pool.used >= waiting);
	if (ip6->frag.octets == 0)
		ASSERT(f->pool.used == waiting);
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (ip6->ifs[i] != NULL)
			check_iface(f, ip6->ifs[i]);
}

static void (*const ops[])(struct fuzz *f) = {
	op_nd,	 op_packet,	op_time, op_answer, op_nd,   op_packet, op_error, op_raw,
	op_addr, op_forwarding, op_adv,	 op_route,  op_ping, op_if,	op_conf,  op_time,
};

/* Groups of the palette: one that goes on, and interfaces for those that are asked about. */
static void add_mroutes(struct fuzz *f)
{
	struct ip6_addr group;
	int rc = ip6_parse("ff0e::1", &group);

	ASSERT(rc == 0);
	for (unsigned i = 0; i < N_IFS; i++) {
		rc = mroute_mif_add(&f->n->ip6, i, f->ifindex[i], 1);
		ASSERT(rc == 0);
	}
	rc = mroute_add_static(&f->n->ip6, &group, f->ifindex[0], &f->ifindex[1], 1);
	ASSERT(rc == 0);
}

static void run(struct fuzz *f)
{
	struct node_conf conf;

	node_conf_init(&conf, "fuzz", &f->pool);
	conf.ip6 = limits;
	memset(conf.seed, 1, sizeof(conf.seed));
	f->n = node_new(&conf, f->now);
	ASSERT(f->n != NULL);
	for (unsigned i = 0; i < N_IFS; i++)
		op_if_add(f, i);
	add_mroutes(f);
	check(f);
	for (unsigned i = 0; i < OPS_MAX && f->in.left > 0; i++) {
		ops[u8(f) % ARRAY_LEN(ops)](f);
		check(f);
	}
	fib_check(f->n->ip6.fib);
	node_shutdown(f->n, f->now);
	drain(f);
	node_free(f->n);
	ASSERT(f->pool.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	f = (struct fuzz){ .in = rd_of(data, size), .now = NS_PER_S };
	pkt_pool_init(&f.pool, PKTS_MAX, 16);
	run(&f);
	pkt_pool_done(&f.pool);
	return 0;
}
