/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An MLD router in virtual time: what it knows of a group after each record, and all the queries it
 * sends, each at its exact time; a query more is a failure.
 */
#include "mld/router.h"
#include "stage.h"

#define S(n)	"2001:db8::" #n
#define LOWER	"fe80::0"
#define HIGHER	"fe80::2"
#define RUN_MAX 16

#define GENERAL	   "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 2 QQI 125 s"
#define Q_A	   "fe80::1 > ff05::a query v2 ff05::a max 1000 ms QRV 2 QQI 125 s"
#define Q_A_S	   "fe80::1 > ff05::a query v2 ff05::a max 1000 ms S QRV 2 QQI 125 s"
#define GENERAL_V1 "fe80::1 > ff02::1 query v1 :: max 10000 ms"
#define Q_A_V1	   "fe80::1 > ff05::a query v1 ff05::a max 1000 ms"
#define STARTS                                                                                     \
	{ 0, GENERAL },                                                                            \
	{                                                                                          \
		31250, GENERAL                                                                     \
	}
#define Q_TWICE(ms, text)                                                                          \
	{ ms, text },                                                                              \
	{                                                                                          \
		(ms) + 1000, text                                                                  \
	}

enum does {
	OVER,
	RECORD, /* a report with one record of this type, about A */
	OLD_REPORT,
	OLD_DONE,
	ASKS2, /* a query of @from's: about A, or about all */
	ASKS1,
	KNOWS, /* check: what the router knows of A */
	WANTS, /* check: packets of this source are wanted, or (type 0) not */
	SETS,  /* the user: robustness, and seconds */
};

struct act {
	uint64_t ms;
	enum does does;
	uint8_t type;	  /* of the record */
	const char *text; /* sources; or what it knows; or who asks */
	const char *group;
	uint8_t qrv;
	uint32_t qqi_s;
	bool s;
	const char *asked; /* sources of a query */
};

struct sent {
	uint64_t ms;
	const char *text;
};

struct run {
	const char *name;
	uint8_t version; /* 0: 2 */
	struct act acts[RUN_MAX];
	struct sent sent[RUN_MAX];
};

/*
 * What a router knows of A: "EX@260 1@160 2@0": mode, filter timer, sources with timers in seconds.
 */

static void knows(const struct stage *s, char *buf, size_t size)
{
	struct ip6_addr a = stage_addr(A);
	const struct mld_listened *g = mld_listened_find(s->mld.router[1], &a);
	time_ns now = s->f.env.now;
	int n;

	if (g == NULL) {
		snprintf(buf, size, "nothing");
		return;
	}
	n = snprintf(buf, size, g->exclude ? "EX@%u" : "IN",
		     (unsigned)((g->filter - now) / NS_PER_S));
	for (uint32_t i = 0; i < g->n; i++)
		n += snprintf(buf + n, size - (size_t)n, " %x@%u", g->source[i].addr.b[15],
			      g->source[i].until != 0
				      ? (unsigned)((g->source[i].until - now) / NS_PER_S)
				      : 0);
}

static unsigned sources_of(const char *list, struct ip6_addr *ret)
{
	unsigned n = 0;

	for (const char *p = list; p != NULL && *p != '\0'; p++) {
		if (*p == ' ')
			continue;
		ret[n] = stage_addr(S(0));
		ret[n++].b[15] = (uint8_t)(*p - '0');
	}
	return n;
}

static void hears(struct stage *s, const char *from, struct wr *w, const char *dst)
{
	struct pkt *pkt = stage_pkt(s, from, w->start, wr_len(w));
	struct ip6_addr to = stage_addr(dst);

	memcpy(pkt->p + 24, to.b, sizeof(to.b));
	mld_input(&s->mld, pkt);
}

