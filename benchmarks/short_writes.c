/* Let one write below a folder write half of what it is asked to, as a full disk, a quota or a
 * signal does; preloaded by `short_writes.py`, for every library that writes through libc.
 *
 * SHORT_UNDER    the folder
 * SHORT_AT       which write, from 1, counted by process; 0 none
 * SHORT_THEN     what every later write below the folder fails with; 0 they go on
 * SHORT_COUNTED  a file that grows by a byte for each write below the folder
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

enum fate { WHOLE, HALF, NONE };

static atomic_long count;
static atomic_int full;

static long number(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

static int inside(int handle) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("SHORT_UNDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !folder) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

static void tell(void) {
    const char *path = getenv("SHORT_COUNTED");
    int handle = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0644) : -1;
    if (handle < 0) return;
    ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    next(handle, ".", 1);
    close(handle);
}

static enum fate fate(int handle, size_t size) {
    int kept = errno;
    enum fate found = WHOLE;
    if (inside(handle)) {
        if (full) found = NONE;
        else if (size > 1) {
            tell();
            if (atomic_fetch_add(&count, 1) + 1 == number("SHORT_AT")) {
                found = HALF;
                full = number("SHORT_THEN") != 0;
            }
        }
    }
    errno = found == NONE ? (int)number("SHORT_THEN") : kept;
    return found;
}

#define NEXT(type, name, ...) \
    type (*next)(__VA_ARGS__) = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define CUT(handle, size) \
    enum fate what = fate(handle, size); \
    if (what == NONE) return -1; \
    if (what == HALF) size /= 2

ssize_t write(int handle, const void *data, size_t size) {
    NEXT(ssize_t, "write", int, const void *, size_t);
    CUT(handle, size);
    return next(handle, data, size);
}

ssize_t pwrite(int handle, const void *data, size_t size, off_t at) {
    NEXT(ssize_t, "pwrite", int, const void *, size_t, off_t);
    CUT(handle, size);
    return next(handle, data, size, at);
}

ssize_t pwrite64(int handle, const void *data, size_t size, off64_t at) {
    NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    CUT(handle, size);
    return next(handle, data, size, at);
}

ssize_t writev(int handle, const struct iovec *parts, int many) {
    NEXT(ssize_t, "writev", int, const struct iovec *, int);
    size_t first = many > 0 ? parts[0].iov_len : 0;
    enum fate what = fate(handle, first + many);
    if (what == NONE) return -1;
    if (what == WHOLE || first < 2) return next(handle, parts, many);
    struct iovec half = {parts[0].iov_base, first / 2};
    return next(handle, &half, 1);
}

ssize_t sendfile(int handle, int from, off_t *at, size_t size) {
    NEXT(ssize_t, "sendfile", int, int, off_t *, size_t);
    CUT(handle, size);
    return next(handle, from, at, size);
}

ssize_t copy_file_range(int from, off64_t *at, int handle, off64_t *to, size_t size, unsigned how) {
    NEXT(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
    CUT(handle, size);
    return next(from, at, handle, to, size, how);
}
