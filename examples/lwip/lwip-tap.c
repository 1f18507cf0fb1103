/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lwIP on TAP devices, as something to test: see nut-lwip.sh beside this file.
 *
 *	lwip-tap TAP MAC [TAP MAC]
 *
 * Orders come on standard input, a line each: "addr N ADDRESS", "ping N ADDRESS OCTETS", with N
 * the number of the interface, from 0. It ends with its input.
 *
 *	cc -o lwip-tap lwip-tap.c $(pkg-config --cflags --libs lwip)
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <lwip/ethip6.h>
#include <lwip/inet_chksum.h>
#include <lwip/mld6.h>
#include <lwip/netif.h>
#include <lwip/prot/icmp6.h>
#include <lwip/raw.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>

#define FRAME_MAX 1514
#define TAPS_MAX  2

struct tap {
	struct netif netif;
	int fd;
	unsigned char mac[6];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
	struct tap *tap = netif->state;
	unsigned char frame[FRAME_MAX];
	u16_t n = pbuf_copy_partial(p, frame, sizeof(frame), 0);

	return write(tap->fd, frame, n) == n ? ERR_OK : ERR_IF;
}

static err_t init(struct netif *netif)
{
	struct tap *tap = netif->state;

	netif->name[0] = 't';
	netif->name[1] = 'p';
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = send_frame;
	netif->mtu = 1500;
	netif->hwaddr_len = sizeof(tap->mac);
	memcpy(netif->hwaddr, tap->mac, sizeof(tap->mac));
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
		       NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static void receive(void *arg)
{
	struct tap *tap = arg;
	unsigned char frame[FRAME_MAX];
	ssize_t n;

	while ((n = read(tap->fd, frame, sizeof(frame))) > 0) {
		/* of the heap: buffers of the pool are too small in this build of the library */
		struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);

		if (p == NULL)
			continue;
		pbuf_take(p, frame, (u16_t)n);
		if (tap->netif.input(p, &tap->netif) != ERR_OK)
			pbuf_free(p);
	}
	die("read from the TAP device");
}

static void open_tap(struct tap *tap, const char *dev, const char *mac)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	unsigned b[6];

	if (sscanf(mac, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6) {
		fprintf(stderr, "lwip-tap: %s is no MAC address\n", mac);
		exit(2);
	}
	for (int i = 0; i < 6; i++)
		tap->mac[i] = (unsigned char)b[i];
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	tap->fd = open("/dev/net/tun", O_RDWR);
	if (tap->fd < 0 || ioctl(tap->fd, TUNSETIFF, &ifr) < 0)
		die(dev);
	LOCK_TCPIP_CORE();
	if (netif_add(&tap->netif, NULL, NULL, NULL, tap, init, tcpip_input) == NULL)
		exit(1);
	netif_create_ip6_linklocal_address(&tap->netif, 1);
	netif_set_ip6_autoconfig_enabled(&tap->netif, 1);
	netif_set_up(&tap->netif);
	UNLOCK_TCPIP_CORE();
	sys_thread_new("receive", receive, tap, 0, 0);
}

static void ping(struct tap *tap, const ip6_addr_t *dst, unsigned octets)
{
	struct raw_pcb *pcb = raw_new_ip6(IP6_NEXTH_ICMP6);
	struct pbuf *p =
		pbuf_alloc(PBUF_IP, (u16_t)(sizeof(struct icmp6_echo_hdr) + octets), PBUF_RAM);
	struct icmp6_echo_hdr *echo;
	ip_addr_t to;

	if (pcb == NULL || p == NULL)
		die("no memory");
	memset(p->payload, 0, p->len);
	echo = p->payload;
	echo->type = ICMP6_TYPE_EREQ;
	echo->id = lwip_htons(1);
	echo->seqno = lwip_htons(1);
	ip_addr_copy_from_ip6(to, *dst);
	ip6_addr_assign_zone(ip_2_ip6(&to), IP6_UNICAST, &tap->netif);
	pcb->chksum_reqd = 1;
	pcb->chksum_offset = 2;
	raw_sendto(pcb, p, &to);
	pbuf_free(p);
	raw_remove(pcb);
}

static void obey(struct tap *tap, unsigned n_taps, const char *line)
{
	char word[8], text[64];
	unsigned n, octets = 8;
	ip6_addr_t a;
	s8_t slot;

	if (sscanf(line, "%7s %u %63s %u", word, &n, text, &octets) < 3 || n >= n_taps ||
	    !ip6addr_aton(text, &a)) {
		fprintf(stderr, "lwip-tap: no order: %s", line);
		return;
	}
	LOCK_TCPIP_CORE();
	if (strcmp(word, "addr") == 0 && netif_add_ip6_address(&tap[n].netif, &a, &slot) == ERR_OK)
		netif_ip6_addr_set_state(&tap[n].netif, slot, IP6_ADDR_TENTATIVE);
	else if (strcmp(word, "ping") == 0)
		ping(&tap[n], &a, octets);
	UNLOCK_TCPIP_CORE();
}

int main(int argc, char **argv)
{
	static struct tap tap[TAPS_MAX];
	unsigned n = (unsigned)(argc - 1) / 2;
	char line[128];

	if (argc < 3 || argc % 2 != 1 || n > TAPS_MAX) {
		fprintf(stderr, "usage: lwip-tap TAP MAC [TAP MAC]\n");
		return 2;
	}
	tcpip_init(NULL, NULL);
	for (unsigned i = 0; i < n; i++)
		open_tap(&tap[i], argv[1 + 2 * i], argv[2 + 2 * i]);
	while (fgets(line, sizeof(line), stdin) != NULL)
		obey(tap, n, line);
	return 0;
}
