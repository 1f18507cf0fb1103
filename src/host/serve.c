/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "host/control.h"
#include "host/links.h"
#include "host/privileges.h"
#include "link/dev.h"

#define POOL_SMALL 65536
#define POOL_LARGE 1024
#define EVENTS_MAX 32
#define ROUNDS_MAX 16 /* batches of one device before the others have their turn */

/*
 * A device, and the node's interface. One that depends on an interface of the kernel's is up when
 * that is; once it has gone, it does not come back: opening it again would need privileges.
 */
struct served {
	struct dev *dev;
	uint32_t ifindex;
	uint32_t kernel_ifindex; /* 0: none, as behind a segment */
	bool gone;
	struct pktq out; /* what the device would not take yet */
	bool watching_out;
};

struct serve {
	struct pkt_pool pool;
	struct node *node;
	struct control *control;
	char name[NODE_NAME_MAX];
	int epoll_fd, signal_fd, listen_fd, links_fd;
	unsigned n_devs;
	struct served dev[SERVE_IFS_MAX];
};

static time_ns clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (time_ns)ts.tv_sec * NS_PER_S + (time_ns)ts.tv_nsec;
}

static time_ns now_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME); /* lifetimes go on while the machine sleeps */
}

static int fail(char err[SERVE_ERR], int rc, const char *what)
{
	snprintf(err, SERVE_ERR, "%s: %s", what, strerror(-rc));
	return rc;
}

/* The control socket goes last: "inaba down" takes its end for that of the node. */
static void serve_free(struct serve *s)
{
	for (unsigned i = 0; i < s->n_devs; i++) {
		pktq_free(&s->dev[i].out);
		dev_close(s->dev[i].dev);
	}
	if (s->links_fd >= 0)
		close(s->links_fd);
	control_free(s->control);
	if (s->control == NULL && s->listen_fd >= 0)
		close(s->listen_fd);
	node_free(s->node);
	if (s->signal_fd >= 0)
		close(s->signal_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	pkt_pool_done(&s->pool);
	free(s);
}

static int open_if(struct serve *s, const struct serve_if *si, char err[SERVE_ERR])
{
	struct served *d = &s->dev[s->n_devs];
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = d };
	struct mac mac = si->has_mac ? si->mac : dev_random_mac();
	int rc = dev_open(si->dev, &d->dev, err);

	if (rc < 0)
		return rc;
	s->n_devs++;
	rc = node_if_add(s->node, si->name, &mac, dev_mtu(d->dev));
	if (rc < 0)
		return fail(err, rc, si->name);
	d->ifindex = (uint32_t)rc;
	if (strncmp(si->dev, "wire:", 5) != 0)
		d->kernel_ifindex = links_index(strchr(si->dev, ':') + 1);
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, d->dev->fd, &ev) < 0)
		return fail(err, -errno, si->name);
	return 0;
}

static bool advertises(const struct serve_if *si)
{
	return si->n_prefixes > 0 || si->dns.n_rdnss > 0 || si->dns.n_dnssl > 0;
}

static struct nd_adv adv_of(const struct serve_if *si, bool edge)
{
	struct nd_adv adv = edge ? ND_ADV_EDGE : ND_ADV_DEFAULT;

	adv.send = true;
	adv.n_prefixes = si->n_prefixes;
	for (unsigned k = 0; k < si->n_prefixes; k++)
		adv.prefix[k] = (struct nd_adv_prefix){ .prefix = si->prefix[k].prefix,
							.len = (uint8_t)si->prefix[k].len,
							.on_link = true,
							.autonomous = true,
							.valid_s = 2592000,
							.preferred_s = 604800 };
	memcpy(adv.rdnss, si->dns.rdnss, sizeof(adv.rdnss));
	memcpy(adv.dnssl, si->dns.dnssl, sizeof(adv.dnssl));
	adv.n_rdnss = si->dns.n_rdnss;
	adv.n_dnssl = si->dns.n_dnssl;
	return adv;
}

