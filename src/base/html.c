/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/html.h"

#include "base/utf8.h"

const char html_style[] =
	":root{--bg:#fff;--fg:#1c2128;--dim:#57606a;--line:#c8d0d8;--box:#f3f6f9;--good:#14692c;"
	"--bad:#b3261e;--accent:#0a5ca8;color-scheme:light dark}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--bg:#12161b;--fg:#e3e8ed;--dim:#97a3af;"
	"--line:#3a444e;--box:#1c232a;--good:#63c97c;--bad:#ff8a80;--accent:#76b7f5}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}\n"
	"main{max-width:58rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.25rem;margin:2.2rem 0 .6rem}"
	"h3{font-size:1rem;margin:1.6rem 0 .2rem}\n"
	"a{color:var(--accent)}code{font:.9em ui-monospace,monospace}\n"
	".verdict{display:inline-block;padding:.1rem .7rem;border:1.5px solid;border-radius:1rem;"
	"font-weight:600}\n"
	".good{color:var(--good)}.bad{color:var(--bad)}\n"
	"figure{margin:0}figcaption{color:var(--dim);font-size:.9rem;margin:.3rem 0}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;"
	"font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .7rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);"
	"vertical-align:top}th{font-weight:600}.n{text-align:right}\n"
	"@media print{body{font-size:10pt}main{max-width:none;padding:0}"
	"tr,figure{break-inside:avoid}h2,h3{break-after:avoid}"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static const char *entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

/* The Char production of XML 1.0, less what HTML calls an error in its input stream. */
static bool is_allowed(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n';
	return (c < 0x7f || c > 0x9f) && (c & 0xfffe) != 0xfffe && (c < 0xfdd0 || c > 0xfdef);
}

void html_escape_octets(FILE *f, const char *text, size_t n)
{
	while (n > 0) {
		uint32_t c = 0;
		size_t len = utf8_char((const uint8_t *)text, n, &c);
		const char *word = len > 0 ? entity(c) : NULL;

		if (len == 0 || !is_allowed(c))
			fputs("\xef\xbf\xbd", f);
		else if (word != NULL)
			fputs(word, f);
		else
			(void)fwrite(text, 1, len, f); /* errors stay in the stream */
		len = MAX(len, (size_t)1);
		text += len;
		n -= len;
	}
}

void html_escape(FILE *f, const char *text)
{
	html_escape_octets(f, text, strlen(text));
}