static void hear_record(struct stage *s, const struct act *a)
{
	struct mld_record r = { .type = a->type, .group = stage_addr(A) };
	struct ip6_addr source[SOURCES_MAX];
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));

	r.n_sources = (uint16_t)sources_of(a->text, source);
	r.sources = rd_of(source, r.n_sources * sizeof(source[0]));
	mld_put_report(&w, 1);
	mld_put_record(&w, &r);
	hears(s, "fe80::99", &w, "ff02::16");
}

static void hear_query(struct stage *s, const struct act *a)
{
	struct mld_query q = { .version = a->does == ASKS1 ? 1 : 2,
			       .group = stage_addr(a->group),
			       .max_delay = (a->group == NULL	? 10
					     : a->does == ASKS1 ? a->qqi_s
								: 1) *
					    NS_PER_S,
			       .suppress = a->s,
			       .qrv = a->qrv,
			       .interval = a->qqi_s * NS_PER_S };
	struct ip6_addr source[SOURCES_MAX];
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));

	q.n_sources = (uint16_t)sources_of(a->asked, source);
	q.sources = rd_of(source, q.n_sources * sizeof(source[0]));
	mld_put_query(&w, &q);
	hears(s, a->text, &w, "ff02::1");
}

static void hear_old(struct stage *s, const struct act *a)
{
	struct ip6_addr group = stage_addr(A);
	uint8_t buf[MLD_V1_OCTETS];
	struct wr w = wr_of(buf, sizeof(buf));

	mld_put_v1(&w, a->does == OLD_DONE ? MLD_TYPE_V1_DONE : MLD_TYPE_V1_REPORT, &group);
	hears(s, "fe80::99", &w, a->does == OLD_DONE ? "ff02::2" : A);
}

static void set_router(struct stage *s, uint8_t version, uint8_t robustness, uint32_t query_s)
{
	struct mld_router_conf conf = MLD_ROUTER_DEFAULT;

	conf.on = true;
	conf.version = version;
	conf.robustness = robustness;
	conf.query_interval = query_s * NS_PER_S;
	assert_int_equal(mld_set_router(&s->mld, &s->f.ifc, &conf), 0);
}

static void act(struct stage *s, const struct run *r, const struct act *a)
{
	struct ip6_addr group = stage_addr(A), source[SOURCES_MAX];
	char text[128];

	switch (a->does) {
	case RECORD:
		hear_record(s, a);
		return;
	case OLD_REPORT:
	case OLD_DONE:
		hear_old(s, a);
		return;
	case ASKS1:
	case ASKS2:
		hear_query(s, a);
		return;
	case KNOWS:
		knows(s, text, sizeof(text));
		if (strcmp(text, a->text) != 0)
			fail_msg("%s: at %u ms it knows %s", r->name, (unsigned)a->ms, text);
		return;
	case WANTS:
		assert_int_equal(sources_of(a->text, source), 1);
		if (mld_wants(&s->mld, &s->f.ifc, source, &group) != (a->type != 0))
			fail_msg("%s: at %u ms: %s", r->name, (unsigned)a->ms, a->text);
		return;
	case SETS:
		set_router(s, 2, a->qrv, a->qqi_s);
		return;
	case OVER:
		break;
	}
	fail();
}

/* Only queries: what the router says as a listener is test_listener's. */
static void compare(const struct stage *s, const struct run *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->f.n_sent; i++) {
		const struct fake_sent *f = &s->f.sent[i];
		const struct sent *want = &r->sent[n];

		if (strstr(f->text, "query") == NULL)
			continue;
		if (n == RUN_MAX || want->text == NULL)
			fail_msg("%s: %s was sent at %llu ms", r->name, f->text,
				 (unsigned long long)(f->at / NS_PER_MS));
		else if (strcmp(want->text, f->text) != 0 || want->ms * NS_PER_MS != f->at)
			fail_msg("%s: query %u: %s at %llu ms", r->name, n + 1, f->text,
				 (unsigned long long)(f->at / NS_PER_MS));
		n++;
	}
	if (n < RUN_MAX && r->sent[n].text != NULL)
		fail_msg("%s: query %u was never sent", r->name, n + 1);
}