static int configure_if(struct serve *s, const struct serve_conf *conf, unsigned i, time_ns now)
{
	const struct serve_if *si = &conf->iface[i];
	struct node *n = s->node;
	struct iface *ifc = node_if(n, s->dev[i].ifindex);
	bool wan = conf->edge != NULL && strcmp(conf->edge, ifc->name) == 0;
	int rc = 0;

	ifc->conf.announce = true; /* as a host */
	nd_set_temp_addrs(&n->nd, ifc, conf->temporary);
	ifc->conf.optimistic_dad = conf->optimistic;
	nd_set_forwarding(&n->nd, ifc, conf->forward || wan || advertises(si));
	ifc->conf.forwarding4 = conf->forward || wan;
	if (wan)
		nd_set_accept_ra(&n->nd, ifc, true);
	if (si->mld_version != 0) {
		struct mld_router_conf mld = MLD_ROUTER_DEFAULT;

		mld.on = true;
		mld.version = (uint8_t)si->mld_version;
		rc = mld_set_router(&n->mld, ifc, &mld);
	}
	if (rc >= 0 && s->dev[i].kernel_ifindex == 0) /* else links_ask() will tell */
		rc = node_if_set(n, s->dev[i].ifindex, true, now);
	return rc;
}

static int configure(struct serve *s, const struct serve_conf *conf, char err[SERVE_ERR])
{
	struct node *n = s->node;
	time_ns now = now_ns();
	int rc = 0;

	for (unsigned i = 0; i < conf->n_ifs && rc >= 0; i++)
		rc = configure_if(s, conf, i, now);
	for (unsigned i = 0; i < conf->n_addrs && rc >= 0; i++) {
		const struct serve_addr *a = &conf->addr[i];

		rc = nd_addr_add(&n->nd, node_if(n, s->dev[a->iface].ifindex), &a->addr, a->len,
				 ADDR_STATIC, false);
	}
	for (unsigned i = 0; i < conf->n_proxied && rc >= 0; i++) {
		const struct serve_addr *a = &conf->proxied[i];

		rc = nd_proxy_add(&n->nd, node_if(n, s->dev[a->iface].ifindex), &a->addr);
	}
	for (unsigned i = 0; i < conf->n_routes && rc >= 0; i++) {
		const struct serve_route *sr = &conf->route[i];
		struct route r = { .table = FIB_TABLE_MAIN,
				   .dst = ip6_prefix(&sr->dst, sr->len),
				   .dst_len = (uint8_t)sr->len,
				   .via = { .gateway = sr->via,
					    .ifindex = s->dev[sr->iface].ifindex,
					    .metric = ip6_is_v4mapped(&sr->dst) ? 0 : 1024,
					    .proto = ROUTE_PROTO_STATIC },
				   .expires = TIME_NEVER };

		rc = fib_add(ip6_fib_of(&n->ip6, &r.dst), &r);
	}
	for (unsigned i = 0; i < conf->n_ifs && rc >= 0; i++) {
		struct nd_adv adv = adv_of(&conf->iface[i], conf->edge != NULL);

		if (advertises(&conf->iface[i]))
			rc = nd_set_adv(&n->nd, node_if(n, s->dev[i].ifindex), &adv);
	}
	return rc < 0 ? fail(err, rc, "setting up the node") : 0;
}

static int open_process(struct serve *s, const struct serve_conf *conf, char err[SERVE_ERR])
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = s };
	sigset_t set;

	s->listen_fd = control_listen(conf->name);
	if (s->listen_fd == -EADDRINUSE) {
		snprintf(err, SERVE_ERR, "a node named %s runs already: inaba down %s", conf->name,
			 conf->name);
		return -EADDRINUSE;
	}
	if (s->listen_fd < 0)
		return fail(err, s->listen_fd, "control socket");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->signal_fd < 0 || s->epoll_fd < 0 ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->signal_fd, &ev) < 0)
		return fail(err, -errno, "epoll");
	s->links_fd = links_open();
	if (s->links_fd < 0)
		return fail(err, s->links_fd, "rtnetlink");
	ev.data.ptr = &s->links_fd;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->links_fd, &ev) < 0)
		return fail(err, -errno, "epoll");
	return 0;
}

