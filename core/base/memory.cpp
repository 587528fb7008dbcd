#include "core/base/memory.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace loom {

void keepFreedMemory() {
#ifdef __GLIBC__
    // Blocks of up to 1 GiB come from the heap, not from mappings of their own, and the heap's end
    // is not given back before 1 GiB of it is free. One heap for all threads: what one frees
    // another can use, and only the main heap has no size limit.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_ARENA_MAX, 1);
#endif
}

void giveBackFreedMemory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

}  // namespace loom
