/* SPDX-License-Identifier: BSD-3-Clause */
/* The way of an option to who knows it, and those of SOL_SOCKET, which all sockets have. */
#include "transport/opt.h"

#include <stdlib.h>

static const struct opt_flag flags[] = {
	OPT_FLAG(SO_REUSEADDR, reuseaddr), OPT_FLAG(SO_REUSEPORT, reuseport),
	OPT_FLAG(SO_BROADCAST, broadcast), OPT_FLAG(SO_KEEPALIVE, keepalive),
	OPT_FLAG(SO_DONTROUTE, dontroute),
};

const struct opt_flag *opt_flag_find(const struct opt_flag *table, size_t n, int name)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].name == name)
			return &table[i];
	return NULL;
}

int opt_int(const void *val, socklen_t len, int *ret)
{
	if (len < sizeof(*ret))
		return -EINVAL;
	memcpy(ret, val, sizeof(*ret));
	return 0;
}

int opt_put(void *val, socklen_t *len, const void *from, size_t n)
{
	if ((int)*len < 0)
		return -EINVAL;
	*len = (socklen_t)MIN(*len, n);
	if (*len != 0)
		memcpy(val, from, *len);
	return 0;
}

int opt_put_int(void *val, socklen_t *len, int v)
{
	return opt_put(val, len, &v, sizeof(v));
}

static struct sock_opts *opt_new(const struct sock_conf *conf)
{
	struct sock_opts *opt = malloc(sizeof(*opt));

	if (opt == NULL)
		return NULL;
	*opt = (struct sock_opts){ .refs = 1,
				   .v6only = conf->v6only,
				   .mcast_loop = true,
				   .mcast_all = true,
				   .rcvbuf = conf->rcvbuf,
				   .sndbuf = conf->sndbuf,
				   .rcvlowat = 1,
				   .hops = -1,
				   .mcast_hops = 1, /* RFC 3493 section 5.2 */
				   .mtu_discover = IPV6_PMTUDISC_WANT,
				   .ip4 = { .ttl = -1,
					    .mcast_ttl = 1, /* RFC 1112 section 6.1 */
					    .mcast_loop = true,
					    .mcast_all = true,
					    .mtu_discover = IP_PMTUDISC_WANT },
				   .csum_off = -1 };
	return opt;
}

const struct sock_opts *opt_share(struct socks *socks)
{
	const struct sock_conf *conf = &socks->conf;
	struct sock_opts *o = socks->opt;

	if (o == NULL || o->v6only != conf->v6only || o->rcvbuf != conf->rcvbuf ||
	    o->sndbuf != conf->sndbuf) {
		o = opt_new(conf);
		if (o == NULL)
			return NULL;
		opt_release(socks->opt);
		socks->opt = o;
	}
	o->refs++;
	return o;
}

int opt_own(struct sock *s)
{
	struct sock_opts *o;

	if (s->opt->refs == 1)
		return 0;
	o = malloc(sizeof(*o));
	if (o == NULL)
		return -ENOMEM;
	*o = *s->opt; /* what is shared has no headers that would need a copy, too */
	o->refs = 1;
	opt_release(s->opt);
	s->opt = o;
	return 0;
}

void opt_release(const struct sock_opts *opt)
{
	struct sock_opts *o = (struct sock_opts *)opt;

	if (o == NULL || --o->refs != 0)
		return;
	for (unsigned i = 0; i < SOCK_HDRS; i++)
		free(o->hdr[i].p);
	free(o);
}

/* As Linux: twice what was asked for, because it counts its own overhead; ours, too. */
int opt_buffer(int asked, int most, int least)
{
	return MAX(MIN(MAX(asked, 0), most) * 2, least);
}

static int filter_attach(struct bpf **filter, const void *val, socklen_t len)
{
	struct sock_fprog prog;
	struct bpf *new = NULL;
	int rc;

	if (len != sizeof(prog))
		return -EINVAL;
	memcpy(&prog, val, sizeof(prog));
	if (prog.filter == NULL)
		return -EINVAL;
	rc = bpf_new(prog.filter, prog.len, &new);
	if (rc < 0)
		return rc;
	bpf_free(*filter);
	*filter = new;
	return 0;
}