static int open_node(struct serve *s, const struct serve_conf *conf, char err[SERVE_ERR])
{
	struct node_conf nc;

	node_conf_init(&nc, conf->name, &s->pool);
	if (getrandom(nc.seed, sizeof(nc.seed), 0) != (ssize_t)sizeof(nc.seed))
		return fail(err, -EIO, "getrandom");
	s->node = node_new(&nc, now_ns());
	if (s->node == NULL)
		return fail(err, -ENOMEM, conf->name);
	if (conf->opaque)
		nd_set_iid_secret(&s->node->nd, conf->iid_secret);
	return 0;
}

int serve_open(const struct serve_conf *conf, struct serve **ret, char err[SERVE_ERR])
{
	struct serve *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return fail(err, -ENOMEM, conf->name);
	pkt_pool_init(&s->pool, POOL_SMALL, POOL_LARGE);
	s->epoll_fd = s->signal_fd = s->listen_fd = s->links_fd = -1;
	snprintf(s->name, sizeof(s->name), "%s", conf->name);
	rc = open_process(s, conf, err);
	if (rc == 0)
		rc = open_node(s, conf, err);
	for (unsigned i = 0; i < conf->n_ifs && rc == 0; i++)
		rc = open_if(s, &conf->iface[i], err);
	if (rc == 0) {
		rc = privileges_drop();
		if (rc < 0)
			fail(err, rc, "giving up privileges");
	}
	if (rc == 0)
		rc = configure(s, conf, err);
	if (rc == 0) {
		time_ns wall = clock_ns(CLOCK_REALTIME) - now_ns();

		s->node->socks.wall = wall;
		s->control = control_new(s->node, s->listen_fd, s->epoll_fd, wall);
		if (s->control == NULL)
			rc = fail(err, -ENOMEM, conf->name);
	}
	if (rc < 0) {
		serve_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

/* What a device dropped by itself is shown, and traced, with the node's own drops. */
static void take_drops(struct serve *s, struct served *d)
{
	struct dev *dev = d->dev;

	if (dev->n_drops == 0)
		return;
	for (enum drop why = DROP_NONE + 1; why < DROP_NUM; why++)
		for (; dev->drops[why] > 0; dev->drops[why]--)
			env_count_drop(&s->node->env, d->ifindex, why);
	dev->n_drops = 0;
}

static void drop_output(struct serve *s, struct served *d)
{
	struct pkt *pkt;

	while ((pkt = pktq_get(&d->out)) != NULL)
		env_drop(&s->node->env, pkt, DROP_IF_DOWN);
}

static void set_up(struct serve *s, struct served *d, bool up)
{
	if (!up)
		drop_output(s, d);
	(void)node_if_set(s->node, d->ifindex, up, now_ns());
}

/* It would be ready for ever, with nothing but errors. */
static void gone(struct serve *s, struct served *d)
{
	if (!d->gone)
		epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, d->dev->fd, NULL);
	d->gone = true;
	set_up(s, d, false);
}

/* -ENETDOWN: links_read() tells, and tells when it is up again. */
static bool is_fatal(int rc)
{
	return rc < 0 && rc != -ENOBUFS && rc != -ENETDOWN && rc != -EAGAIN && rc != -EINTR;
}

static void on_link(void *ctx, const struct links_event *ev)
{
	struct serve *s = ctx;

	for (unsigned i = 0; i < s->n_devs; i++) {
		struct served *d = &s->dev[i];

		if (d->kernel_ifindex != ev->kernel_ifindex || d->gone)
			continue;
		if (ev->gone)
			gone(s, d);
		else
			set_up(s, d, ev->up);
	}
}

static void receive(struct serve *s, struct served *d)
{
	for (unsigned i = 0; i < ROUNDS_MAX || d->dev->more; i++) {
		struct batch b = { .n = 0 };
		int rc = dev_recv(d->dev, &s->pool, &b);

		take_drops(s, d);
		if (is_fatal(rc))
			gone(s, d);
		if (rc <= 0)
			return;
		(void)node_input(s->node, d->ifindex, &b, now_ns());
	}
}

static void watch_out(struct serve *s, struct served *d, bool out)
{
	struct epoll_event ev = { .events = EPOLLIN | (out ? EPOLLOUT : 0u), .data.ptr = d };

	if (d->watching_out != out)
		epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, d->dev->fd, &ev);
	d->watching_out = out;
}

