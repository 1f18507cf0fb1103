/* SPDX-License-Identifier: BSD-3-Clause */
/* What is given to a machine: the kernel and its modules as they are found, and the archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conform/cpio.h"
#include "conform/initrd.h"
#include "conform/odd.h"

#define RELEASE "6.1.0-9-amd64"

struct tree {
	char dir[32];
	struct kernel k;
};

static const char *in(const struct tree *t, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s%s", t->dir, name);
	return path;
}

static void shell(const char *fmt, const char *arg)
{
	char line[1024];

	snprintf(line, sizeof(line), fmt, arg, arg, arg, arg, arg);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): of our own names */
}

/* As a package is unpacked, with two kernels, the newer one with modules. */
static int tree_setup(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	snprintf(t->dir, sizeof(t->dir), "/tmp/inaba-kernel.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	shell("cd %s && mkdir -p boot lib/modules/" RELEASE "/kernel/drivers/net && "
	      "echo old >boot/vmlinuz-6.1.0-8-amd64 && echo new >boot/vmlinuz-" RELEASE " && "
	      "echo veth >lib/modules/" RELEASE "/kernel/drivers/net/veth.ko.xz",
	      t->dir);
	*state = t;
	return 0;
}

static int tree_teardown(void **state)
{
	struct tree *t = *state;

	kernel_done(&t->k);
	shell("rm -rf %s", t->dir);
	free(t);
	return 0;
}

static bool ends(const char *s, const char *with)
{
	return strlen(s) >= strlen(with) && strcmp(s + strlen(s) - strlen(with), with) == 0;
}

