/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a packet was refused: the one list. Each reason has a name (shown to users as it stands),
 * a counter per node, and a sentence. A discard without a reason does not exist.
 */
#ifndef INABA_BASE_DROP_H
#define INABA_BASE_DROP_H

#include <stdbool.h>

/* X(NAME, "sentence") */
#define DROP_REASONS(X)                                                                            \
	/* the node and its links */                                                               \
	X(NO_BUFFER, "the packet pool is at its limit")                                            \
	X(QUEUE_FULL, "the interface's transmit queue is full")                                    \
	X(IF_DOWN, "the interface is down")                                                        \
	X(IF_DISABLED,                                                                             \
	  "its link-local address is another's: IP is off there (RFC 4862 section 5.4.5)")         \
	X(LINK_SHORT, "frame shorter than its link header")                                        \
	X(LINK_OTHER_HOST, "frame for another station")                                            \
	X(LINK_TYPE, "frame of a protocol that nobody here takes")                                 \
	X(LINK_TOO_BIG, "frame larger than the link's MTU")                                        \
	X(LINK_BAD_SOURCE, "frame from a multicast link-layer address")                            \
	X(WIRE_LOST, "lost on the simulated wire")                                                 \
	X(WIRE_PARTED, "the simulated wire is parted")                                             \
	X(WIRE_FULL, "the simulated wire's queue is full")                                         \
	/* neighbour cache */                                                                      \
	X(NEIGH_UNREACH, "no answer to address resolution")                                        \
	X(NEIGH_QUEUE_FULL, "too many packets wait for this neighbour: the oldest goes")           \
	X(NEIGH_TABLE_FULL, "the neighbour cache is full of entries in use")                       \
	X(NEIGH_GONE, "the neighbour entry went away while packets waited")                        \
	/* IPv6 header */                                                                          \
	X(IP6_SHORT, "shorter than an IPv6 header")                                                \
	X(IP6_VERSION, "version is not 6")                                                         \
	X(IP6_LEN, "payload length larger than the frame")                                         \
	X(IP6_SRC_MCAST, "source is a multicast address")                                          \
	X(IP6_SRC_LOOPBACK, "source is the loopback address, from outside")                        \
	X(IP6_DST_LOOPBACK, "destination is the loopback address, from outside")                   \
	X(IP6_DST_UNSPEC, "destination is the unspecified address")                                \
	X(IP6_DST_MCAST_SCOPE,                                                                     \
	  "destination is a multicast address of interface-local or reserved scope")               \
	X(IP6_DST_TENTATIVE, "destination is a tentative address of ours")                         \
	X(IP6_NOT_OURS, "for another node, and this one does not forward")                         \
	X(IP6_MCAST_NOT_JOINED, "for a multicast group that nobody here joined")                   \
	X(IP6_MCAST_SOURCE, "for a multicast group, from a source that nobody here listens to")    \
	X(IP6_LINK_UNICAST, "link-layer multicast that carries a unicast packet to forward")       \
	X(IP6_HOP_LIMIT, "hop limit exhausted")                                                    \
	X(IP6_NO_ROUTE, "no route to the destination")                                             \
	X(IP6_PROHIBIT, "a route or rule forbids the destination")                                 \
	X(IP6_BLACKHOLE, "a blackhole route or rule")                                              \
	X(IP6_SCOPE, "would leave the zone of its source or destination (RFC 4007)")               \
	X(IP6_SRC_UNSPEC, "source is the unspecified address and may not be forwarded")            \
	X(IP6_PROXY_LINK_LOCAL,                                                                    \
	  "to a link-local address that we only answer for: it stays on its link")                 \
	X(IP6_SRC_INVALIDATED, "source is of a prefix that is advertised no more (RFC 7084 L-14)") \
	X(IP6_TOO_BIG, "larger than the MTU of the next link")                                     \
	X(IP6_NO_SOURCE, "no usable source address")                                               \
	X(IP6_SRC_GONE, "its source address is taken by another node or went away")                \
	X(IP6_SRC_WAITS, "too many packets wait for this optimistic source: the oldest goes")      \
	X(IP6_NEXT_HEADER, "unknown next header")                                                  \
	X(IP6_NO_NEXT_HEADER, "no next header (59): nothing to deliver")                           \
	X(IP6_PORT_UNREACH, "no socket takes it")                                                  \
	X(IP6_SELF_GONE, "sent to an address of our own that went away meanwhile")                 \
	/* multicast routing */                                                                    \
	X(MROUTE_NO_ROUTE, "no route for this multicast group")                                    \
	X(MROUTE_WRONG_IF, "multicast packet not by the interface that its route expects")         \
	X(MROUTE_NO_OIF, "a multicast route that leads nowhere")                                   \
	X(MROUTE_THRESHOLD, "hop limit below the threshold of every interface of the route")       \
	X(MROUTE_UNRESOLVED, "nobody said in time where this multicast packet goes")               \
	X(MROUTE_UNRESOLVED_FULL, "too many multicast routes are asked for: the oldest goes")      \
	X(MROUTE_QUEUE_FULL, "too many packets wait for this multicast route: the oldest goes")    \
	X(MROUTE_UPCALLS_FULL, "nobody takes the questions for multicast routes")                  \
	/* extension headers and options */                                                        \
	X(EXT_SHORT, "extension header runs past the packet")                                      \
	X(EXT_HBH_PLACE, "hop-by-hop header not first (RFC 8200 section 4.3)")                     \
	X(EXT_TOO_MANY, "more extension headers than the limit (RFC 8504 section 5.3)")            \
	X(EXT_CHAIN_LONG, "header chain longer than the limit")                                    \
	X(OPT_SHORT, "option runs past its header")                                                \
	X(OPT_UNKNOWN, "unknown option that says discard (01)")                                    \
	X(OPT_UNKNOWN_ICMP, "unknown option that says discard and report (10)")                    \
	X(OPT_UNKNOWN_UCAST, "unknown option that says discard, report unless multicast (11)")     \
	X(OPT_TOO_MANY, "more options than the limit (RFC 8504 section 5.3)")                      \
	X(OPT_PAD, "padding of more than seven octets, or not zero (RFC 8504 section 5.3)")        \
	X(OPT_JUMBO, "jumbo payload option: jumbograms are not taken (RFC 2675)")                  \
	X(OPT_ROUTER_ALERT, "router alert of a wrong length")                                      \
	X(RH_TYPE, "routing header of an unknown type with segments left")                         \
	X(RH_TYPE0, "routing header type 0 is refused (RFC 5095)")                                 \
	/* fragments */                                                                            \
	X(FRAG_SHORT, "fragment header runs past the packet")                                      \
	X(FRAG_LEN, "fragment length not a multiple of eight (RFC 8200 section 4.5)")              \
	X(FRAG_TOO_BIG, "reassembled packet larger than 65,535 octets (RFC 8200 section 4.5)")     \
	X(FRAG_OVERLAP, "overlapping fragments: the datagram is dropped (RFC 5722)")               \
	X(FRAG_TIMEOUT, "reassembly timed out")                                                    \
	X(FRAG_FULL, "reassembly memory is full: the oldest datagram goes")                        \
	X(FRAG_SOURCE_FULL, "too many datagrams of one source wait for reassembly")                \
	X(FRAG_FIRST_CHAIN, "first fragment lacks part of the header chain (RFC 7112)")            \
	X(FRAG_LAST, "fragments disagree on the datagram's end")                                   \
	X(FRAG_TINY, "fragment without data")                                                      \
	X(FRAG_ND, "fragmented Neighbor Discovery message (RFC 6980)")                             \
	X(FRAG_DUPLICATE, "exact duplicate of a fragment that is held")                            \
	X(FRAG_PIECES, "datagram in more pieces than the limit")                                   \
	X(FRAG_ECN, "fragments with and without ECN, one of them marked (RFC 3168 section 5.3)")   \
	/* ICMPv6 */                                                                               \
	X(ICMP6_SHORT, "ICMPv6 message shorter than its format")                                   \
	X(ICMP6_CSUM, "wrong ICMPv6 checksum")                                                     \
	X(ICMP6_TYPE, "unknown informational ICMPv6 type")                                         \
	X(ICMP6_ERROR_UNKNOWN, "ICMPv6 error of an unknown type, and nobody to tell")              \
	X(ICMP6_ERROR_FORGED, "ICMPv6 error that quotes nothing we sent")                          \
	X(ICMP6_ERROR_DONE, "ICMPv6 error, acted on")                                              \
	X(ICMP6_RATE, "ICMPv6 error not sent: rate limit (RFC 4443 section 2.4 (f))")              \
	X(ICMP6_PTB_SMALL, "Packet Too Big with an MTU below 1280 (RFC 8201 section 4)")           \
	X(ICMP6_ECHO_MCAST, "echo request to a multicast group: answering is turned off")          \
	X(ICMP6_ECHO_NOBODY, "echo reply that nobody waits for")                                   \
	/* UDP */                                                                                  \
	X(UDP_SHORT, "UDP packet shorter than its header")                                         \
	X(UDP_CSUM, "wrong UDP checksum, or none (RFC 8200 section 8.1)")                          \
	/* sockets */                                                                              \
	X(SOCK_FULL, "the socket's receive buffer is full")                                        \
	X(SOCK_FILTER, "the filter that a program attached to the socket refused it")              \
	X(PACKET_FULL, "a packet socket's receive buffer is full: its copy goes")                  \
	X(SOCK_CSUM, "wrong checksum where a raw socket has it checked (RFC 3542 section 3.1)")    \
	X(SOCK_HOPS, "hop limit below the least that the socket takes (RFC 5082)")                 \
	/* TCP */                                                                                  \
	X(TCP_SHORT, "TCP segment shorter than its header")                                        \
	X(TCP_CSUM, "wrong TCP checksum")                                                          \
	X(TCP_OPT, "TCP option of a wrong length (RFC 9293 section 3.1)")                          \
	X(TCP_ADDRESS, "TCP segment from or to an address that names no one node")                 \
	X(TCP_NOBODY, "TCP segment for no connection, and nobody listens: reset")                  \
	X(TCP_LISTEN_ACK, "TCP acknowledgment to a listener, of nothing that it sent: reset")      \
	X(TCP_NO_SYN, "TCP segment that should open a connection has no SYN")                      \
	X(TCP_BACKLOG, "too many TCP connections wait to be accepted")                             \
	X(TCP_TABLE_FULL, "no room for one more TCP connection")                                   \
	X(TCP_RST, "TCP reset of a wrong number (RFC 5961 section 3)")                             \
	X(TCP_ACK_UNSENT, "TCP acknowledgment of what was never sent")                             \
	X(TCP_ACK_OLD, "TCP acknowledgment of long ago (RFC 5961 section 5)")                      \
	X(TCP_NO_ACK, "TCP segment of a connection without an acknowledgment")                     \
	X(TCP_SEQ, "TCP segment outside of the window")                                            \
	X(TCP_SYN, "SYN on a TCP connection that stands (RFC 5961 section 4)")                     \
	X(TCP_NO_TS, "TCP segment without the timestamp agreed on (RFC 7323 section 3.2)")         \
	X(TCP_PAWS, "TCP segment with a timestamp of the past (RFC 7323 section 5)")               \
	X(TCP_CLOSED, "TCP data for a connection that its owner has closed: reset")                \
	X(TCP_MEMORY, "no memory for the text of a TCP segment")                                   \
	X(TCP_CHALLENGE, "TCP challenge ACK not sent: rate limit (RFC 5961 section 7)")            \
	/* the resolver */                                                                         \
	X(DNS_NOBODY, "DNS response to a query's port, but not from where it was asked")           \
	X(DNS_OTHER, "DNS response to another question (RFC 5452 section 9.1)")                    \
	X(DNS_BAD, "no DNS response, or a broken one")                                             \
	X(DNS_DONE, "DNS response, acted on")                                                      \
	/* Neighbor Discovery: RFC 4861 sections 6.1, 7.1, 8.1 */                                  \
	X(ND_HOP_LIMIT, "ND message with a hop limit other than 255")                              \
	X(ND_CODE, "ND message with a code other than 0")                                          \
	X(ND_SHORT, "ND message shorter than its format")                                          \
	X(ND_OPT_SHORT, "ND option shorter than its header")                                       \
	X(ND_OPT_ZERO, "ND option of length zero")                                                 \
	X(ND_OPT_OVERRUN, "ND option runs past the message")                                       \
	X(ND_OPT_BAD, "ND option of a wrong length for its type")                                  \
	X(ND_OPT_MANY, "more ND options than the limit")                                           \
	X(ND_TARGET_MCAST, "ND target is a multicast address")                                     \
	X(ND_DAD_DST, "solicitation from :: not to a solicited-node address")                      \
	X(ND_DAD_SLLAO, "solicitation from :: with a source link-layer address")                   \
	X(ND_NA_SOLICITED, "multicast advertisement that says solicited")                          \
	X(ND_SRC_NOT_LL, "router advertisement or redirect not from a link-local address")         \
	X(ND_RS_SLLAO, "router solicitation from :: with a source link-layer address")             \
	X(ND_NOT_ROUTER, "router solicitation to a host")                                          \
	X(ND_NOT_HOST, "router advertisement or redirect to a router that takes none")             \
	X(ND_NOT_OURS, "solicitation for an address that is not ours")                             \
	X(ND_TENTATIVE, "solicitation for a tentative address of ours")                            \
	X(ND_NO_ENTRY, "advertisement for a neighbour that is not in the cache")                   \
	X(ND_NO_LLADDR, "advertisement without the link-layer address that it should bring")       \
	X(ND_OWN_DAD, "our own DAD probe, looped back (RFC 7527)")                                 \
	X(ND_REDIRECT_ROUTER, "redirect not from the present first hop")                           \
	X(ND_REDIRECT_TARGET, "redirect to a target neither link-local nor the destination")       \
	X(ND_REDIRECT_DST, "redirect of a multicast destination")                                  \
	X(ND_DONE, "ND message, acted on")                                                         \
	/* IPv4 header */                                                                          \
	X(IP4_SHORT, "shorter than an IPv4 header")                                                \
	X(IP4_VERSION, "version is not 4")                                                         \
	X(IP4_HDR_LEN, "header length under five words, or larger than the packet")                \
	X(IP4_LEN, "total length smaller than the header or larger than the frame")                \
	X(IP4_CSUM, "IPv4 header checksum is wrong")                                               \
	X(IP4_OPTION, "an option of the IPv4 header is malformed")                                 \
	X(IP4_SOURCE_ROUTE, "a source route: nobody here follows one (RFC 7126 section 4.3)")      \
	X(IP4_SRC, "source is a multicast, broadcast or reserved IPv4 address")                    \
	X(IP4_SRC_OWN, "source is an IPv4 address of ours, from outside")                          \
	X(IP4_DST, "destination is a reserved IPv4 address")                                       \
	X(IP4_LOOPBACK, "127.0.0.0/8, from outside or on its way there")                           \
	X(IP4_LINK_UNICAST, "link-layer broadcast that carries an IPv4 unicast packet")            \
	X(IP4_NOT_OURS, "for another IPv4 node, and this one does not forward")                    \
	X(IP4_MCAST_NOT_JOINED, "for an IPv4 multicast group that nobody here joined")             \
	X(IP4_TTL, "time to live exhausted")                                                       \
	X(IP4_NO_ROUTE, "no route to the IPv4 destination")                                        \
	X(IP4_SCOPE, "169.254.0.0/16 stays on its link (RFC 3927 section 7)")                      \
	X(IP4_BROADCAST, "a broadcast for another link (RFC 2644)")                                \
	X(IP4_DONT_FRAGMENT, "larger than the MTU of the next link, and not to be fragmented")     \
	X(IP4_FRAG_LEN, "an IPv4 fragment whose length is no multiple of eight, or none")          \
	X(IP4_PROTOCOL, "unknown protocol over IPv4")                                              \
	X(IP6_MAPPED, "IPv4-mapped address in an IPv6 header (RFC 4942 section 2.2)")              \
	/* tunnels */                                                                              \
	X(TUNNEL_LOOP, "into a tunnel that its way leads through, or whose ends are one node")     \
	X(TUNNEL_NESTED, "into more tunnels of this node, one in the other, than there may be")    \
	X(TUNNEL_LIMIT, "its Tunnel Encapsulation Limit is used up (RFC 2473 section 4.1.1)")      \
	X(TUNNEL_PROTO, "into a tunnel that does not carry this protocol")                         \
	X(TUNNEL_ENTRY, "into a tunnel whose own address this node does not have")                 \
	X(TUNNEL_NO_WAY, "into a tunnel to whose exit there is no way")                            \
	X(TUNNEL_ECN, "marked as congested in a tunnel, but no user of ECN (RFC 6040)")            \
	X(TUNNEL_ND, "Neighbor Discovery or MLD through a tunnel, which has no need of it")        \
	X(TUNNEL_ERROR, "an error about a tunnel that is of no use to who sent through it")        \
	X(TUNNEL_TOLD, "an error about a tunnel, passed on to who sent through it")                \
	/* ICMP and ARP */                                                                         \
	X(ICMP4_SHORT, "ICMP message shorter than its format")                                     \
	X(ICMP4_CSUM, "ICMP checksum is wrong")                                                    \
	X(ICMP4_TYPE, "ICMP message of a type that is not taken")                                  \
	X(ICMP4_ECHO_BROADCAST, "echo request to many: not answered")                              \
	X(ICMP4_QUOTE, "ICMP error that quotes no packet of ours")                                 \
	X(ARP_SHORT, "ARP message shorter than its format")                                        \
	X(ARP_FORMAT, "ARP message not of IPv4 over Ethernet")                                     \
	X(ARP_SENDER, "ARP message whose sender is no station")                                    \
	X(ARP_CONFLICT, "another station uses an IPv4 address of ours (RFC 5227)")                 \
	X(ARP_NOT_OURS, "ARP message about an address that is not ours")                           \
	X(ARP_NO_ENTRY, "ARP reply that nobody asked for")                                         \
	X(ARP_DONE, "ARP message, acted on")                                                       \
	/* MLD */                                                                                  \
	X(MLD_SHORT, "MLD message shorter than its format")                                        \
	X(MLD_HOP_LIMIT, "MLD message with a hop limit other than 1")                              \
	X(MLD_SRC, "MLD message not from a link-local address")                                    \
	X(MLD_NO_ALERT, "MLD message without router alert (RFC 3810 section 5)")                   \
	X(MLD_GROUP, "MLD message about an address that is no multicast group")                    \
	X(MLD_REPORT, "MLD report: nobody here collects them")                                     \
	X(MLD_VERSION, "MLDv1 message, and only MLDv2 is taken here")                              \
	X(MLD_DST, "MLDv2 report not to all MLDv2 routers (RFC 3810 section 5.2.14)")              \
	X(MLD_FULL, "MLD report: no room for its groups or sources")                               \
	X(MLD_DONE, "MLD message, acted on")

#define DROP_ENUM(name, text) DROP_##name,
enum drop { DROP_NONE, DROP_REASONS(DROP_ENUM) DROP_NUM };
#undef DROP_ENUM

/** drop_name() - Name for users, as in "IP6_NO_ROUTE". */
const char *drop_name(enum drop d);

/** drop_text() - The reason in words. */
const char *drop_text(enum drop d);

/** drop_is_refusal() - False for the reasons that end a message which was taken and acted on. */
bool drop_is_refusal(enum drop d);

#endif