int opt_filter(struct bpf **filter, bool *locked, int name, const void *val, socklen_t len)
{
	int v, rc = opt_int(val, len, &v);

	if (rc < 0)
		return rc;
	if (*locked && (name != SO_LOCK_FILTER || v == 0))
		return -EPERM;
	if (name == SO_ATTACH_FILTER)
		return filter_attach(filter, val, len);
	if (name == SO_LOCK_FILTER) {
		*locked = v != 0;
		return 0;
	}
	if (*filter == NULL)
		return -ENOENT;
	bpf_free(*filter);
	*filter = NULL;
	return 0;
}

static int set_device(struct sock *s, uint32_t ifindex)
{
	if (ifindex != 0 && ip6_if(s->of->ip6, ifindex) == NULL)
		return -ENODEV;
	s->device = ifindex;
	return 0;
}

static int set_device_name(struct sock *s, const void *val, socklen_t len)
{
	char name[IF_NAME_MAX] = "";
	const struct iface *ifc;

	if (len != 0)
		memcpy(name, val, MIN(len, sizeof(name) - 1));
	if (name[0] == '\0')
		return set_device(s, 0);
	ifc = ip6_if_by_name(s->of->ip6, name);
	return ifc == NULL ? -ENODEV : set_device(s, if_index(ifc));
}

