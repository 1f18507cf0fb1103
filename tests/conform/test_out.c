/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages and JUnit's XML of results that nobody would wish for: every text in them is hostile. With
 * a folder and a file as arguments they are left there, for tests/real to read with other parsers.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "conform/html.h"

#define HOSTILE "<b>&\"'</b>]]>\001\033[m\xff\xc0\xbc--><script>alert(1)</script>"
#define ESCAPED                                                                                    \
	"&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;]]&gt;" BAD BAD "[m" BAD BAD BAD                       \
	"--&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
#define BAD "\xef\xbf\xbd"

static const struct part parts[] = {
	{ "t.1", "good " HOSTILE, "purpose " HOSTILE,
	  "RFC 8200 section 4.2, " HOSTILE " and RFC 4443.", LEVEL_MUST, NUT_BOTH,
	  NUT_CAN_ADDR | NUT_CAN_FORWARD, NS_PER_S, NULL },
	{ "../t<2>&\"'/..", "bad " HOSTILE, "p", "RFC 4443 section 2.4 (c)", LEVEL_SHOULD,
	  NUT_ROUTER, 0, 0, NULL },
	{ "t.3", "wrong on purpose", "p", "RFC 1 section x", LEVEL_MAY, NUT_ROUTER, 0, 0, NULL },
	{ "t.4", "no device", "p", "RFC 8200", LEVEL_MUST, NUT_ROUTER, 0, 0, NULL },
	{ "t.5", "not for this one", "p", "RFC 8200", LEVEL_MUST, NUT_ROUTER, 0, 0, NULL },
	{ "t.6", "known to be wrong", "p", "RFC 8200", LEVEL_MUST, NUT_ROUTER, 0, 0, NULL },
};

static const struct suite hostile = { "he<a&\"'", "suite " HOSTILE, parts, ARRAY_LEN(parts) };

static const struct mac device = { { 2, 0, 0, 0, 0x0b, 0 } };
static const struct mac tn1 = { { 2, 0, 0, 0, 0xff, 1 } };
static const struct mac stranger = { { 2, 0, 0, 0, 0xee, 1 } };

static struct seen *add(struct record *r, bool from_nut, const struct pv *pv)
{
	uint8_t frame[PV_FRAME_MAX];
	size_t n = pv_build(pv, frame, sizeof(frame));

	assert_true(n > 0);
	return record_add(r, NS_PER_S * (r->n / 3), LINK_B, from_nut, frame, n);
}

static struct pv echo(const struct mac *from, const struct mac *to, uint8_t type, uint8_t hops)
{
	static const uint8_t data[] = { 1, 2, 3 };

	return (struct pv){ .eth_src = IS_MAC(*from),
			    .eth_dst = IS_MAC(*to),
			    .hop_limit = IS(hops),
			    .src = IS_ADDR(prefix_a),
			    .dst = IS_ADDR(prefix_b),
			    .kind = PV_ICMP6,
			    .type = IS(type),
			    .code = IS(0),
			    .id = IS(1),
			    .seq = IS(2),
			    .data = IS_OCTETS(data, sizeof(data)) };
}

/*
 * A start, a request, its answer, a stranger's request, a frame for all, one that is no IPv6, one
 * that is hardly a frame, one that is cut off.
 */
static void fill(struct record *r)
{
	static const uint8_t junk[60] = {
		2, 0, 0, 0, 0xff, 1, 2, 0, 0, 0, 0x0b, 0, 8, 6, '<', '&'
	};
	struct pv mld =
		echo(&device, &(struct mac){ { 0x33, 0x33, 0, 0, 0, 0x16 } }, ICMP6_MLD2_REPORT, 1);
	struct pv request = echo(&tn1, &device, ICMP6_ECHO_REQUEST, 255);
	struct pv strange = echo(&stranger, &device, ICMP6_ECHO_REQUEST, 3);
	struct pv answer = echo(&device, &tn1, ICMP6_ECHO_REPLY, 64);

	for (int i = 0; i < 5; i++)
		add(r, true, &mld);
	add(r, false, &request);
	add(r, true, &answer);
	add(r, false, &strange);
	add(r, true, &mld);
	record_add(r, NS_PER_S, LINK_A, true, junk, sizeof(junk)); /* and earlier than the last */
	record_add(r, 9 * NS_PER_S, LINK_B, true, junk, 3);
	record_add(r, 10 * NS_PER_S, LINK_B, true, r->seen[5]->octets, 60);
}

