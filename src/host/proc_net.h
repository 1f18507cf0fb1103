/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of /proc/net, of a node, in the very columns that proc(5) has them: what netstat(8), FRR, radvd,
 * getifaddrs() of old and many scripts read. What the node does not count is left out where lines have
 * names, and 0 where columns have places.
 */
#ifndef INABA_HOST_PROC_NET_H
#define INABA_HOST_PROC_NET_H

#include "host/text.h"
#include "node/node.h"

/**
 * proc_net() - The contents of a file.
 * @name:	Below /proc/net: "tcp6", "dev_snmp6/eth0".
 *
 * Return: 0; -ENOENT; -EISDIR; -EOPNOTSUPP: the machine's is right.
 */
int proc_net(const struct node *n, const char *name, struct text *t);

/** proc_net_what() - Only whether it is there: the same without contents. */
int proc_net_what(const struct node *n, const char *name);

/** proc_net_list() - Call @fn for each name in a directory, "" or "dev_snmp6". Return: 0, -ENOENT. */
int proc_net_list(const struct node *n, const char *name,
		  void (*fn)(void *ctx, const char *name, bool is_dir), void *ctx);

/* proc_if.c */
void proc_dev(const struct node *n, struct text *t);
void proc_if_inet6(const struct node *n, struct text *t);
void proc_ipv6_route(const struct node *n, struct text *t);
void proc_rt6_stats(const struct node *n, struct text *t);
void proc_igmp6(const struct node *n, struct text *t);
void proc_mcfilter6(const struct node *n, struct text *t);
void proc_anycast6(const struct node *n, struct text *t);
void proc_snmp6(const struct node *n, struct text *t);
void proc_dev_snmp6(const struct node *n, const struct iface *ifc, struct text *t);

/* proc_ip4.c */
void proc_arp(const struct node *n, struct text *t);
void proc_route(const struct node *n, struct text *t);

/* proc_mroute.c */
void proc_ip6_mr_vif(const struct node *n, struct text *t);
void proc_ip6_mr_cache(const struct node *n, struct text *t);

/* proc_sock.c */
void proc_tcp6(const struct node *n, struct text *t);
void proc_udp6(const struct node *n, struct text *t);
void proc_raw6(const struct node *n, struct text *t);
void proc_icmp6(const struct node *n, struct text *t);
void proc_tcp(const struct node *n, struct text *t);
void proc_udp(const struct node *n, struct text *t);
void proc_icmp(const struct node *n, struct text *t);
void proc_raw(const struct node *n, struct text *t);
void proc_sockstat(const struct node *n, struct text *t);
void proc_sockstat6(const struct node *n, struct text *t);
void proc_snmp(const struct node *n, struct text *t);
void proc_netlink(const struct node *n, struct text *t);
void proc_packet(const struct node *n, struct text *t);

#endif
