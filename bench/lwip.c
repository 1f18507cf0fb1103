/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lwIP as Debian builds it, with two interfaces whose packets are handed to the other; the
 * connection runs from one to the other. Its own thread only sees to its timers: the lock is ours
 * while we measure.
 */
#include "lwip.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/ip6.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <lwip/udp.h>

#define NOTE_MAX 96 /* BENCH_NOTE_MAX */
#define QUEUE	 4096
#define BURST	 65536
#define MTU	 1500
#define PORT	 80

struct lwip {
	struct netif nif[2];
	struct {
		struct pbuf *p;
		struct netif *to;
	} queue[QUEUE];
	unsigned head, tail;
	struct tcp_pcb *from, *to, *listen;
	struct udp_pcb *ufrom, *uto;
	uint32_t got, came, back;
	bool answers; /* what arrives is answered, octet by octet */
	uint8_t out[BURST], in[BURST];
};

/* Its callbacks of interfaces have no context of ours at init time. */
static struct lwip *the_one;

static err_t output(struct netif *nif, struct pbuf *p, const ip6_addr_t *to)
{
	struct lwip *l = the_one;

	(void)to;
	if (l->tail - l->head == QUEUE)
		return ERR_MEM;
	l->queue[l->tail % QUEUE].p = pbuf_clone(PBUF_LINK, PBUF_RAM, p);
	l->queue[l->tail % QUEUE].to = nif == &l->nif[0] ? &l->nif[1] : &l->nif[0];
	if (l->queue[l->tail % QUEUE].p != NULL)
		l->tail++;
	return ERR_OK;
}

static err_t nif_init(struct netif *nif)
{
	nif->name[0] = nif->name[1] = 'b';
	nif->mtu = nif->mtu6 = MTU;
	nif->output_ip6 = output;
	return ERR_OK;
}

static void carry(struct lwip *l)
{
	while (l->head != l->tail) {
		unsigned i = l->head++ % QUEUE;

		ip6_input(l->queue[i].p, l->queue[i].to);
	}
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct lwip *l = arg;
	u16_t n;

	(void)err;
	if (p == NULL)
		return ERR_OK;
	n = pbuf_copy_partial(p, l->in, p->tot_len, 0);
	l->got += n;
	tcp_recved(pcb, n);
	pbuf_free(p);
	if (l->answers && tcp_write(pcb, l->in, n, TCP_WRITE_FLAG_COPY) == ERR_OK)
		tcp_output(pcb);
	return ERR_OK;
}

static err_t answered(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct lwip *l = arg;

	(void)err;
	if (p == NULL)
		return ERR_OK;
	l->back += p->tot_len;
	tcp_recved(pcb, p->tot_len);
	pbuf_free(p);
	return ERR_OK;
}

static void datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		     u16_t port)
{
	struct lwip *l = arg;

	(void)pcb, (void)from, (void)port;
	pbuf_copy_partial(p, l->in, p->tot_len, 0);
	l->came++;
	pbuf_free(p);
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct lwip *l = arg;

	(void)err;
	l->to = pcb;
	tcp_arg(pcb, l);
	tcp_recv(pcb, received);
	return ERR_OK;
}

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	(void)arg, (void)pcb;
	return err;
}

static void addresses(struct lwip *l, ip_addr_t *a)
{
	for (unsigned i = 0; i < 2; i++) {
		IP_ADDR6(&a[i], PP_HTONL(0xfd000000), 0, 0, PP_HTONL(i + 1));
		netif_add_noaddr(&l->nif[i], NULL, nif_init, ip6_input);
		netif_set_up(&l->nif[i]);
		netif_set_link_up(&l->nif[i]);
		netif_ip6_addr_set(&l->nif[i], 1, ip_2_ip6(&a[i]));
		netif_ip6_addr_set_state(&l->nif[i], 1, IP6_ADDR_PREFERRED);
	}
}