static void run_all(const struct run *runs, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const struct run *r = &runs[k];
		struct stage s;

		stage_init(&s, 1);
		assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
		set_router(&s, r->version != 0 ? r->version : 2, 2, 125);
		for (unsigned i = 0; i < RUN_MAX && r->acts[i].does != OVER; i++) {
			stage_run(&s, r->acts[i].ms * NS_PER_MS);
			act(&s, r, &r->acts[i]);
		}
		compare(&s, r);
		stage_done(&s);
	}
}

/* clang-format off */

/*
 * RFC 3810 section 7.4: INCLUDE (1 2), or EXCLUDE (1, 2), 50 s before a record. MALI is 260 s,
 * LLQT 2 s.
 */
#define INCLUDES { 0, RECORD, MLD_IS_IN, "12" }
#define EXCLUDES { 0, RECORD, MLD_IS_EX, "2" }, { 0, RECORD, MLD_IS_IN, "1" }
#define ROW(name, before, type, list, after)                                                       \
	{ name, .acts = { before, { 50000, RECORD, type, list }, { 50000, KNOWS, 0, after } },     \
	  .sent = { STARTS } }

static const struct run tables[] = {
	ROW("INCLUDE (A), IS_IN (B)", INCLUDES, MLD_IS_IN, "23", "IN 1@210 2@260 3@260"),
	ROW("INCLUDE (A), IS_EX (B)", INCLUDES, MLD_IS_EX, "23", "EX@260 2@210 3@0"),
	ROW("INCLUDE (A), ALLOW (B)", INCLUDES, MLD_ALLOW, "23", "IN 1@210 2@260 3@260"),
	ROW("INCLUDE (A), BLOCK of others", INCLUDES, MLD_BLOCK, "3", "IN 1@210 2@210"),
	ROW("INCLUDE (A), an unknown record", INCLUDES, 7, "23", "IN 1@210 2@210"),
	ROW("EXCLUDE (X,Y), IS_IN (A)", EXCLUDES, MLD_IS_IN, "123", "EX@210 2@260 1@260 3@260"),
	ROW("EXCLUDE (X,Y), IS_EX (A)", EXCLUDES, MLD_IS_EX, "123", "EX@260 2@0 1@210 3@260"),
	ROW("EXCLUDE (X,Y), IS_EX of others", EXCLUDES, MLD_IS_EX, "3", "EX@260 3@260"),
	ROW("EXCLUDE (X,Y), ALLOW (A)", EXCLUDES, MLD_ALLOW, "123", "EX@210 2@260 1@260 3@260"),
	ROW("EXCLUDE (X,Y), BLOCK (Y)", EXCLUDES, MLD_BLOCK, "2", "EX@210 2@0 1@210"),
	ROW("EXCLUDE (X,Y), TO_EX ({})", EXCLUDES, MLD_TO_EX, "", "EX@260"),
	{ "INCLUDE (A), BLOCK (B)",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_BLOCK, "23" },
		    { 50000, KNOWS, 0, "IN 1@210 2@2" }, { 51999, WANTS, 1, "2" },
		    { 52000, WANTS, 0, "2" }, { 52000, KNOWS, 0, "IN 1@208" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(2) "}") } },
	{ "INCLUDE (A), TO_EX (B)",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_TO_EX, "23" },
		    { 50000, KNOWS, 0, "EX@260 2@2 3@0" }, { 52000, KNOWS, 0, "EX@258 2@0 3@0" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(2) "}") } },
	{ "INCLUDE (A), TO_IN (B)",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_TO_IN, "23" },
		    { 50000, KNOWS, 0, "IN 1@2 2@260 3@260" },
		    { 52000, KNOWS, 0, "IN 2@258 3@258" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(1) "}") } },
	{ "EXCLUDE (X,Y), BLOCK (A)",
	  .acts = { EXCLUDES, { 50000, RECORD, MLD_BLOCK, "123" },
		    { 50000, KNOWS, 0, "EX@210 2@0 1@2 3@2" }, { 51999, WANTS, 1, "3" },
		    { 52000, WANTS, 0, "3" }, { 52000, KNOWS, 0, "EX@208 2@0 1@0 3@0" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(1) ", " S(3) "}") } },
	{ "EXCLUDE (X,Y), TO_EX (A)",
	  .acts = { EXCLUDES, { 50000, RECORD, MLD_TO_EX, "123" },
		    { 50000, KNOWS, 0, "EX@260 2@0 1@2 3@2" }, { 51500, WANTS, 1, "4" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(1) ", " S(3) "}") } },
	{ "EXCLUDE (X,Y), TO_IN (A): section 7.5, the Requested List is all that is left",
	  .acts = { EXCLUDES, { 50000, RECORD, MLD_TO_IN, "3" },
		    { 50000, KNOWS, 0, "EX@2 2@0 1@2 3@260" }, { 51999, WANTS, 1, "4" },
		    { 52000, WANTS, 0, "4" }, { 52000, WANTS, 1, "3" },
		    { 52000, KNOWS, 0, "IN 3@258" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(1) "}" }, { 50000, Q_A },
		    { 51000, Q_A }, { 51000, Q_A " {" S(1) "}" } } },
};

