/// Words: the only way in which Signalbox touches shared memory.
///
/// A region is an array of 64-bit words. Control words are ordered atomics; payload words are copied in bulk by
/// `load_words` and `store_words`, which may race with a writer: the caller validates afterwards (a sequence, a
/// generation or a root word) and throws a torn copy away.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace signalbox {

using Word = std::atomic<std::uint64_t>;
static_assert(sizeof(Word) == 8 && alignof(Word) == 8, "a shared word is eight bytes, whoever looks at it");
static_assert(Word::is_always_lock_free, "a lock hidden in an atomic would not work across processes");

/// Words that different participants write stand on cache lines of their own.
inline constexpr std::size_t kLineBytes = 64;
inline constexpr std::size_t kLineWords = kLineBytes / 8;

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}

#if defined(__SANITIZE_THREAD__) || defined(SIGNALBOX_WORD_ATOMICS)
#define SIGNALBOX_COPY_BY_WORD 1
#endif

/// Copies `count` words out of memory that others may be writing.
///
/// Ordering. None of its own: the caller's acquire before it and acquire fence after it order the copy (Boehm, "Can
/// seqlocks get along with programming language memory models?", 2012). The optimised build copies with the platform's
/// `memcpy`, whose loads are ordinary loads that the fences order on x86-64 and arm64 alike; the compiler cannot see
/// through the barriers, so it neither re-reads nor narrows. The language calls this a race; sanitizer builds copy
/// relaxed atomics, word by word, so that ThreadSanitizer keeps checking everything else.
inline void load_words(std::uint64_t* out, const Word* in, std::size_t count) noexcept {
#ifdef SIGNALBOX_COPY_BY_WORD
  for (std::size_t index = 0; index < count; ++index) out[index] = in[index].load(std::memory_order_relaxed);
#else
  std::size_t bytes = count * 8;
  // The compiler must not know the size: expanded in line for a constant it is twice as slow at 1 KiB.
  asm volatile("" : "+r"(bytes) : : "memory");
  std::memcpy(out, static_cast<const void*>(in), bytes);
  asm volatile("" : : : "memory");
#endif
}

/// Copies `count` words into memory that others may be reading; they validate. See `load_words`.
///
/// Large copies may run as `rep movsb`, whose stores are unordered among themselves but stay between the stores before
/// and after it (Intel SDM 3A 9.2.4); `memcpy` turns to non-temporal stores only at sizes of many MiB, far above
/// `kPayloadWordsMax`.
inline void store_words(Word* out, const std::uint64_t* in, std::size_t count) noexcept {
#ifdef SIGNALBOX_COPY_BY_WORD
  for (std::size_t index = 0; index < count; ++index) out[index].store(in[index], std::memory_order_relaxed);
#else
  std::size_t bytes = count * 8;
  asm volatile("" : "+r"(bytes) : : "memory");
  std::memcpy(static_cast<void*>(out), in, bytes);
  asm volatile("" : : : "memory");
#endif
}

}  // namespace signalbox
