/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the listener sends. Every message leaves with hop limit 1 and a Router Alert, from a
 * link-local address or, while there is none, from the unspecified one (RFC 3810 sections 5 and
 * 5.2.13, RFC 3590 section 4). A packet that cannot be had is a packet lost: the robustness of the
 * protocol is there for that.
 */
#include "mld/listener.h"

#define PROTO_HOP_BY_HOP 0
#define PROTO_ICMP6	 58

/* RFC 2711 section 2.1: option 5 with the value 0, for MLD; then PadN. */
static const uint8_t alert[MLD_ALERT_OCTETS] = { PROTO_ICMP6, 0, 5, 2, 0, 0, 1, 0 };

static struct pkt *new_message(struct mld *mld, const struct mld_if *mif,
			       const struct ip6_addr *dst, uint32_t octets)
{
	const struct if_addr *from = if_link_local(mif->ifc);
	struct pkt *pkt;

	if (mif->ifc->tunnel != NULL) /* nobody there snoops or routes by it */
		return NULL;
	pkt = ip6_new_packet(mld->ip6, from != NULL ? &from->addr : &IP6_UNSPEC, dst,
			     PROTO_HOP_BY_HOP, 1, MLD_ALERT_OCTETS + octets);
	if (pkt == NULL)
		return NULL;
	memcpy(pkt_put(pkt, sizeof(alert)), alert, sizeof(alert));
	pkt->l4_off = MLD_IP6_OCTETS + MLD_ALERT_OCTETS;
	pkt->proto = PROTO_ICMP6;
	ASSERT(pkt->len == pkt->l4_off && pkt_tailroom(pkt) >= octets);
	return pkt;
}

static void send_message(struct mld *mld, const struct mld_if *mif, struct pkt *pkt,
			 const struct wr *w)
{
	ASSERT(!w->overflow);
	pkt_put(pkt, (uint32_t)wr_len(w));
	icmp6_send(mld->ip6, pkt, if_index(mif->ifc)); /* if it fails: dropped, with a reason */
}

void mld_send_v1(struct mld *mld, struct mld_if *mif, uint8_t type, const struct ip6_addr *group)
{
	/* RFC 2710 section 4 */
	const struct ip6_addr *dst = type == MLD_TYPE_V1_DONE ? &IP6_ALL_ROUTERS : group;
	struct pkt *pkt = new_message(mld, mif, dst, MLD_V1_OCTETS);
	struct wr w;

	if (pkt == NULL)
		return;
	w = wr_of(pkt->p + pkt->len, MLD_V1_OCTETS);
	mld_put_v1(&w, type, group);
	send_message(mld, mif, pkt, &w);
}

/* RFC 3810 section 5.1.15: General Queries to all nodes, others to the group. */
void mld_send_query(struct mld *mld, const struct iface *ifc, const struct mld_query *q)
{
	const struct ip6_addr all = IP6_ALL_NODES;
	uint32_t octets = q->version == 1
				  ? MLD_V1_OCTETS
				  : MLD_V2_QUERY_OCTETS + (uint32_t)q->n_sources * IP6_ADDR_OCTETS;
	struct pkt *pkt =
		new_message(mld, mld_if(ifc), ip6_is_unspec(&q->group) ? &all : &q->group, octets);
	struct wr w;

	if (pkt == NULL)
		return;
	w = wr_of(pkt->p + pkt->len, octets);
	mld_put_query(&w, q);
	send_message(mld, mld_if(ifc), pkt, &w);
}

static bool out_begin(struct mld_out *out)
{
	uint32_t room = MIN(out->mif->ifc->conf.link_mtu, (uint32_t)MLD_PKT_MAX) - MLD_IP6_OCTETS -
			MLD_ALERT_OCTETS;

	out->pkt = new_message(out->mld, out->mif, &IP6_ALL_MLDV2_ROUTERS, room);
	if (out->pkt == NULL)
		return false;
	out->w = wr_of(out->pkt->p + out->pkt->len, room);
	out->n_records = 0;
	mld_put_report(&out->w, 0);
	return true;
}

void mld_out_send(struct mld_out *out)
{
	struct wr head;

	if (out->pkt == NULL)
		return;
	head = wr_of(out->w.start, MLD_REPORT_OCTETS);
	mld_put_report(&head, out->n_records);
	send_message(out->mld, out->mif, out->pkt, &out->w);
	out->pkt = NULL;
}

void mld_out_add(struct mld_out *out, uint8_t type, const struct ip6_addr *group,
		 const struct ip6_addr *sources, uint16_t n_sources)
{
	struct mld_record rec = { .type = type, .group = *group, .n_sources = n_sources };
	size_t octets = (size_t)n_sources * IP6_ADDR_OCTETS;

	ASSERT(n_sources <= MLD_ASKED_SOURCES);
	if (out->pkt != NULL && out->w.left < MLD_RECORD_OCTETS + octets)
		mld_out_send(out); /* RFC 3810 section 5.2.15: as many as needed */
	if (out->pkt == NULL && !out_begin(out))
		return;
	rec.sources = rd_of(sources, octets);
	mld_put_record(&out->w, &rec);
	out->n_records++;
}

void mld_send_record(struct mld *mld, struct mld_if *mif, uint8_t type,
		     const struct ip6_addr *group)
{
	struct mld_out out = { .mld = mld, .mif = mif };

	mld_out_add(&out, type, group, NULL, 0);
	mld_out_send(&out);
}
