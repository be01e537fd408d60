#pragma once

// For loops over many numbers: compiled for wider vectors too, chosen when the program starts by what the
// machine has. Not contracted to fused operations, so every version gives the same bits. Sanitizers cannot
// run what chooses.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define YOAKE_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define YOAKE_WIDE
#endif

// Before a loop whose turns do not depend on one another, though the compiler cannot know it.
#if defined(__GNUC__) && !defined(__clang__)
#define YOAKE_INDEPENDENT _Pragma("GCC ivdep")
#else
#define YOAKE_INDEPENDENT
#endif
