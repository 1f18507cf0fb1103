/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/reports.h"

#include "cmd/cmd.h"

#define WORD "conform"

static void listen_too(struct out *o, struct out *more)
{
	more->next = o->next;
	o->next = more;
}

int reports_open(struct reports *r, struct out *o)
{
	int rc = 0;

	if (r->junit_path != NULL)
		rc = out_junit_init(&r->junit, r->junit_path);
	if (rc < 0)
		return failed(WORD, "%s: %s", r->junit_path, strerror(-rc));
	if (r->html_dir != NULL)
		rc = out_html_init(&r->html, r->html_dir);
	if (rc < 0) {
		if (r->junit_path != NULL)
			(void)out_junit_done(&r->junit);
		(void)out_html_done(&r->html);
		return failed(WORD, "pages in %s: %s", r->html_dir, strerror(-rc));
	}
	if (r->junit_path != NULL)
		listen_too(o, &r->junit.out);
	if (r->html_dir != NULL)
		listen_too(o, &r->html.out);
	return EXIT_OK;
}

int reports_close(struct reports *r)
{
	int ret = EXIT_OK, rc = 0;

	if (r->junit_path != NULL)
		rc = out_junit_done(&r->junit);
	if (rc < 0)
		ret = failed(WORD, "%s: %s", r->junit_path, strerror(-rc));
	rc = r->html_dir != NULL ? out_html_done(&r->html) : 0;
	if (rc < 0)
		ret = failed(WORD, "pages in %s: %s", r->html_dir, strerror(-rc));
	return ret;
}