static void finds(struct tree *t, const char *what)
{
	char why[256] = "", path[2048];

	if (kernel_find(&t->k, what, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	assert_true(ends(t->k.image, "/boot/vmlinuz-" RELEASE));
	assert_true(ends(t->k.modules, "/lib/modules/" RELEASE));
	assert_true(kernel_module(&t->k, "drivers/net/veth.ko", path, sizeof(path)));
	assert_true(ends(path, "/veth.ko.xz"));
	assert_false(kernel_module(&t->k, "drivers/net/dummy.ko", path, sizeof(path)));
}

static void test_directory(void **state)
{
	struct tree *t = *state;

	finds(t, t->dir);
	assert_string_equal(t->k.unpacked, "");
}

static void test_image(void **state)
{
	struct tree *t = *state;
	char why[256];

	finds(t, in(t, "/boot/vmlinuz-" RELEASE));
	/* no modules: nothing is found, and nothing of another kernel */
	assert_int_equal(kernel_find(&t->k, in(t, "/boot/vmlinuz-6.1.0-8-amd64"), why, sizeof(why)),
			 0);
	assert_string_equal(t->k.modules, "");
	assert_false(kernel_module(&t->k, "drivers/net/veth.ko", why, sizeof(why)));
}

static void test_package(void **state)
{
	struct tree *t = *state;
	char tmp[KERNEL_PATH];

	if (system("command -v dpkg-deb >/dev/null") != 0) /* NOLINT(cert-env33-c) */
		skip();
	shell("cd %s && mkdir p p/DEBIAN && cp -r boot lib p && printf 'Package: linux-image-x\\n"
	      "Version: 1\\nArchitecture: amd64\\nMaintainer: x <x@example.org>\\n"
	      "Description: x\\n' >p/DEBIAN/control && dpkg-deb -b p x.deb >/dev/null && "
	      "rm -r boot lib p",
	      t->dir);
	finds(t, in(t, "/x.deb"));
	memcpy(tmp, t->k.unpacked, sizeof(tmp));
	assert_true(tmp[0] == '/');
	assert_int_equal(access(tmp, F_OK), 0);
	kernel_done(&t->k);
	assert_int_equal(access(tmp, F_OK), -1);
}

static void test_not_found(void **state)
{
	static const struct {
		const char *what, *why;
	} rows[] = {
		{ "/nothing", "No such file or directory; it is to be a vmlinuz, or a package" },
		{ "/lib", "neither boot/vmlinuz* nor vmlinuz* is in there" },
		{ "/bad.deb", "this is no package of a kernel" },
	};
	struct tree *t = *state;
	char why[256];

	write_file(in(t, "/bad.deb"), "x", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(kernel_find(&t->k, in(t, rows[i].what), why, sizeof(why)) < 0);
		assert_non_null(strstr(why, rows[i].why));
		kernel_done(&t->k);
	}
}

/* A header: of its 13 numbers four differ. */
#define HEADER(mode, octets, name)                                                                 \
	"07070100000000" mode "0000000000000000"                                                   \
	"00000001"                                                                                 \
	"00000000" octets "00000000000000000000000000000000" name "00000000"

static void test_archive(void **state)
{
	static const char want[] = HEADER("000041ed", "00000000", "00000002") "d\0" HEADER(
		"000081ed", "00000005",
		"00000004") "d/f\0\0\0hello\0\0\0" HEADER("000081a4", "00000002",
							  "00000002") "t\0to\0\0" HEADER("00000000",
											 "00000000",
											 "0000000b") "TRAILER!!!\0\0\0"; /* and its NUL */
	struct tree *t = *state;
	char *p = NULL;
	size_t n;
	FILE *f = open_memstream(&p, &n);

	assert_non_null(f);
	write_file(in(t, "/f"), "hello", 5);
	cpio_dir(f, "d");
	assert_int_equal(cpio_file(f, "d/f", in(t, "/f")), 0);
	cpio_text(f, "t", "to");
	assert_int_equal(cpio_end(f), 0);
	fclose(f);
	assert_int_equal(n, sizeof(want));
	assert_memory_equal(p, want, n);
	free(p);
}

static void test_archive_errors(void **state)
{
	struct tree *t = *state;
	FILE *full = fopen("/dev/full", "wb");

	assert_non_null(full);
	assert_int_equal(cpio_file(full, "x", in(t, "/x")), -ENOENT);
	assert_int_equal(cpio_file(full, "x", "/dev/null"), -EINVAL);
	assert_int_equal(cpio_end(full), -EIO);
	fclose(full);
}

static size_t number(const uint8_t *p)
{
	char text[9];

	memcpy(text, p, 8);
	text[8] = '\0';
	return (size_t)strtoul(text, NULL, 16);
}

/* How often @name is in the archive; -1 if that is none. */
static int count(const uint8_t *p, size_t n, const char *name)
{
	int ret = 0;

	for (size_t at = 0; at + 110 < n;) {
		size_t octets = number(p + at + 54), len = number(p + at + 94);
		const char *is = (const char *)p + at + 110;

		if (memcmp(p + at, "070701", 6) != 0 || at + 110 + len + octets > n)
			return -1;
		if (strcmp(is, "TRAILER!!!") == 0)
			return ret;
		ret += strcmp(is, name) == 0;
		at = (((at + 110 + len + 3) & ~(size_t)3) + octets + 3) & ~(size_t)3;
	}
	return -1;
}

/* This program is init; programs and libraries are there, each once, and modules in their order. */
static void test_initrd(void **state)
{
	static const char *const want[] = { "init", "sbin/ip",	  "lib/libc.so.6",
					    "proc", "etc/passwd", "modules/2-veth.ko.xz" };
	struct tree *t = *state;
	struct stat st = { 0 };
	char why[256] = "";
	void *p;
	int fd;

	if (system("command -v ldd >/dev/null && command -v ip >/dev/null") != 0) /* NOLINT */
		skip();
	finds(t, t->dir);
	fd = initrd_new(&t->k, why, sizeof(why));
	if (fd < 0)
		fail_msg("%s", why);
	assert_int_equal(fstat(fd, &st), 0);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(p != MAP_FAILED);
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(count(p, (size_t)st.st_size, want[i]), 1);
	munmap(p, (size_t)st.st_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_directory, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_image, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_package, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_not_found, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_archive, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_archive_errors, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_initrd, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
