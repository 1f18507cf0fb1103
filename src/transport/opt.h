/* SPDX-License-Identifier: BSD-3-Clause */
/* Socket options by level; what each does is where it is used. */
#ifndef INABA_TRANSPORT_OPT_H
#define INABA_TRANSPORT_OPT_H

#include "base/bpf.h"
#include "transport/part.h"

/* An option that is a yes or no: where it is kept. */
struct opt_flag {
	int name;
	uint16_t off; /* of the bool in struct sock_opts */
	bool strict;  /* only 0 and 1 are taken */
};

#define OPT_FLAG(name, field)                                                                      \
	{                                                                                          \
		name, offsetof(struct sock_opts, field), false                                     \
	}
#define OPT_FLAG_STRICT(name, field)                                                               \
	{                                                                                          \
		name, offsetof(struct sock_opts, field), true                                      \
	}

/** opt_flag_find() - NULL: none of them. */
const struct opt_flag *opt_flag_find(const struct opt_flag *table, size_t n, int name);

/** opt_mut() - To change what opt_own() has made the socket's own. */
static inline struct sock_opts *opt_mut(struct sock *s)
{
	ASSERT(s->opt->refs == 1);
	return (struct sock_opts *)s->opt;
}

static inline bool opt_flag_get(const struct sock *s, const struct opt_flag *f)
{
	return *(const bool *)((const char *)s->opt + f->off);
}

static inline void opt_flag_set(struct sock *s, const struct opt_flag *f, bool v)
{
	*(bool *)((char *)opt_mut(s) + f->off) = v;
}

/** opt_int() - Return: 0, or -EINVAL if it is too short for an int. */
int opt_int(const void *val, socklen_t len, int *ret);

/** opt_put() - What getsockopt() tells, cut to @len, which is set. Return: 0, -EINVAL. */
int opt_put(void *val, socklen_t *len, const void *from, size_t n);
int opt_put_int(void *val, socklen_t *len, int v);

int ip6_setsockopt(struct sock *s, int name, const void *val, socklen_t len);
int ip6_getsockopt(struct sock *s, int name, void *val, socklen_t *len);

/** opt_buffer() - What is given to who asks for a buffer: twice of it, and of @most at the most; at least @least. */
int opt_buffer(int asked, int most, int least);

/**
 * opt_filter() - SO_ATTACH_FILTER (a struct sock_fprog), SO_DETACH_FILTER, SO_LOCK_FILTER.
 * Return: 0; -EINVAL, -EPERM: it is locked, -ENOENT: there is none, -ENOMEM.
 */
int opt_filter(struct bpf **filter, bool *locked, int name, const void *val, socklen_t len);

int ip4_setsockopt(struct sock *s, int name, const void *val, socklen_t len);
int ip4_getsockopt(struct sock *s, int name, void *val, socklen_t *len);

/**
 * opt_share() - What a new socket has: the same for all, until one of them asks for something else.
 * Return: to be given back with opt_release(); NULL: no memory.
 */
const struct sock_opts *opt_share(struct socks *socks);

/** opt_own() - Options of @s alone, which may be changed. Return: 0, -ENOMEM. */
int opt_own(struct sock *s);

/** opt_release() - @opt has one user less; NULL is allowed. */
void opt_release(const struct sock_opts *opt);

#endif