/* What a case says where @want was expected and @seen came. */
static char *compared(const struct pv *want, const struct pv *seen)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	fputs("expected: " HOSTILE "; the nearest packet:\n", f);
	pv_compare(want, seen, f);
	fputs("! a name that needs more room than its column has 1 2\n", f);
	fputs("! short\n\nand then " HOSTILE "\n", f);
	fclose(f);
	return text;
}

/* Tells all results to a writer, as run_parts() would. */
static void tell(struct out *o)
{
	const struct run_conf conf = { .nut_name = "exec:" HOSTILE,
				       .seed = 7,
				       .version = "0 " HOSTILE };
	struct record none = { 0 }, good = { 0 }, bad = { 0 };
	struct tally host = { .n = 1, .by = { 1, 0, 0, 0, 0 } };
	struct tally router = { .n = 6, .by = { 1, 2, 1, 1, 1 } };
	struct tally all = { .n = 7, .by = { 2, 2, 1, 1, 1 } };
	struct pv want = echo(&device, &tn1, ICMP6_ECHO_REPLY, 63);
	struct result r = { &hostile, &parts[0],	NUT_HOST, VERDICT_PASS,
			    NULL,     1500 * NS_PER_MS, &good };
	char *why;

	fill(&good);
	record_comment(good.seen[6], "t.1: as expected");
	fill(&bad);
	record_comment(bad.seen[6], "%s: FAIL: " HOSTILE, parts[1].id);
	why = compared(&want, &bad.seen[6]->pv);
	if (o->begin != NULL)
		o->begin(o, &conf, 7);
	if (o->group != NULL)
		o->group(o, &hostile, NUT_HOST, 1);
	o->part(o, &r);
	if (o->group_end != NULL)
		o->group_end(o, &hostile, NUT_HOST, &host);
	if (o->group != NULL)
		o->group(o, &hostile, NUT_ROUTER, 6);
	r.role = NUT_ROUTER;
	o->part(o, &r);
	r = (struct result){ &hostile, &parts[1], NUT_ROUTER, VERDICT_FAIL, why, 1, &bad };
	o->part(o, &r);
	record_comment(bad.seen[6], "t.3: FAIL: x");
	r.part = &parts[2];
	r.why = "silence was expected, on link B came: x";
	o->part(o, &r);
	r = (struct result){ &hostile, &parts[3], NUT_ROUTER, VERDICT_ERROR, HOSTILE, 0, &none };
	o->part(o, &r);
	r = (struct result){ &hostile,	       &parts[4], NUT_ROUTER, VERDICT_SKIP,
			     "lacks " HOSTILE, 0,	  &none };
	o->part(o, &r);
	record_comment(bad.seen[6], "t.6: FAIL: known");
	r = (struct result){ &hostile, &parts[5], NUT_ROUTER, VERDICT_XFAIL, why, 0, &bad };
	o->part(o, &r);
	if (o->group_end != NULL)
		o->group_end(o, &hostile, NUT_ROUTER, &router);
	if (o->end != NULL)
		o->end(o, &all);
	free(why);
	record_done(&good);
	record_done(&bad);
}

static int write_all(const char *dir, const char *file)
{
	struct out_html h;
	struct out_junit j;
	int rc = out_html_init(&h, dir);

	if (rc == 0)
		tell(&h.out);
	rc = out_html_done(&h);
	if (rc == 0)
		rc = out_junit_init(&j, file);
	if (rc != 0)
		return rc;
	tell(&j.out);
	return out_junit_done(&j);
}

/*
 * A folder for each test.
 */

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test-out-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static void empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char path[512];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
}

static int tear_down(void **state)
{
	(void)state;
	empty(folder);
	return 0;
}

/* To be freed. */
static char *contents(const char *name)
{
	FILE *f = fopen(in_folder(name), "rb");
	char *text = NULL;
	size_t n = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &n, '\0', f) > 0);
	fclose(f);
	return text;
}

static void has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("there is no: %s", what);
}

static void has_not(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("there is: %s", what);
}

/*
 * Tests.
 */