/* Sections 7.2.2, 7.2.3, 7.3, 7.5, 7.6.3. */
static const struct run timers[] = {
	{ "a source that is not confirmed goes, and the group with the last",
	  .acts = { INCLUDES, { 100000, RECORD, MLD_IS_IN, "2" }, { 259999, WANTS, 1, "1" },
		    { 260000, WANTS, 0, "1" }, { 260000, KNOWS, 0, "IN 2@100" },
		    { 360000, KNOWS, 0, "nothing" } },
	  .sent = { STARTS, { 156250, GENERAL }, { 281250, GENERAL } } },
	{ "a filter that is not confirmed goes, and leaves what was requested",
	  .acts = { EXCLUDES, { 100000, RECORD, MLD_IS_IN, "1" }, { 259999, WANTS, 1, "3" },
		    { 260000, WANTS, 0, "3" }, { 260000, WANTS, 1, "1" },
		    { 260000, KNOWS, 0, "IN 1@100" } },
	  .sent = { STARTS, { 156250, GENERAL } } },
	{ "a filter that is not confirmed goes, and nothing was requested",
	  .acts = { { 0, RECORD, MLD_IS_EX, "2" }, { 260000, KNOWS, 0, "nothing" } },
	  .sent = { STARTS, { 156250, GENERAL } } },
	{ "a requested source that is not confirmed is excluded",
	  .acts = { { 0, RECORD, MLD_IS_EX, "" }, { 0, RECORD, MLD_IS_IN, "1" },
		    { 100000, RECORD, MLD_IS_EX, "1" }, { 259999, WANTS, 1, "1" },
		    { 260000, WANTS, 0, "1" }, { 260000, WANTS, 1, "2" } },
	  .sent = { STARTS, { 156250, GENERAL } } },
	{ "an answer: the query is repeated with the S flag",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_BLOCK, "12" },
		    { 50500, RECORD, MLD_IS_IN, "1" }, { 52000, KNOWS, 0, "IN 1@258" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(1) ", " S(2) "}" }, { 51000, Q_A_S " {" S(1) "}" },
		    { 51000, Q_A " {" S(2) "}" } } },
	{ "an answer about the group likewise",
	  .acts = { { 0, RECORD, MLD_IS_EX, "" }, { 50000, RECORD, MLD_TO_IN, "" },
		    { 50500, RECORD, MLD_IS_EX, "" }, { 52000, KNOWS, 0, "EX@258" } },
	  .sent = { STARTS, { 50000, Q_A }, { 51000, Q_A_S } } },
	{ "queries are merged, and each source is asked for as often as it takes",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_BLOCK, "1" },
		    { 50500, RECORD, MLD_BLOCK, "12" }, { 53000, KNOWS, 0, "nothing" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(1) "}" }, { 50500, Q_A " {" S(1) ", " S(2) "}" },
		    { 51500, Q_A " {" S(2) "}" } } },
	{ "the same once more asks nothing more",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_BLOCK, "1" },
		    { 50500, RECORD, MLD_BLOCK, "1" }, { 53000, KNOWS, 0, "IN 2@207" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A " {" S(1) "}") } },
	{ "groups that nobody may ask for are no groups",
	  .acts = { { 0, RECORD, MLD_BLOCK, "1" }, { 0, RECORD, MLD_IS_IN, "" },
		    { 0, RECORD, MLD_TO_IN, "" }, { 0, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL } } },
};

