/// The ordered accesses of the core by name, found in the very text that is compiled, so that a line more or less moves nothing.
/// An ordered access without a name, or a name without an access, ends the check: nothing is left unweighed in silence.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

namespace signalbox::relacy {

/// What an access can lose: what it acquires, or what it releases.
enum class Half { kAcquire, kRelease };

/// An ordered access of the core. Its label, or its function where it has none.
struct Site {
  const char* name;
  /// Whose plays have to pass it.
  const char* subject;
  const char* file;
  /// The first line that holds `text`, from the first one on that holds `after`.
  const char* after;
  const char* text;
  unsigned line = 0;
};

/// Every ordered access that a play can reach, with its line. Ends the process if the core's text has changed under it.
const std::vector<Site>& sites();

/// Which sites were passed in an execution.
class SiteCounter {
 public:
  /// The site at `at`, counted. Ends the process if there is none.
  const Site* count(const std::source_location& at, std::memory_order order);
  /// True if an access of the site had that half.
  [[nodiscard]] bool has(const Site* site, Half half) const;

 private:
  struct Entry {
    const char* file = nullptr;
    unsigned line = 0;
    const Site* site = nullptr;
    std::memory_order order = std::memory_order_relaxed;
  };
  static constexpr std::size_t kEntries = 512;
  Entry entries_[kEntries];
};

}  // namespace signalbox::relacy
