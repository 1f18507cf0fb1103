/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this folder share: the supervisor of a program and its descendants. */
#ifndef INABA_EXEC_PART_H
#define INABA_EXEC_PART_H

#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/hash.h"
#include "exec/shadow.h"
#include "host/seam.h"

#define CALLS_MAX 4096 /* threads that wait for an answer */
#define SWAPS_MAX 8    /* descriptors that are something else for a moment */
#define MSGS_MAX  64   /* of one sendmmsg(); the rest is for the next */

/* A socket of the node's, known by the inode of the descriptor that programs have of it. */
struct esock {
	struct hnode node;
	uint64_t inode;
	uint32_t id; /* the node's */
	int domain, type, protocol;
	time_ns rcvtimeo, sndtimeo; /* 0: for ever */
	bool cloexec;		    /* as it was made */
	pid_t ring_tid;		    /* who has mapped its ring, by which descriptor; 0: nobody */
	int ring_fd;
	bool listens;
	bool recverr; /* poll(2) is to tell POLLERR of it */
};

/*
 * A descriptor that is, while a thread maps it, the memory of a ring and not the socket. The thread's next
 * call says that it has.
 */
struct swapped {
	pid_t tid; /* 0: none */
	int fd;	   /* of the program's */
	int sock;  /* what is to be put back; ours */
	dev_t dev; /* what it is in the meantime */
	ino_t ino;
	bool cloexec;
};

struct call;
struct exec;

/* What follows an answer of the node's; @fd, or -1, is the callee's. */
struct answer {
	struct seam_rsp h;
	const uint8_t *addr, *control, *data;
	int fd;
};

typedef void after_fn(struct exec *e, struct call *c, struct answer *a);

/* A system call that waits: one for each thread at the most. */
struct call {
	struct hnode node, by_rpc; /* by tid, and while it waits for an answer */
	pid_t tid;
	uint64_t id; /* of the notification */
	int nr;
	uint64_t arg[6];
	struct esock *s;
	int fd;
	uint32_t rpc; /* the request that was sent last */
	after_fn *after;
	bool nonblock;
	uint32_t events; /* that are waited for, and then @retry */
	uint32_t ready;	 /* those of the last wait */
	void (*retry)(struct exec *e, struct call *c);
	time_ns deadline;
	unsigned done, n;  /* of several messages */
	uint64_t msg;	   /* where the present one's header is */
	struct msghdr hdr; /* as it is there; of recvfrom(): made up */
	int flags;
	struct polling *polling; /* of poll(2) */
};

struct exec {
	int notify, seam, epoll, signals;
	pid_t program; /* 0: it has ended */
	int status_to;
	bool is_over; /* nobody is left to call */
	uint32_t last_rpc;
	struct swapped swapped[SWAPS_MAX];
	struct htab calls, socks;    /* struct call by tid, struct esock by inode */
	struct htab rpcs;	     /* struct call by rpc */
	unsigned n_timed, n_recverr; /* calls with a deadline; sockets */
	struct seccomp_notif *req;
	struct seccomp_notif_resp *rsp;
	size_t req_octets, rsp_octets;
	struct shadow shadow;
	uint8_t in[SEAM_MESSAGE_MAX], out[SEAM_MESSAGE_MAX];
};

/* supervise.c */

/**
 * supervise() - Serve until nobody is left who might call.
 * @program:	A child whose status of wait(2) is written to @status_to.
 */
void supervise(int notify, int seam, pid_t program, int status_to);

/** call_end() - The call returns @rc, or fails with a negative errno; @c is gone. */
void call_end(struct exec *e, struct call *c, int64_t rc);

/** call_pass() - The kernel does it itself; @c is gone. */
void call_pass(struct exec *e, struct call *c);

/** call_fd() - The call returns a new descriptor of @fd, which is closed here; @c is gone. */
void call_fd(struct exec *e, struct call *c, int fd, bool cloexec);

/** call_fd_high() - The same with a number by which the filter knows files that are written. */
void call_fd_high(struct exec *e, struct call *c, int fd, bool cloexec);

/** ask() - Send a request; @after is called with the answer. */
void ask(struct exec *e, struct call *c, const struct seam_req *q, const void *addr,
	 const void *control, const void *data, after_fn *after);

/** wait_for() - @retry when the socket has one of @events, or -EAGAIN when that lasts too long. */
void wait_for(struct exec *e, struct call *c, uint32_t events,
	      void (*retry)(struct exec *e, struct call *c));

/** call_replace() - The program's descriptor @number is @fd from now on, which stays ours. */
int call_replace(const struct exec *e, const struct call *c, int fd, int number, bool cloexec);

/** esock_of() - The node's socket that a descriptor is, or NULL. */
struct esock *esock_of(struct exec *e, pid_t tid, int fd);

/** esock_add() - A new socket, whose descriptor at the program's end is @fd. NULL: no memory. */
struct esock *esock_add(struct exec *e, int fd, uint32_t id);

/** wait_until() - @c is in milliseconds() from now on; @deadline 0: no more. */
void wait_until(struct exec *e, struct call *c, time_ns deadline);

/** still_there() - Or has a signal ended it? */
bool still_there(const struct exec *e, const struct call *c);

/** set_recverr() - poll(2) is to tell of the errors of @s, or no more. */
void set_recverr(struct exec *e, struct esock *s, bool on);

time_ns now_ns(void);

/* calls.c, calls_msg.c, calls_poll.c, elf.c */

/** call_begin() - A call has come in: pass it on, answer it, or ask. */
void call_begin(struct exec *e, struct call *c);

/** is_nonblocking() - Is its descriptor one that must not wait? */
bool is_nonblocking(const struct call *c);

/** take_copy_away() - Of what was fetched: it lies where poll(2) looks. */
void take_copy_away(const struct call *c, const struct answer *a);

/** begin_file() - A call that names files, or writes into one (files.c). Return: false: it is none. */
bool begin_file(struct exec *e, struct call *c);

/* ring.c */

/** begin_mmap() - Of a shared file; perhaps a packet socket's ring. */
void begin_mmap(struct exec *e, struct call *c);

/** put_back() - A thread calls: what it has mapped is a socket again. */
void put_back(struct exec *e, const struct call *c);

void begin_sendmsg(struct exec *e, struct call *c);
void begin_recvmsg(struct exec *e, struct call *c);

/** begin_poll() - Pass it on, unless a socket's errors are to be told. */
void begin_poll(struct exec *e, struct call *c);

/** poll_again() - Something has happened at a descriptor that a poll(2) is about. */
void poll_again(struct exec *e, struct call *c);

/** polling_fd() - What is watched for it. */
int polling_fd(const struct call *c);

/** poll_done() - Give back what it holds. */
void poll_done(struct call *c);

/** begin_execve() - Refuse a program of another architecture with a sentence. */
void begin_execve(struct exec *e, struct call *c);

#endif
