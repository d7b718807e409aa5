/// relacy without the macros that it leaves behind: it renames `new`, `free`, `errno` and the memory orders of whoever includes it.
/// Include this, never relacy itself, and before any header of the core.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <source_location>
#include <string>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wdeprecated"
#include <relacy/relacy.hpp>
#pragma GCC diagnostic pop

#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
