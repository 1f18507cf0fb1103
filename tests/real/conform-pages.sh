#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The pages and the XML for JUnit of results with every verdict, all whose texts are hostile
# (tests/conform/test_out.c), read by the parsers of Python.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
hostile=$(dirname "$INABA")/../../tests/conform_test_out
[ -x "$hostile" ] || { echo "the test conform/test_out is not built"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$hostile" "$dir/html" "$dir/junit.xml"
tests/real/check-pages "$dir/html" "$dir/junit.xml"
