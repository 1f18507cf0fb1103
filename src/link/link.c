/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/link.h"

#include <stdio.h>

const char *mac_text(const struct mac *m, char buf[MAC_TEXT_MAX])
{
	snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
	return buf;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct mac *ret)
{
	struct mac m;

	for (unsigned i = 0; i < ETH_MAC_OCTETS; i++) {
		int hi = hex_digit(text[0]);
		int lo = hi >= 0 ? hex_digit(text[1]) : -1;

		if (lo < 0 || text[2] != (i + 1 < ETH_MAC_OCTETS ? ':' : '\0'))
			return -EINVAL;
		m.b[i] = (uint8_t)(hi << 4 | lo);
		text += 3;
	}
	*ret = m;
	return 0;
}

void link_tx(struct env *e, struct link_if *lif, struct pkt *pkt)
{
	pkt->ifindex = lif->ifindex;
	if (!lif->up) {
		env_drop(e, pkt, DROP_IF_DOWN);
	} else if (pkt->len > lif->mtu + ETH_HDR_OCTETS) {
		env_drop(e, pkt, DROP_LINK_TOO_BIG);
	} else if (lif->tx.n >= lif->tx_max) {
		env_drop(e, pkt, DROP_QUEUE_FULL);
	} else {
		lif->count.tx_pkts++;
		lif->count.tx_octets += pkt->len;
		env_frame(e, TRACE_TX, lif->ifindex, pkt);
		if (UNLIKELY(lif->dummy))
			pkt_free(pkt);
		else
			pktq_put(&lif->tx, pkt);
	}
}

enum drop link_rx(struct link_if *lif, struct pkt *pkt, uint16_t *type)
{
	struct mac dst, src;

	pkt->ifindex = lif->ifindex;
	if (!lif->up)
		return DROP_IF_DOWN;
	if (pkt->len < ETH_HDR_OCTETS)
		return DROP_LINK_SHORT;
	lif->count.rx_pkts++;
	lif->count.rx_octets += pkt->len;
	memcpy(dst.b, pkt->p + ETH_DST_OFF, sizeof(dst.b));
	memcpy(src.b, pkt->p + ETH_SRC_OFF, sizeof(src.b));
	if (mac_is_group(&src))
		return DROP_LINK_BAD_SOURCE;
	if (mac_is_group(&dst))
		pkt->flags |= PKT_MULTICAST;
	else if (!mac_eq(&dst, &lif->mac))
		return DROP_LINK_OTHER_HOST;
	*type = get_be16(pkt->p + ETH_TYPE_OFF);
	pkt_pull(pkt, ETH_HDR_OCTETS);
	return DROP_NONE;
}