/* What the node has for its interfaces, to the devices' queues. */
static void take_output(struct serve *s)
{
	uint32_t ifindex;
	struct pktq q;

	while (node_output(s->node, &ifindex, &q)) {
		struct pkt *pkt;
		unsigned i = 0;

		while (s->dev[i].ifindex != ifindex)
			i++;
		while ((pkt = pktq_get(&q)) != NULL) {
			if (s->dev[i].gone)
				env_drop(&s->node->env, pkt, DROP_IF_DOWN);
			else if (s->dev[i].out.n < LINK_TX_MAX)
				pktq_put(&s->dev[i].out, pkt);
			else
				env_drop(&s->node->env, pkt, DROP_QUEUE_FULL);
		}
	}
}

static void send_all(struct serve *s)
{
	take_output(s);
	for (unsigned i = 0; i < s->n_devs; i++) {
		struct served *d = &s->dev[i];
		int rc = d->out.n > 0 ? dev_send(d->dev, &d->out) : 0;

		take_drops(s, d);
		if (is_fatal(rc))
			gone(s, d);
		else if (rc == -ENETDOWN)
			drop_output(s, d);
		if (!d->gone)
			watch_out(s, d, d->out.n > 0);
	}
}

/* Milliseconds to sleep, rounded up: being late by less than one is better than spinning. */
static int sleep_ms(struct serve *s)
{
	time_ns next = node_next(s->node), now = now_ns();
	int patience = control_patience(s->control);

	if (control_has_work(s->control))
		return 0;
	if (patience >= 0)
		next = MIN(next, time_after(now, (time_ns)patience * NS_PER_MS));
	if (next == TIME_NEVER)
		return -1;
	if (next <= now)
		return 0;
	return (int)MIN((next - now + NS_PER_MS - 1) / NS_PER_MS, (time_ns)60000);
}

/* Return: false when the process shall end. */
static bool handle(struct serve *s, const struct epoll_event *ev)
{
	struct served *d = ev->data.ptr;

	if (ev->data.ptr == s)
		return false; /* a signal */
	if (ev->data.ptr == &s->links_fd)
		links_read(s->links_fd, on_link, s);
	else if (d >= s->dev && d < s->dev + s->n_devs)
		receive(s, d);
	else
		(void)control_event(s->control, ev->data.ptr, ev->events, now_ns());
	return !control_wants_end(s->control);
}

int serve_run(struct serve *s)
{
	struct epoll_event ev[EVENTS_MAX];
	bool go_on = true;
	int n, rc = 0;

	links_ask(s->links_fd);
	while (go_on) {
		node_run(s->node, now_ns());
		send_all(s);
		control_flush(s->control);
		n = epoll_wait(s->epoll_fd, ev, EVENTS_MAX, sleep_ms(s));
		if (n < 0 && errno != EINTR) {
			rc = -errno;
			break;
		}
		for (int i = 0; i < n; i++)
			go_on = handle(s, &ev[i]) && go_on;
	}
	node_shutdown(s->node, now_ns());
	send_all(s);
	serve_free(s);
	return rc;
}
