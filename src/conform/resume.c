/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/resume.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX      (UINT64_C(1) << 32)
#define HEADER_OCTETS 1024

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

static int read_all(struct resume *r)
{
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	if ((uint64_t)st.st_size > FILE_MAX)
		return -EFBIG;
	r->octets = malloc((size_t)st.st_size + 1);
	if (r->octets == NULL)
		return -ENOMEM;
	while (r->n < (size_t)st.st_size) {
		ssize_t got = read(r->fd, r->octets + r->n, (size_t)st.st_size - r->n);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;
		r->n += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static struct rd text_of(const char *s)
{
	return s != NULL ? rd_of(s, strnlen(s, JOURNAL_NAME_MAX)) : rd_of("", 0);
}

static struct journal_header header_of(const struct run_conf *conf)
{
	return (struct journal_header){ .version = text_of(conf->version),
					.nut = text_of(conf->nut_name),
					.seed = conf->seed,
					.roles = conf->roles };
}

static const char *roles_text(uint32_t roles)
{
	return roles == NUT_BOTH ? "both" : roles == NUT_HOST ? "host" : "router";
}

static bool same(struct rd a, struct rd b)
{
	return a.left == b.left && (a.left == 0 || memcmp(a.p, b.p, a.left) == 0);
}

/* Return: 0 if @is, of the file, is what this run wants; else a sentence and -EINVAL. */
static int compare(const struct journal_header *is, const struct journal_header *want, char *why,
		   size_t size)
{
	if (!same(is->version, want->version))
		snprintf(why, size, "its results are of version %.*s of this program, not %.*s",
			 (int)is->version.left, (const char *)is->version.p,
			 (int)want->version.left, (const char *)want->version.p);
	else if (!same(is->nut, want->nut))
		snprintf(why, size, "its results are of the device %.*s, not %.*s",
			 (int)is->nut.left, (const char *)is->nut.p, (int)want->nut.left,
			 (const char *)want->nut.p);
	else if (is->seed != want->seed)
		snprintf(why, size, "its results are of seed %llu, not %llu",
			 (unsigned long long)is->seed, (unsigned long long)want->seed);
	else if (is->roles != want->roles)
		snprintf(why, size, "its results are of a run with --role %s, not %s",
			 roles_text(is->roles), roles_text(want->roles));
	else
		return 0;
	return -EINVAL;
}

static int begin(struct resume *r, const struct journal_header *want)
{
	uint8_t buf[HEADER_OCTETS];
	struct wr w = wr_of(buf, sizeof(buf));

	journal_put_header(&w, want);
	ASSERT(!w.overflow);
	/* all there is, is a part of this: the run before did not even get so far */
	if (r->n >= wr_len(&w) || (r->n > 0 && memcmp(buf, r->octets, r->n) != 0))
		return -EBADMSG;
	r->n = 0;
	r->size = wr_len(&w);
	if (lseek(r->fd, 0, SEEK_SET) < 0)
		return -errno;
	return write_all(r->fd, buf, wr_len(&w));
}

static void keep(struct resume *r, const struct kept *kept)
{
	if (r->n_kept == r->room) {
		r->room = MAX(64u, r->room * 2);
		r->kept = realloc(r->kept, r->room * sizeof(*r->kept));
		ASSERT(r->kept != NULL);
	}
	r->kept[r->n_kept++] = *kept;
}

/* Results up to the end, or to what is not whole. Return: octets of it. */
static size_t keep_all(struct resume *r, struct rd in)
{
	struct journal_entry e;
	struct kept kept;

	for (;;) {
		struct rd start = in;

		if (journal_next(&in, &e) != 1 || e.type != JOURNAL_RESULT ||
		    !journal_get_result(e.body, &kept.result))
			return start.left;
		kept.entry = rd_of(start.p, start.left - in.left);
		keep(r, &kept);
	}
}

/* Find how far it is whole, and cut off the rest. */
static int judge(struct resume *r, const struct run_conf *conf, char *why, size_t size)
{
	struct journal_header is, want = header_of(conf);
	struct rd in = rd_of(r->octets, r->n);
	struct journal_entry e;
	int rc = journal_next(&in, &e);

	if (rc == 0)
		return begin(r, &want);
	if (rc < 0 || e.type != JOURNAL_HEADER || !journal_get_header(e.body, &is))
		return -EBADMSG;
	rc = compare(&is, &want, why, size);
	if (rc < 0)
		return rc;
	r->torn = keep_all(r, in);
	r->size = r->n - r->torn;
	if (ftruncate(r->fd, (off_t)r->size) < 0 || lseek(r->fd, 0, SEEK_END) < 0)
		return -errno;
	return 0;
}

int resume_open(struct resume *r, const struct run_conf *conf, const char *path, char *why,
		size_t size)
{
	int rc = 0;

	*r = (struct resume){ .fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) };
	why[0] = '\0';
	if (r->fd < 0 || flock(r->fd, LOCK_EX | LOCK_NB) < 0)
		rc = -errno;
	if (rc == 0)
		rc = read_all(r);
	if (rc == 0)
		rc = judge(r, conf, why, size);
	if (rc == 0)
		return 0;
	if (why[0] == '\0')
		snprintf(why, size, "%s",
			 rc == -EBADMSG	      ? "this is no file of --resume"
			 : rc == -EWOULDBLOCK ? "another run is using it"
					      : strerror(-rc));
	resume_close(r);
	return rc;
}

void resume_close(struct resume *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->kept);
	free(r->octets);
	*r = (struct resume){ .fd = -1, .err = r->err };
}

static bool is_about(const struct journal_result *r, const struct job *job)
{
	return r->role == job->role && journal_is(r->id, job->part->id) &&
	       journal_is(r->suite, job->suite->name);
}

bool resume_find(const struct resume *r, const struct job *job, struct rd *ret)
{
	for (size_t i = r->n_kept; i > 0; i--) {
		const struct kept *k = &r->kept[i - 1];

		if (!is_about(&k->result, job))
			continue;
		*ret = k->entry;
		return k->result.verdict != VERDICT_ERROR;
	}
	return false;
}

void resume_add(struct resume *r, const uint8_t *entry, size_t octets)
{
	if (r->err != 0)
		return;
	r->err = write_all(r->fd, entry, octets);
	if (r->err == 0)
		r->size += octets;
	else if (ftruncate(r->fd, (off_t)r->size) < 0)
		return; /* then the next run cuts it off */
}
