/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the seam share: who asks (seam.c), the sockets (seam_sock.c), and what is asked (seam_rpc.c).
 */
#ifndef INABA_HOST_SEAM_PART_H
#define INABA_HOST_SEAM_PART_H

#include "base/hash.h"
#include "base/list.h"
#include "host/end.h"
#include "host/seam.h"
#include "host/seam_ring.h"

#define SEAM_WAITS_MAX	8 /* threads that wait at one socket */
#define SEAM_CHUNK	65536
#define SEAM_ROUNDS_MAX 16 /* for one socket or client, before it is the others' turn */

enum seam_thing { SEAM_THING_CLIENT, SEAM_THING_SOCK };

struct seam_client {
	enum seam_thing thing; /* first: how seam_event() knows */
	struct seam *seam;
	int fd; /* -1: free */
	uint32_t n_socks;
	bool is_full; /* it reads no answers: asked for no more requests until it does */
};

/* What lies in the descriptor that the program has. */
enum seam_copy {
	COPY_NONE,
	COPY_THERE, /* of the next packet */
	COPY_STALE, /* of the packet that was fetched: the client takes it away */
};

struct seam_sock {
	enum seam_thing thing;
	struct seam_client *client;
	uint32_t id, pid; /* the node's number; of the program that opened it */
	int fd;		  /* of the pair, the node's */
	bool is_stream, listens;
	bool will_fill;	 /* SEAM_FILLED is to come: until then nobody looks at what is there */
	uint32_t filled; /* octets of a stream that are the client's, while it is not connected */
	bool in_over, out_over; /* of streams: the program's end, the peer's */
	bool connected;		/* it has been: a failure is no longer connect()'s */
	bool is_reset;		/* the program is to be told so */
	bool lingers;		/* the program has closed it: what it wrote is still to go */
	bool is_ready, is_gone;
	enum seam_copy copy;
	bool copy_of_error; /* an empty packet: that there is something to be asked */
	struct end end;
	struct seam_ring ring;
	struct end_waiter waiter;
	unsigned n_waits;
	struct {
		uint32_t id, events;
		bool whatever_error; /* one that was there before is none to it */
	} wait[SEAM_WAITS_MAX];
	struct list on, on_ready;
	struct hnode node;
	struct seam_sock *next_gone;
};

struct seam {
	struct node *node;
	int epoll_fd;
	uint32_t last_id, n_socks;
	uint32_t n_rings; /* sockets that have one */
	struct list socks, ready;
	struct htab by_id;
	struct seam_sock *gone; /* to be freed */
	struct seam_client client[SEAM_CLIENTS_MAX];
	struct seam_client nobody; /* whose streams outlive their client */
	_Alignas(16) uint8_t addr[SEAM_ADDR_MAX], control[SEAM_CONTROL_MAX];
	_Alignas(16) uint8_t out[SEAM_ADDR_MAX + SEAM_CONTROL_MAX + SEAM_DATA_MAX];
	uint8_t in[SEAM_MESSAGE_MAX], chunk[SEAM_CHUNK];
};

/* A request with what follows it, and its answer. */
struct seam_rpc {
	struct seam_client *cl;
	struct seam_req q;
	uint8_t *addr, *control, *data;
	struct seam_rsp r;
	uint8_t *out_addr, *out_control, *out_data;
	int fd; /* to be sent, and closed */
	bool later;
};

/* For struct iovec, what is only read. */
static inline void *seam_unconst(const void *p)
{
	void *ret;

	memcpy(&ret, &p, sizeof(ret));
	return ret;
}

/** seam_fd_has() - Does poll(2) tell any of @events of @fd, now? */
bool seam_fd_has(int fd, short events);

/** seam_answer() - @with: what follows it, and a descriptor; NULL: nothing. */
void seam_answer(struct seam_client *cl, const struct seam_rsp *r, const struct seam_rpc *with);

/** seam_request() - Do what @c asks for: c->r and what follows are its answer. */
void seam_request(struct seam_rpc *c);

/*
 * Sockets.
 */

/**
 * seam_sock_new() - A socket of @cl's, about @end, which is given.
 * @pid:	Of the program that has it.
 * @fd:		The program's end, to be sent to it and closed.
 *
 * Return: 0; -ENFILE, -ENOMEM or what the kernel said, with @end closed.
 */
int seam_sock_new(struct seam_client *cl, const struct end *end, uint32_t pid, bool is_stream,
		  int *fd, uint32_t *id);

/** seam_sock_gone() - Close it. Freed by seam_flush(): events of it may be under way. @tell: its client. */
void seam_sock_gone(struct seam_sock *s, bool tell);

/** seam_sock_by_id() - @cl's socket @id, or NULL. */
struct seam_sock *seam_sock_by_id(const struct seam_client *cl, uint32_t id);

/** seam_sock_mark() - Look at it in the next seam_flush(). */
void seam_sock_mark(struct seam_sock *s);

/** seam_sock_poll() - Events of poll(2) that hold in the node. */
unsigned seam_sock_poll(const struct seam_sock *s);

/** seam_sock_go_on() - Move what can be moved between the node and the program, and wake who waits. */
void seam_sock_go_on(struct seam_sock *s);

/** seam_sock_event() - epoll_wait(2) told @events of its descriptor. */
void seam_sock_event(struct seam_sock *s, uint32_t events);

/** seam_sock_take_packets() - What the program has written without a word to anybody. */
void seam_sock_take_packets(struct seam_sock *s);

/** seam_sock_look_at_copy() - Has the program read it, or the client taken it away? */
void seam_sock_look_at_copy(struct seam_sock *s);

/** seam_sock_take_copy() - Ask the client to take away what nobody will ask for. */
void seam_sock_take_copy(struct seam_sock *s);

/**
 * seam_sock_retire() - Close those whose program has ended, although epoll_wait(2) has yet to tell of it.
 * @but:	Not this one.
 */
void seam_sock_retire(struct seam *seam, const struct seam_sock *but);

#endif
