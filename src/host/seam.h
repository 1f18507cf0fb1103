/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the sockets of a node reach programs of other processes ("inaba exec").
 *
 * A client of the control socket that sends the line "seam" is given a SOCK_SEQPACKET descriptor, on
 * which it sends requests, struct seam_req and what follows it, and receives answers, struct
 * seam_rsp and what follows it. All are answered at once but SEAM_WAIT: what would block is -EAGAIN or
 * -EINPROGRESS. An answer with a descriptor is that of a new socket, which the program gets in place
 * of one of the kernel's:
 *
 * - Streams: what the program reads and writes there is the connection's data, and its end is the
 *   connection's. Nobody is asked for it. So that poll(2) does not call one writable while
 *   connect(2) goes on, the client fills it, and the node throws that away when the outcome is known.
 * - All else is packets, one each. What can be received lies in the descriptor as a copy of the
 *   next packet's data, so that poll(2) and read(2) do what they should; the packet itself waits in the
 *   node's socket until SEAM_RECVMSG fetches it with address and ancillary data, or the copy is
 *   gone because the program has read it. After SEAM_RECVMSG without MSG_PEEK it is the client who
 *   takes the copy away.
 *
 * - Of a packet socket with a ring an empty packet lies there while the program has not seen all
 *   that is in the ring. It does not read it, so an answer with the id 0 and SEAM_TAKE_COPY asks the client to.
 *
 * When the program, and whoever has inherited the descriptor, has closed it, the socket is gone
 * and an answer with the id 0 and SEAM_GONE says so.
 */
#ifndef INABA_HOST_SEAM_H
#define INABA_HOST_SEAM_H

#include "node/node.h"

#define SEAM_CLIENTS_MAX 16
#define SEAM_SOCKS_MAX	 1024	/* of all clients */
#define SEAM_SHARE_MAX	 512	/* of one client, so that there are some for others */
#define SEAM_LINGER_MAX	 256	/* streams whose client has gone, and that still have to send */
#define SEAM_MESSAGE_MAX 131072 /* octets of a request or an answer, all told */
#define SEAM_DATA_MAX	 66560
#define SEAM_CONTROL_MAX 16384
#define SEAM_ADDR_MAX	 128
#define SEAM_WAITING_MAX 1024 /* requests that wait for something to happen */

#define SEAM_FILE_NAME	   "inaba:" /* memfd_create(2) of a file, and its path behind */
#define SEAM_FILE_NAME_MAX 240

enum seam_op {
	SEAM_SOCKET, /* a: family, b: type, c: protocol, flags: the program's pid; answer: the descriptor, sock */
	SEAM_BIND,    /* addr */
	SEAM_CONNECT, /* addr; flags: not 0 if SEAM_FILLED follows, should it be -EINPROGRESS */
	SEAM_LISTEN,  /* a: backlog */
	SEAM_ACCEPT,  /* answer: the descriptor, sock, addr */
	SEAM_GETSOCKNAME,
	SEAM_GETPEERNAME,
	SEAM_SETSOCKOPT, /* a: level, b: name, data; of SO_ATTACH_FILTER: struct sock_filter[] */
	SEAM_GETSOCKOPT, /* a: level, b: name, c: room, data: what lies there, if that matters;
			    answer: data, flags: octets that there are */
	SEAM_SENDMSG,	 /* flags, addr, control, data; answer: rc octets */
	SEAM_RECVMSG,	 /* flags, a: room for the address, b: for control, c: for data */
	SEAM_SHUTDOWN,	 /* a: how */
	SEAM_IOCTL, /* a: SIOC..., b: family of the socket, data: its argument; answer: the argument */
	SEAM_FILLED, /* a: octets that the client has put into a stream that is not connected yet */
	SEAM_WAIT,   /* a: events of poll(2); answered when one of them holds: rc */
	SEAM_FILE, /* data: a path; a: are its contents wanted? answer: flags: enum seam_file_what. With
		      a, of a file: a sealed descriptor that has them; of a directory: data, its names */
	SEAM_RING,   /* answer: the descriptor of the memory that PACKET_RX_RING asked for */
	SEAM_CANCEL, /* a: the id of a SEAM_WAIT that is not to be answered; no answer */
	SEAM_WRITE,  /* data: a path, NUL, what a program has written into that file */
	SEAM_POLL,   /* answer: rc, events of poll(2), now */
	SEAM_OPS
};

struct seam_req {
	uint32_t id, op, sock, flags;
	uint32_t a, b, c;
	uint32_t addr_len, control_len, data_len; /* what follows, in this order */
};

struct seam_rsp {
	uint32_t id;
	int32_t rc;	/* not negative, or a negative errno */
	uint32_t sock;	/* of a new one */
	uint32_t copy;	/* is there a copy to be taken away? */
	uint32_t flags; /* msg_flags, or octets of an option */
	uint32_t addr_len, control_len, data_len;
};

/* rc of an answer that nobody asked for: its id is 0 */
#define SEAM_GONE      0 /* the socket */
#define SEAM_TAKE_COPY 1

struct seam;

/** seam_new() - Serve sockets of @n. @epoll_fd: as for control_new(). Return: NULL: no memory. */
struct seam *seam_new(struct node *n, int epoll_fd);
void seam_free(struct seam *s);

/** seam_client() - A new client. Return: its descriptor, to be sent to it; -EMFILE, -errno. */
int seam_client(struct seam *s);

/** seam_event() - Likewise as control_event(). */
bool seam_event(struct seam *s, void *what, uint32_t events);

/** seam_flush() - After a step of the node: what has arrived for programs. */
void seam_flush(struct seam *s);

/** seam_patience() - When seam_flush() is to be called although nothing happens, in ms; -1: never. */
int seam_patience(const struct seam *s);

/** seam_has_work() - Is seam_flush() to be called again before anything else happens? */
bool seam_has_work(const struct seam *s);

#endif
