#include "core/data/transforms/byte_tables.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define LOOM_HAS_VBMI 1
#endif

namespace loom {
namespace {

#ifdef LOOM_HAS_VBMI
#define LOOM_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

/// A table in four registers, looked up for 64 bytes at once.
struct WideTable {
    __m512i quarters[4];
};

LOOM_VBMI inline WideTable wide(const ByteTable& table) {
    WideTable made;
    for (int i = 0; i < 4; ++i) made.quarters[i] = _mm512_loadu_si512(table.data() + 64 * i);
    return made;
}

/// The low seven bits choose within a half of the table, the highest between the halves.
LOOM_VBMI inline __m512i lookUp(const WideTable& table, __m512i bytes) {
    const __m512i low = _mm512_permutex2var_epi8(table.quarters[0], bytes, table.quarters[1]);
    const __m512i high = _mm512_permutex2var_epi8(table.quarters[2], bytes, table.quarters[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
}

/// Returns how many bytes are done.
LOOM_VBMI std::size_t applyWide(const ByteTable& table, std::uint8_t* bytes, std::size_t count) {
    const WideTable only = wide(table);
    std::size_t at = 0;
    for (; at + 64 <= count; at += 64)
        _mm512_storeu_si512(bytes + at, lookUp(only, _mm512_loadu_si512(bytes + at)));
    return at;
}

LOOM_VBMI std::size_t applyWide(const std::array<ByteTable, 3>& tables, std::uint8_t* bytes,
                                std::size_t count) {
    // Every third place from the first on; the next register begins with the next channel.
    constexpr std::uint64_t kThirds = 0x9249'2492'4924'9249u;
    const WideTable first = wide(tables[0]), second = wide(tables[1]), third = wide(tables[2]);
    std::size_t at = 0;
    for (; at + 192 <= count; at += 192)
        for (int part = 0; part < 3; ++part) {
            std::uint8_t* here = bytes + at + 64 * part;
            const __m512i from = _mm512_loadu_si512(here);
            // Place i of this register is of channel (i + part) mod 3.
            const __mmask64 ofSecond = kThirds << ((4 - part) % 3);
            const __mmask64 ofThird = kThirds << ((5 - part) % 3);
            __m512i made = lookUp(first, from);
            made = _mm512_mask_mov_epi8(made, ofSecond, lookUp(second, from));
            made = _mm512_mask_mov_epi8(made, ofThird, lookUp(third, from));
            _mm512_storeu_si512(here, made);
        }
    return at;
}

bool isWide() {
    static const bool has =
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
    return has;
}
#else
bool isWide() {
    return false;
}

template <class Tables>
std::size_t applyWide(const Tables&, std::uint8_t*, std::size_t) {
    return 0;
}
#endif

}  // namespace

void applyTable(const ByteTable& table, std::uint8_t* bytes, std::size_t count) {
    for (std::size_t at = isWide() ? applyWide(table, bytes, count) : 0; at < count; ++at)
        bytes[at] = table[bytes[at]];
}

void applyTables(const std::array<ByteTable, 3>& tables, std::uint8_t* bytes, std::size_t count) {
    for (std::size_t at = isWide() ? applyWide(tables, bytes, count) : 0; at + 3 <= count; at += 3)
        for (std::size_t c = 0; c < 3; ++c) bytes[at + c] = tables[c][bytes[at + c]];
}

}  // namespace loom
