/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/html.h"

static const char pages[] =
	":root{--skip:#57606a;--xfail:#8a5300;--tint-bad:#fdecea;--tint-good:#e7f4ea;--on:#fff}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--skip:#97a3af;--xfail:#e3b341;"
	"--tint-bad:#3b1d1c;--tint-good:#15301c;--on:#12161b}}\n"
	"main{max-width:66rem;overflow-wrap:break-word}.matrix th{overflow-wrap:anywhere}\n"
	"h1 small{display:block;font:600 1rem ui-monospace,monospace;color:var(--dim)}"
	"h2 small{font-weight:400;color:var(--dim)}\n"
	".aside{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
	"white-space:nowrap}\n"
	".pass{color:var(--good)}.fail,.error{color:var(--bad)}.skip{color:var(--skip)}"
	".xfail{color:var(--xfail)}.none{color:var(--dim)}\n"
	/* verdicts */
	".v{display:inline-block;padding:0 .5rem;border:1.5px solid;border-radius:.4rem;"
	"font-weight:600;font-size:.85rem;white-space:nowrap;text-decoration:none}\n"
	"a.v:hover{text-decoration:underline}.v.big{font-size:1.1rem;padding:.15rem .9rem}\n"
	".v.fail,.v.error{background:var(--bad);border-color:var(--bad);color:var(--on)}\n"
	".v.skip{border-style:dashed}\n"
	/* what it is about */
	".facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0}"
	".facts dt{color:var(--dim)}.facts dd{margin:0;overflow-wrap:anywhere}\n"
	"nav{display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap;font-size:.9rem;"
	"margin:.3rem 0}\n"
	/* the page of all */
	".bar{display:flex;height:.6rem;border-radius:.3rem;overflow:hidden;gap:2px;margin:.8rem 0}"
	".bar span{background:currentColor;flex-basis:3px}\n"
	".sums th,.sums td{padding:.25rem .7rem}\n"
	".failures{list-style:none;padding:0}.failures li{margin:.6rem 0}.failures p{margin:.1rem 0 0;"
	"color:var(--dim);font-size:.9rem;overflow-wrap:anywhere}\n"
	".pick{position:absolute;opacity:0}.chips{display:flex;flex-wrap:wrap;gap:.4rem;"
	"align-items:center;margin:.5rem 0}\n"
	".chips label{border:1px solid var(--line);border-radius:1rem;padding:.1rem .8rem;"
	"cursor:pointer}.chips label:hover{border-color:var(--fg)}\n"
	"#v-all:checked~.chips [for=v-all],#v-pass:checked~.chips [for=v-pass],"
	"#v-fail:checked~.chips [for=v-fail],#v-skip:checked~.chips [for=v-skip],"
	"#v-xfail:checked~.chips [for=v-xfail],#v-error:checked~.chips [for=v-error]"
	"{background:var(--box);border-color:var(--fg);font-weight:600}\n"
	"#v-all:focus-visible~.chips [for=v-all],#v-pass:focus-visible~.chips [for=v-pass],"
	"#v-fail:focus-visible~.chips [for=v-fail],#v-skip:focus-visible~.chips [for=v-skip],"
	"#v-xfail:focus-visible~.chips [for=v-xfail],#v-error:focus-visible~.chips [for=v-error]"
	"{outline:2px solid var(--accent);outline-offset:2px}\n"
	"#v-pass:checked~.suites :is(.part,.suite):not(.has-pass),"
	"#v-fail:checked~.suites :is(.part,.suite):not(.has-fail),"
	"#v-skip:checked~.suites :is(.part,.suite):not(.has-skip),"
	"#v-xfail:checked~.suites :is(.part,.suite):not(.has-xfail),"
	"#v-error:checked~.suites :is(.part,.suite):not(.has-error){display:none}\n"
	".suite h2{margin-top:1.6rem}.matrix{width:100%}.matrix tbody th{font-weight:400}"
	".matrix code{white-space:nowrap;margin-right:.5rem}.matrix .role{width:6.2rem;white-space:nowrap}"
	".contents a{white-space:nowrap;margin-right:.2rem}.contents b{margin-right:.3rem}.contents{font-size:.9rem;margin:.3rem 0;line-height:1.8}\n"
	".matrix .clause{color:var(--dim);width:19rem}.matrix .clause b{display:inline-block;"
	"min-width:4.6rem;font-weight:400;font-size:.8rem}th small{color:var(--dim);font-weight:400}\n";