static void test_files(void **state)
{
	static const char *const names[] = {
		"index.html",
		"style.css",
		"t.1-host.html",
		"t.1-router.html",
		"t.1-host.pcapng",
		"t.1-router.pcapng",
		"_._t_2_____..-router.html",
		"_._t_2_____..-router.pcapng",
		"t.3-router.html",
		"t.3-router.pcapng",
		"t.4-router.html",
		"t.5-router.html",
		"t.6-router.html",
		"t.6-router.pcapng",
	};
	DIR *d;
	unsigned n = 0;

	(void)state;
	assert_int_equal(write_all(folder, in_folder("j.xml")), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (access(in_folder(names[i]), R_OK) != 0)
			fail_msg("no file %s", names[i]);
	d = opendir(folder);
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	assert_int_equal(n, ARRAY_LEN(names) + 3); /* ".", ".." and j.xml */
}

/* Texts of a result are texts, wherever they stand. */
static void test_escaped(void **state)
{
	static const char *const names[] = { "index.html", "t.1-host.html",
					     "_._t_2_____..-router.html", "t.4-router.html",
					     "j.xml" };

	(void)state;
	assert_int_equal(write_all(folder, in_folder("j.xml")), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *text = contents(names[i]);

		has(text, ESCAPED);
		has_not(text, "<script");
		has_not(text, "<b>&");
		for (const char *p = text; *p != '\0'; p++)
			assert_true((uint8_t)*p >= 0x20 || *p == '\n' || *p == '\t');
		free(text);
	}
}

static void test_failing_page(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(write_all(folder, in_folder("j.xml")), 0);
	text = contents("_._t_2_____..-router.html");
	has(text, "<span class=\"v big fail\">✗ FAIL</span>");
	has(text,
	    "<tr class=\"differs\"><td class=\"sign\">≠<span class=\"aside\"> differs</span></td>"
	    "<td>hop limit</td><td>63</td><td>64</td></tr>\n");
	has(text,
	    "<tr class=\"open\"><td class=\"sign\"></td><td>version</td><td>any</td><td>6</td>");
	has(text,
	    "<td colspan=\"3\"><code>a name that needs more room than its column has 1 2</code>");
	has(text, "<p class=\"why\">and then " ESCAPED "</p>");
	has(text,
	    "<li id=\"p7\" class=\"bad\"><details open=\"open\"><summary><span class=\"t\">2.000"
	    "</span> <b>device → TN1</b> <span class=\"link\">link B</span> ");
	has(text, "<strong>✗ " ESCAPED "</strong>");
	has(text,
	    "<a href=\"#p7\" tabindex=\"-1\"><g class=\"frame bad\"><title>2.000 s, link B: ");
	has(text, "5 packets while the device starts");
	has(text, "<b>other → device</b>");
	has(text, "no whole IPv6 header: type 0x0806, 60 octets");
	has(text, "a frame of 3 octets");
	has(text,
	    "<a href=\"https://www.rfc-editor.org/rfc/rfc4443#section-2.4\">RFC 4443 section 2.4</a>"
	    " (c) (SHOULD)");
	has(text, "<a href=\"t.1-router.html\" rel=\"prev\">");
	has(text, "<a href=\"t.3-router.html\" rel=\"next\">");
	free(text);
}

static void test_other_pages(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(write_all(folder, in_folder("j.xml")), 0);
	text = contents("t.1-host.html");
	has(text, "Nothing is wrong. 1 of 12 packets was judged");
	has(text, "<li id=\"p7\" class=\"good\">");
	has(text, "#section-4.2\">RFC 8200 section 4.2</a>, &lt;b&gt;");
	has(text, "rfc4443\">RFC 4443</a>. (MUST)");
	has_not(text, "class=\"bad\"");
	has_not(text, "rel=\"prev\"");
	free(text);
	text = contents("t.4-router.html");
	has_not(text, ".pcapng");
	has_not(text, "<svg");
	free(text);
	text = contents("t.3-router.html");
	has_not(text, "class=\"compare\"");
	free(text);
	text = contents("index.html");
	has(text, "<a class=\"v xfail\" href=\"t.6-router.html\">≈ XFAIL</a>");
	has(text, "the nearest packet: hop limit 64, not 63");
	free(text);
}

/* All of it, where no text is hostile. */
static void test_junit(void **state)
{
	static const struct part part[] = {
		{ "a.1", "one", "It works.", "RFC 1 section 2", LEVEL_MUST, NUT_HOST, 0, 0, NULL },
		{ "a.2", "two", "It works.", "RFC 1 section 2", LEVEL_SHOULD, NUT_HOST, 0, 0,
		  NULL },
		{ "a.3", "three", "It works.", "RFC 1 section 2", LEVEL_MUST, NUT_HOST, 0, 0,
		  NULL },
	};
	static const struct suite s = { "suite", "title", part, ARRAY_LEN(part) };
	const struct run_conf conf = { .nut_name = "sim", .seed = 7, .version = "0.1" };
	const struct tally tally = { .n = 3, .by = { 1, 1, 1, 0, 0 } };
	const struct record none = { 0 };
	const struct result r[] = {
		{ &s, &part[0], NUT_HOST, VERDICT_PASS, NULL, 1500 * NS_PER_MS, &none },
		{ &s, &part[1], NUT_HOST, VERDICT_FAIL, "not so\n  but so", NS_PER_US, &none },
		{ &s, &part[2], NUT_HOST, VERDICT_SKIP, "lacks it", 0, &none },
	};
	struct out_junit j;
	char *text;

	(void)state;
	assert_int_equal(out_junit_init(&j, in_folder("j.xml")), 0);
	j.out.begin(&j.out, &conf, 3);
	j.out.group(&j.out, &s, NUT_HOST, 3);
	for (size_t i = 0; i < ARRAY_LEN(r); i++)
		j.out.part(&j.out, &r[i]);
	j.out.group_end(&j.out, &s, NUT_HOST, &tally);
	j.out.end(&j.out, &tally);
	assert_int_equal(out_junit_done(&j), 0);
	text = contents("j.xml");
	assert_string_equal(
		text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<testsuites name=\"inaba conform\" tests=\"3\" failures=\"1\" errors=\"0\" "
		      "skipped=\"1\" time=\"1.500001\">\n"
		      " <testsuite name=\"suite.host\" tests=\"3\" failures=\"1\" errors=\"0\" "
		      "skipped=\"1\" time=\"1.500001\">\n"
		      "  <properties>\n"
		      "   <property name=\"nut\" value=\"sim\"/>\n"
		      "   <property name=\"seed\" value=\"7\"/>\n"
		      "   <property name=\"version\" value=\"0.1\"/>\n"
		      "  </properties>\n"
		      "  <testcase classname=\"suite.host\" name=\"a.1 one\" time=\"1.500000\"/>\n"
		      "  <testcase classname=\"suite.host\" name=\"a.2 two\" time=\"0.000001\">\n"
		      "   <failure message=\"not so\" type=\"SHOULD\">not so\n  but so\n"
		      "RFC 1 section 2 (SHOULD): It works.</failure>\n"
		      "  </testcase>\n"
		      "  <testcase classname=\"suite.host\" name=\"a.3 three\" time=\"0.000000\">\n"
		      "   <skipped message=\"lacks it\">lacks it\n"
		      "RFC 1 section 2 (MUST): It works.</skipped>\n"
		      "  </testcase>\n"
		      " </testsuite>\n"
		      "</testsuites>\n");
	free(text);
}

static void test_errors(void **state)
{
	struct out_html h;
	struct out_junit j;

	(void)state;
	assert_int_equal(out_html_init(&h, "/dev/null/x"), -ENOTDIR);
	out_html_done(&h);
	assert_int_equal(out_junit_init(&j, "/dev/null/x"), -ENOTDIR);
	out_junit_done(&j);
	assert_int_equal(out_junit_init(&j, "/dev/full"), 0);
	tell(&j.out);
	assert_int_equal(out_junit_done(&j), -ENOSPC);

	/* nothing is told: nothing to be freed is forgotten, no page is written */
	assert_int_equal(out_html_init(&h, folder), 0);
	assert_int_equal(out_html_done(&h), 0);

	assert_int_equal(symlink("/dev/full", in_folder("index.html")), 0);
	assert_int_equal(out_html_init(&h, folder), 0);
	tell(&h.out);
	assert_int_equal(out_html_done(&h), -ENOSPC);

	assert_int_equal(unlink(in_folder("t.1-host.pcapng")), 0);
	assert_int_equal(symlink("/dev/full", in_folder("t.1-host.pcapng")), 0);
	assert_int_equal(unlink(in_folder("t.4-router.html")), 0);
	assert_int_equal(out_html_init(&h, folder), 0);
	tell(&h.out);
	assert_int_equal(out_html_done(&h), -ENOSPC);
	assert_int_not_equal(access(in_folder("t.4-router.html"), F_OK), 0); /* after the error */
}

/* A capture that is too long for a picture is cut, but not at what is wrong. */
static void test_long(void **state)
{
	struct pv request = echo(&tn1, &device, ICMP6_ECHO_REQUEST, 255);
	struct record rec = { 0 };
	struct result r = { &hostile, &parts[0], NUT_HOST, VERDICT_PASS, NULL, 0, &rec };
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 500; i++)
		add(&rec, false, &request);
	record_comment(rec.seen[499], "t.1: FAIL: x");
	html_diagram(&r, f);
	fclose(f);
	has(text, "href=\"#p150\"");
	has_not(text, "href=\"#p151\"");
	has(text, "href=\"#p500\"");
	has(text, ">349 packets more, listed below<");
	free(text);
	record_done(&rec);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_escaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failing_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_junit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
		cmocka_unit_test(test_long),
	};

	if (argc == 3)
		return write_all(argv[1], argv[2]) == 0 ? 0 : 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