/* Sections 7.6.1, 7.6.2; 5.1.8, 5.1.9; 9.5 to 9.7. */
static const struct run queriers[] = {
	{ "the first queries come sooner",
	  .acts = { { 300000, KNOWS, 0, "nothing" } },
	  .sent = { STARTS, { 156250, GENERAL }, { 281250, GENERAL } } },
	{ "robustness 3, every 40 s",
	  .acts = { { 1000, SETS, .qrv = 3, .qqi_s = 40 }, { 61000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL },
		    { 1000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 3 QQI 40 s" },
		    { 11000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 3 QQI 40 s" },
		    { 21000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 3 QQI 40 s" },
		    { 61000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 3 QQI 40 s" } } },
	{ "robustness 8 has no code",
	  .acts = { { 1000, SETS, .qrv = 8, .qqi_s = 40 } },
	  .sent = { { 0, GENERAL },
		    { 1000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 0 QQI 40 s" } } },
	{ "a higher address changes nothing",
	  .acts = { { 1000, ASKS2, 0, HIGHER, NULL, 3, 60 }, { 31250, KNOWS, 0, "nothing" } },
	  .sent = { STARTS } },
	{ "a lower one ends it: 2 times 125 s, and half of 10 s",
	  .acts = { { 1000, ASKS2, 0, LOWER, NULL, 2, 125 }, { 255999, KNOWS, 0, "nothing" },
		    { 256000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL }, { 256000, GENERAL } } },
	{ "each query of the other one sets it anew, about a group, too",
	  .acts = { { 1000, ASKS2, 0, LOWER, NULL, 2, 125 },
		    { 100000, ASKS2, 0, LOWER, A, 2, 125 }, { 355000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL }, { 355000, GENERAL } } },
	{ "the other one's variables: 3 times 60 s, and half of 10 s",
	  .acts = { { 1000, ASKS2, 0, LOWER, NULL, 3, 60 }, { 1000, RECORD, MLD_IS_IN, "1" },
		    { 1000, KNOWS, 0, "IN 1@190" }, { 186000, KNOWS, 0, "IN 1@5" } },
	  .sent = { { 0, GENERAL },
		    { 186000, "fe80::1 > ff02::1 query v2 :: max 10000 ms QRV 3 QQI 60 s" } } },
	{ "who is not the querier asks nothing, and lowers nothing until asked",
	  .acts = { INCLUDES, { 1000, ASKS2, 0, LOWER, NULL, 2, 125 },
		    { 50000, RECORD, MLD_BLOCK, "1" }, { 50000, KNOWS, 0, "IN 1@210 2@210" },
		    { 51000, ASKS2, 0, LOWER, A, 2, 125, true, "1" },
		    { 51000, KNOWS, 0, "IN 1@209 2@209" },
		    { 52000, ASKS2, 0, LOWER, A, 2, 125, false, "13" },
		    { 52000, KNOWS, 0, "IN 1@2 2@208" },
		    { 53000, ASKS2, 0, LOWER, A, 2, 125, false, "1" },
		    { 54000, KNOWS, 0, "IN 2@206" } },
	  .sent = { { 0, GENERAL } } },
	{ "nor do new sources that are blocked, or excluded: they get the filter's timer",
	  .acts = { { 0, RECORD, MLD_IS_EX, "2" }, { 1000, ASKS2, 0, LOWER, NULL, 2, 125 },
		    { 50000, RECORD, MLD_BLOCK, "13" }, { 50000, KNOWS, 0, "EX@210 2@0 1@210 3@210" },
		    { 50000, RECORD, MLD_TO_EX, "24" }, { 50000, KNOWS, 0, "EX@260 2@0 4@210" } },
	  .sent = { { 0, GENERAL } } },
	{ "a query about the group lowers the filter",
	  .acts = { { 0, RECORD, MLD_IS_EX, "" }, { 1000, ASKS2, 0, LOWER, A, 2, 125 },
		    { 1000, KNOWS, 0, "EX@2" }, { 3000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL } } },
	{ "and that of a router with a higher address, too",
	  .acts = { { 0, RECORD, MLD_IS_EX, "" }, { 1000, ASKS2, 0, HIGHER, A, 2, 125 },
		    { 1000, KNOWS, 0, "EX@2" } },
	  .sent = { { 0, GENERAL } } },
	{ "queries end with being the querier",
	  .acts = { INCLUDES, { 50000, RECORD, MLD_BLOCK, "1" },
		    { 50500, ASKS2, 0, LOWER, NULL, 2, 125 }, { 60000, KNOWS, 0, "IN 2@200" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(1) "}" } } },
	{ "an MLDv1 querier is the administrator's to tell us of",
	  .acts = { { 1000, ASKS1, 0, LOWER }, { 31250, KNOWS, 0, "nothing" } },
	  .sent = { STARTS } },
};

/* Section 8.3; RFC 2710 sections 4 to 6. */
static const struct run olds[] = {
	{ "an MLDv1 report is IS_EX ({}), a done TO_IN ({})",
	  .acts = { { 0, OLD_REPORT }, { 0, KNOWS, 0, "EX@260" }, { 50000, OLD_DONE },
		    { 51999, WANTS, 1, "1" }, { 52000, KNOWS, 0, "nothing" } },
	  .sent = { STARTS, Q_TWICE(50000, Q_A) } },
	{ "while an MLDv1 listener is there, BLOCK is ignored, and what TO_EX excludes",
	  .acts = { { 0, OLD_REPORT }, { 40000, RECORD, MLD_BLOCK, "1" },
		    { 40000, KNOWS, 0, "EX@220" }, { 50000, RECORD, MLD_TO_EX, "1" },
		    { 50000, KNOWS, 0, "EX@260" }, { 50000, RECORD, MLD_ALLOW, "2" },
		    { 50000, KNOWS, 0, "EX@260 2@260" }, { 50000, RECORD, MLD_TO_IN, "" },
		    { 50000, KNOWS, 0, "EX@2 2@2" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(2) "}" }, { 50000, Q_A } } },
	{ "until 260 s after its last report",
	  .acts = { { 0, OLD_REPORT }, { 100000, RECORD, MLD_IS_EX, "" },
		    { 259999, RECORD, MLD_BLOCK, "1" }, { 259999, KNOWS, 0, "EX@100" },
		    { 260000, RECORD, MLD_BLOCK, "1" }, { 260000, KNOWS, 0, "EX@100 1@2" } },
	  .sent = { STARTS, { 156250, GENERAL }, { 260000, Q_A " {" S(1) "}" } } },
	{ "a done is taken from MLDv1 listeners of a group that has MLDv2 ones",
	  .acts = { INCLUDES, { 50000, OLD_DONE }, { 50000, KNOWS, 0, "IN 1@2 2@2" } },
	  .sent = { STARTS, { 50000, Q_A " {" S(1) ", " S(2) "}" } } },
	{ "an MLDv1 router: queries and codes of its own, and no MLDv2 reports",
	  .version = 1,
	  .acts = { { 0, OLD_REPORT }, { 1000, RECORD, MLD_TO_IN, "" }, { 50000, OLD_DONE },
		    { 50000, KNOWS, 0, "EX@2" }, { 52000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL_V1 }, { 31250, GENERAL_V1 }, Q_TWICE(50000, Q_A_V1) } },
	{ "MLDv1 routers elect alike, and who is not the querier lowers by the query's delay",
	  .version = 1,
	  .acts = { { 0, OLD_REPORT }, { 1000, ASKS1, 0, LOWER }, { 2000, OLD_DONE },
		    { 2000, KNOWS, 0, "EX@258" }, { 3000, ASKS1, 0, LOWER, A, 0, 5 },
		    { 3000, KNOWS, 0, "EX@10" }, { 257999, KNOWS, 0, "nothing" },
		    { 258000, KNOWS, 0, "nothing" } },
	  .sent = { { 0, GENERAL_V1 }, { 258000, GENERAL_V1 } } },
};

/* clang-format on */

static void test_tables(void **state)
{
	(void)state;
	run_all(tables, ARRAY_LEN(tables));
}

static void test_timers(void **state)
{
	(void)state;
	run_all(timers, ARRAY_LEN(timers));
}

static void test_queriers(void **state)
{
	(void)state;
	run_all(queriers, ARRAY_LEN(queriers));
}

static void test_olds(void **state)
{
	(void)state;
	run_all(olds, ARRAY_LEN(olds));
}

/* Sections 9.1 to 9.3, 9.8: variables that make no sense, or have no code. */
static void test_conf(void **state)
{
	static const struct {
		uint8_t version, robustness;
		time_ns query, response, last;
		int rc;
	} rows[] = {
		{ 2, 2, 125 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, 0 },
		{ 1, 2, 125 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, 0 },
		{ 3, 2, 125 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, -EINVAL },
		{ 0, 2, 125 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, -EINVAL },
		{ 2, 0, 125 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, -EINVAL },
		{ 2, 2, 10 * NS_PER_S, 10 * NS_PER_S, NS_PER_S, -EINVAL },
		{ 2, 2, 125 * NS_PER_S, 10 * NS_PER_S, 0, -EINVAL },
		{ 2, 2, MLD_QQI_MAX, MLD_DELAY_MAX, MLD_DELAY_MAX, 0 },
		{ 2, 2, MLD_QQI_MAX + NS_PER_S, 10 * NS_PER_S, NS_PER_S, -EINVAL },
		{ 2, 2, 125 * NS_PER_S, 10 * NS_PER_S, MLD_DELAY_MAX + NS_PER_MS, -EINVAL },
	};
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mld_router_conf c = { true,	    rows[i].version,  rows[i].robustness,
					     rows[i].query, rows[i].response, rows[i].last };

		assert_int_equal(mld_set_router(&s.mld, &s.f.ifc, &c), rows[i].rc);
	}
	s.f.ifc.loopback = true;
	assert_int_equal(mld_set_router(&s.mld, &s.f.ifc,
					&(struct mld_router_conf){ true, 2, 2, 125 * NS_PER_S,
								   10 * NS_PER_S, NS_PER_S }),
			 -EINVAL);
	s.f.ifc.loopback = false;
	stage_done(&s);
}

/* Section 5.1.10: a query about more sources than a packet holds is several. */
static void test_split(void **state)
{
	struct mld_record rec = { .type = MLD_ALLOW, .group = stage_addr(A), .n_sources = 90 };
	struct mld_record end = { .type = MLD_TO_IN, .group = stage_addr(A) };
	struct ip6_addr source[90];
	unsigned n;
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	set_router(&s, 2, 2, 125);
	for (unsigned i = 0; i < ARRAY_LEN(source); i++) {
		source[i] = stage_addr(S(0));
		source[i].b[15] = (uint8_t)(i + 1);
	}
	rec.sources = rd_of(source, sizeof(source));
	assert_int_equal(mld_listened_record(s.mld.router[1], &rec), DROP_NONE);
	n = s.f.n_sent;
	assert_int_equal(mld_listened_record(s.mld.router[1], &end), DROP_NONE);
	assert_int_equal(s.f.n_sent, n + 2);
	assert_int_equal(s.f.sent[n].octets, 48 + 28 + 89 * 16);
	assert_int_equal(s.f.sent[n + 1].octets, 48 + 28 + 16);
	stage_done(&s);
}

/* Tables are bounded: groups of a link, sources of a group. What is there stays. */
static void test_bounds(void **state)
{
	struct mld_record rec = { .type = MLD_IS_EX, .group = stage_addr(A) };
	struct mld_router *r;
	struct ip6_addr source = stage_addr(S(0));
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	set_router(&s, 2, 2, 125);
	r = s.mld.router[1];
	for (unsigned i = 0; i <= MLD_LISTENED_MAX; i++) {
		put_be16(rec.group.b + 14, (uint16_t)i);
		assert_int_equal(mld_listened_record(r, &rec),
				 i < MLD_LISTENED_MAX ? DROP_NONE : DROP_MLD_FULL);
	}
	assert_int_equal(r->groups.n, MLD_LISTENED_MAX);
	put_be16(rec.group.b + 14, 0);
	rec.type = MLD_ALLOW;
	rec.n_sources = 1;
	rec.sources = rd_of(&source, sizeof(source));
	for (unsigned i = 0; i <= MLD_SOURCES_MAX; i++) {
		put_be16(source.b + 14, (uint16_t)(i + 1));
		assert_int_equal(mld_listened_record(r, &rec),
				 i < MLD_SOURCES_MAX ? DROP_NONE : DROP_MLD_FULL);
	}
	stage_run(&s, 300 * NS_PER_S);
	assert_int_equal(r->groups.n, 0);
	stage_done(&s);
}

/* It begins with the first link-local address, ends with the interface, and begins anew. */
static void test_life(void **state)
{
	struct mld_record rec = { .type = MLD_IS_EX, .group = stage_addr(A) };
	struct ip6_addr source = stage_addr(S(1));
	struct stage s;

	(void)state;
	stage_init(&s, 1);
	s.f.ifc.link.up = false;
	s.f.has_link_local = false;
	set_router(&s, 2, 2, 125);
	assert_false(mld_is_querier(&s.mld, &s.f.ifc));
	s.f.ifc.link.up = true;
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	assert_false(mld_is_querier(&s.mld, &s.f.ifc));
	s.f.has_link_local = true;
	mld_link_local_ready(&s.mld, &s.f.ifc);
	assert_true(mld_is_querier(&s.mld, &s.f.ifc));
	assert_int_equal(mld_listened_record(s.mld.router[1], &rec), DROP_NONE);
	assert_true(mld_wants(&s.mld, &s.f.ifc, &source, &rec.group));
	mld_if_down(&s.mld, &s.f.ifc);
	assert_false(mld_wants(&s.mld, &s.f.ifc, &source, &rec.group));
	assert_false(mld_is_querier(&s.mld, &s.f.ifc));
	assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	mld_link_local_ready(&s.mld, &s.f.ifc);
	assert_true(mld_is_querier(&s.mld, &s.f.ifc));
	stage_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),	 cmocka_unit_test(test_timers),
		cmocka_unit_test(test_queriers), cmocka_unit_test(test_olds),
		cmocka_unit_test(test_conf),	 cmocka_unit_test(test_split),
		cmocka_unit_test(test_bounds),	 cmocka_unit_test(test_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