static void datagram_sockets(struct lwip *l, const ip_addr_t *a)
{
	l->ufrom = udp_new_ip_type(IPADDR_TYPE_V6);
	l->uto = udp_new_ip_type(IPADDR_TYPE_V6);
	udp_bind(l->uto, &a[1], PORT);
	udp_bind_netif(l->uto, &l->nif[1]);
	udp_recv(l->uto, datagram, l);
	udp_bind(l->ufrom, &a[0], 0);
	udp_bind_netif(l->ufrom, &l->nif[0]);
	udp_connect(l->ufrom, &a[1], PORT);
}

static struct lwip *lwip_new(char *note)
{
	static int begun;
	struct lwip *l = calloc(1, sizeof(*l));
	ip_addr_t a[2];

	if (l == NULL)
		return NULL;
	the_one = l;
	if (begun++ == 0)
		tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	addresses(l, a);
	l->listen = tcp_new_ip_type(IPADDR_TYPE_V6);
	tcp_bind(l->listen, &a[1], PORT);
	tcp_bind_netif(l->listen, &l->nif[1]);
	l->listen = tcp_listen(l->listen);
	tcp_arg(l->listen, l);
	tcp_accept(l->listen, accepted);
	l->from = tcp_new_ip_type(IPADDR_TYPE_V6);
	tcp_bind(l->from, &a[0], 0);
	tcp_bind_netif(l->from, &l->nif[0]);
	tcp_arg(l->from, l);
	tcp_recv(l->from, answered);
	tcp_connect(l->from, &a[1], PORT, connected);
	carry(l);
	datagram_sockets(l, a);
	UNLOCK_TCPIP_CORE();
	if (l->to != NULL)
		return l;
	snprintf(note, NOTE_MAX, "it does not connect to itself");
	return NULL; /* its thread may still use what it knows of */
}

static void lwip_free(struct lwip *l)
{
	if (l == NULL)
		return;
	LOCK_TCPIP_CORE();
	tcp_abort(l->from);
	carry(l);
	tcp_close(l->listen);
	udp_remove(l->ufrom);
	udp_remove(l->uto);
	netif_remove(&l->nif[0]);
	netif_remove(&l->nif[1]);
	UNLOCK_TCPIP_CORE();
	free(l);
}

static uint32_t lwip_stream(struct lwip *l, uint32_t octets)
{
	uint32_t sent = 0;

	LOCK_TCPIP_CORE();
	l->got = 0;
	while (l->got < octets) {
		u16_t n = (u16_t)LWIP_MIN(tcp_sndbuf(l->from), LWIP_MIN(octets - sent, 65535));

		while (n != 0 && tcp_write(l->from, l->out, n, TCP_WRITE_FLAG_COPY) != ERR_OK)
			n /= 2;
		sent += n;
		tcp_output(l->from);
		if (l->head == l->tail && n == 0)
			tcp_fasttmr(); /* an acknowledgment is delayed: not to be waited for */
		carry(l);
	}
	UNLOCK_TCPIP_CORE();
	return l->got;
}

static uint32_t lwip_turns(struct lwip *l, uint32_t n)
{
	LOCK_TCPIP_CORE();
	l->back = 0;
	l->answers = true;
	while (l->back < n) {
		uint32_t before = l->back;

		if (tcp_write(l->from, l->out, 1, TCP_WRITE_FLAG_COPY) != ERR_OK)
			break;
		tcp_output(l->from);
		carry(l);
		if (l->back == before)
			break;
	}
	l->answers = false;
	UNLOCK_TCPIP_CORE();
	return l->back;
}

static uint32_t lwip_datagrams(struct lwip *l, uint32_t n, uint32_t octets)
{
	LOCK_TCPIP_CORE();
	l->came = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)octets, PBUF_RAM);

		if (p == NULL)
			break;
		pbuf_take(p, l->out, (u16_t)octets);
		udp_send(l->ufrom, p);
		pbuf_free(p);
	}
	carry(l);
	UNLOCK_TCPIP_CORE();
	return l->came;
}

extern const struct lwip_module lwip_module;
const struct lwip_module lwip_module = { lwip_new, lwip_free, lwip_stream, lwip_turns,
					 lwip_datagrams };