static int set_timeval(struct timeval *tv, const void *val, socklen_t len)
{
	struct timeval v;

	if (len < sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	if (v.tv_usec < 0 || v.tv_usec >= 1000000)
		return -EDOM;
	*tv = v.tv_sec < 0 ? (struct timeval){ 0 } : v;
	return 0;
}

static int set_int(struct sock *s, int name, int v)
{
	switch (name) {
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		opt_mut(s)->rcvbuf = opt_buffer(v, s->of->conf.rcvbuf_max, SOCK_RCVBUF_MIN);
		return 0;
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		opt_mut(s)->sndbuf = opt_buffer(v, s->of->conf.sndbuf_max, SOCK_SNDBUF_MIN);
		return 0;
	case SO_RCVLOWAT:
		opt_mut(s)->rcvlowat = v < 0 ? INT32_MAX : MAX(v, 1);
		return 0;
	case SO_PRIORITY:
		opt_mut(s)->priority = v;
		return 0;
	case SO_MARK:
		opt_mut(s)->mark = v;
		return 0;
	case SO_TIMESTAMP:
		opt_mut(s)->timestamp = v != 0;
		opt_mut(s)->timestampns = false;
		return 0;
	case SO_TIMESTAMPNS:
		opt_mut(s)->timestamp = v != 0;
		opt_mut(s)->timestampns = v != 0;
		return 0;
	case SO_BINDTOIFINDEX:
		return v < 0 ? -EINVAL : set_device(s, (uint32_t)v);
	default: /* SO_TYPE, SO_ERROR and their like cannot be set */
		return -ENOPROTOOPT;
	}
}

static int set_filter(struct sock *s, int name, const void *val, socklen_t len)
{
	struct sock_more *m = sock_more(s);

	return m != NULL ? opt_filter(&m->filter, &m->filter_locked, name, val, len) : -ENOMEM;
}

static int socket_set(struct sock *s, int name, const void *val, socklen_t len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	int v, rc;

	if (name == SO_BINDTODEVICE)
		return set_device_name(s, val, len);
	if (name == SO_ATTACH_FILTER || name == SO_DETACH_FILTER || name == SO_LOCK_FILTER)
		return s->kind->listen != NULL ? -ENOPROTOOPT /* packets only */
					       : set_filter(s, name, val, len);
	rc = opt_int(val, len, &v);
	if (rc < 0)
		return rc;
	if (f != NULL) {
		opt_flag_set(s, f, v != 0);
		return 0;
	}
	switch (name) {
	case SO_RCVTIMEO:
		return set_timeval(&opt_mut(s)->rcvtimeo, val, len);
	case SO_SNDTIMEO:
		return set_timeval(&opt_mut(s)->sndtimeo, val, len);
	case SO_LINGER:
		if (len < sizeof(s->opt->linger))
			return -EINVAL;
		memcpy(&opt_mut(s)->linger, val, sizeof(s->opt->linger));
		return 0;
	default:
		return set_int(s, name, v);
	}
}

static int get_device_name(const struct sock *s, void *val, socklen_t *len)
{
	const struct iface *ifc = ip6_if(s->of->ip6, s->device);

	if (s->device == 0 || ifc == NULL) {
		*len = 0;
		return 0;
	}
	if (*len < IF_NAME_MAX)
		return -EINVAL;
	return opt_put(val, len, ifc->name, strlen(ifc->name) + 1);
}

static int get_int(struct sock *s, int name, int *v)
{
	switch (name) {
	case SO_TYPE:
		*v = s->kind->type;
		return 0;
	case SO_PROTOCOL:
		*v = s->protocol;
		return 0;
	case SO_DOMAIN:
		*v = s->family;
		return 0;
	case SO_ERROR:
		*v = -sock_error_take(s);
		return 0;
	case SO_ACCEPTCONN:
		*v = 0;
		return 0;
	case SO_RCVBUF:
		*v = s->opt->rcvbuf;
		return 0;
	case SO_SNDBUF:
		*v = s->opt->sndbuf;
		return 0;
	case SO_RCVLOWAT:
		*v = s->opt->rcvlowat;
		return 0;
	case SO_SNDLOWAT:
		*v = 1;
		return 0;
	case SO_PRIORITY:
		*v = s->opt->priority;
		return 0;
	case SO_MARK:
		*v = s->opt->mark;
		return 0;
	case SO_TIMESTAMP:
		*v = s->opt->timestamp && !s->opt->timestampns;
		return 0;
	case SO_TIMESTAMPNS:
		*v = s->opt->timestampns;
		return 0;
	case SO_BINDTOIFINDEX:
		*v = (int)s->device;
		return 0;
	case SO_LOCK_FILTER:
		*v = s->more != NULL && s->more->filter_locked;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int socket_get(struct sock *s, int name, void *val, socklen_t *len)
{
	const struct opt_flag *f = opt_flag_find(flags, ARRAY_LEN(flags), name);
	int v = 0, rc;

	if (f != NULL)
		return opt_put_int(val, len, opt_flag_get(s, f));
	switch (name) {
	case SO_BINDTODEVICE:
		return get_device_name(s, val, len);
	case SO_RCVTIMEO:
		return opt_put(val, len, &s->opt->rcvtimeo, sizeof(s->opt->rcvtimeo));
	case SO_SNDTIMEO:
		return opt_put(val, len, &s->opt->sndtimeo, sizeof(s->opt->sndtimeo));
	case SO_LINGER:
		return opt_put(val, len, &s->opt->linger, sizeof(s->opt->linger));
	default:
		break;
	}
	rc = get_int(s, name, &v);
	return rc < 0 ? rc : opt_put_int(val, len, v);
}

static int set_by_level(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	int rc = -ENOPROTOOPT;

	if (level == SOL_SOCKET)
		return socket_set(s, name, val, len);
	if (s->kind->setsockopt != NULL)
		rc = s->kind->setsockopt(s, level, name, val, len);
	if (rc == -ENOPROTOOPT && level == IPPROTO_IPV6 && s->family == AF_INET6)
		rc = ip6_setsockopt(s, name, val, len);
	if (rc == -ENOPROTOOPT && level == IPPROTO_IP)
		rc = ip4_setsockopt(s, name, val, len);
	return rc;
}

int sock_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	int rc;

	if ((int)len < 0)
		return -EINVAL;
	if (val == NULL && len != 0)
		return -EFAULT;
	rc = level == IPPROTO_TCP ? 0 : opt_own(s); /* which TCP keeps itself */
	if (rc < 0)
		return rc;
	rc = set_by_level(s, level, name, val, len);
	sock_judge(s);
	return rc;
}

int sock_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	int rc = -ENOPROTOOPT;

	if ((int)*len < 0)
		return -EINVAL;
	if (level == SOL_SOCKET && name != SO_ACCEPTCONN)
		return socket_get(s, name, val, len);
	if (s->kind->getsockopt != NULL)
		rc = s->kind->getsockopt(s, level, name, val, len);
	if (rc == -ENOPROTOOPT && level == IPPROTO_IPV6 && s->family == AF_INET6)
		rc = ip6_getsockopt(s, name, val, len);
	if (rc == -ENOPROTOOPT && level == IPPROTO_IP)
		rc = ip4_getsockopt(s, name, val, len);
	if (rc == -ENOPROTOOPT && level == IPPROTO_IPV6 && s->family == AF_INET)
		rc = -EOPNOTSUPP; /* Linux tells by that who is asked */
	if (rc == -ENOPROTOOPT && level == SOL_SOCKET)
		rc = socket_get(s, name, val, len);
	return rc;
}
