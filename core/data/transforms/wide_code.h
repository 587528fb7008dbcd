#pragma once

/// Before a function whose loops gain from wide registers: it is compiled for machines that have
/// them too, and the right one is taken when the program starts. Sanitizers run before that is
/// possible.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LOOM_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define LOOM_WIDE
#endif