static const char part_page[] =
	".why{margin:.2rem 0}h2+.why{font-weight:600}.why{overflow-wrap:anywhere}\n"
	".compare{margin:.8rem 0;width:100%}.compare td,.compare th{padding:.2rem .8rem .2rem 0}"
	".compare td:nth-child(n+3){font-family:ui-monospace,monospace;font-size:.85rem;"
	"overflow-wrap:anywhere}.compare .sign{width:1.4rem;padding:.2rem .3rem;text-align:center}\n"
	".compare .open td{color:var(--dim)}\n"
	".differs{background:var(--tint-bad)}.differs td{font-weight:600}.differs .sign,"
	".differs td:last-child{color:var(--bad)}\n"
	/* packets */
	".packets{margin:.4rem 0;padding-left:2.6rem;font-size:.9rem}.packets li::marker{color:var(--dim)}\n"
	"summary{cursor:pointer;overflow-wrap:anywhere}summary .t{font-variant-numeric:tabular-nums;"
	"display:inline-block;min-width:3.4rem;text-align:right;margin-right:.4rem}"
	"summary .t,summary .link,.back summary{color:var(--dim)}\n"
	".packets li{padding:.1rem .3rem;border-left:3px solid transparent}\n"
	".packets .good{border-color:var(--good);color:inherit}.packets .good strong{color:var(--good)}\n"
	".packets .bad{border-color:var(--bad);background:var(--tint-bad);color:inherit}"
	".packets .bad strong{color:var(--bad)}\n"
	".packets li:target{outline:2px solid var(--accent)}\n"
	".inside{display:flex;flex-wrap:wrap;gap:.3rem 2rem;padding:.2rem 0 .6rem}"
	".inside pre{margin:0;overflow-x:auto;max-width:100%;font:.8rem/1.4 ui-monospace,monospace}\n"
	".start>summary{color:var(--dim);font-size:.9rem}\n";

static const char diagram[] =
	".seq{display:block;max-width:none}.seq text{font:12px system-ui,sans-serif;fill:var(--fg);"
	"text-anchor:middle}\n"
	".seq .band{fill:var(--box)}.seq .wire{fill:var(--dim);font-size:11px}\n"
	".seq .life{stroke:var(--line);stroke-width:1.5;fill:none}.seq .life.device{stroke:var(--dim);"
	"stroke-width:5}\n"
	".seq .box{fill:var(--bg);stroke:var(--dim)}.seq .box.device{stroke-width:2}"
	".seq .name{font-weight:700}\n"
	".seq .time{text-anchor:end;fill:var(--dim);font-size:11px;font-variant-numeric:tabular-nums}\n"
	".seq .arrow{stroke:var(--accent);stroke-width:1.7;fill:none}.seq .group{stroke-dasharray:6 3}"
	".seq .head,.seq .from{fill:var(--accent)}\n"
	".seq .label,.seq .words{paint-order:stroke;stroke:var(--box);stroke-width:4px;"
	"stroke-linejoin:round}\n"
	".seq .back .label{fill:var(--dim);font-size:11px}.seq .back .arrow{stroke:var(--dim);"
	"stroke-width:1.1}.seq .back .head,.seq .back .from{fill:var(--dim)}\n"
	".seq .judged{fill:none;stroke-width:1.5}.seq .words{font-weight:600}\n"
	".seq .good .judged{stroke:var(--good);fill:var(--tint-good)}.seq .good .words{fill:var(--good);"
	"stroke:var(--tint-good)}.seq .good .label{stroke:var(--tint-good)}\n"
	".seq .bad .judged{stroke:var(--bad);stroke-width:2.5;fill:var(--tint-bad)}"
	".seq .bad .words{fill:var(--bad);stroke:var(--tint-bad)}.seq .bad .label{stroke:var(--tint-bad)}"
	".seq .bad .arrow{stroke:var(--bad)}.seq .bad .head,.seq .bad .from{fill:var(--bad)}\n"
	".seq .note rect{fill:var(--bg);stroke:var(--line)}.seq .note .label{fill:var(--dim);stroke:none}\n"
	".seq a:hover .label{text-decoration:underline}\n";

static const char narrow_and_paper[] =
	"@media (max-width:44rem){.matrix .clause{display:none}.matrix code{display:block}"
	".sums th,.sums td{padding:.25rem .35rem;font-size:.8rem}.facts{gap:.15rem .7rem;font-size:.95rem}"
	".packets{padding-left:1.9rem}h1{font-size:1.35rem}}\n"
	"@media print{nav,.chips,.pick{display:none}a{color:inherit;text-decoration:none}"
	".matrix tr,.packets li,pre{break-inside:avoid}.seq{max-width:100%;height:auto}"
	".inside pre{font-size:6.5pt}.scroll{overflow:visible}}\n";

void html_put_style(FILE *f)
{
	fputs(html_style, f);
	fputs(pages, f);
	fputs(part_page, f);
	fputs(diagram, f);
	fputs(narrow_and_paper, f);
}
