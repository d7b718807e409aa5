/// The native core's tests: `core_test [SUITE …]`, all suites without an argument. The first broken check ends it with 1.
/// SIGNALBOX_SEED repeats a run's random choices (not its scheduling).
#include <cstring>

#include "check.hpp"

int main(int count, char** arguments) {
  using namespace signalbox::test;
  std::uint64_t seed = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) >> 10;
  if (const char* text = std::getenv("SIGNALBOX_SEED")) seed = std::strtoull(text, nullptr, 10);
  std::printf("SIGNALBOX_SEED=%llu\n", static_cast<unsigned long long>(seed));
  unsigned ran = 0;
  for (const Suite* suite : {&kRegionSuite, &kEventTableSuite, &kLedgerSuite, &kRingStressSuite, &kEventStressSuite,
                             &kLedgerStressSuite, &kDeathSuite, &kSpoiltSuite}) {
    bool is_wanted = count == 1;
    for (int index = 1; index < count; ++index) is_wanted = is_wanted || std::strcmp(arguments[index], suite->name) == 0;
    if (!is_wanted) continue;
    for (const Test& test : suite->tests) {
      const auto begin = std::chrono::steady_clock::now();
      // The title first: it is the last line when a check ends the process.
      std::printf("%s ...", test.title);
      std::fflush(stdout);
      test.run(seed);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
      std::printf(" ok (%.1f s)\n", seconds.count());
      ++ran;
    }
  }
  if (ran == 0) {
    std::fprintf(stderr, "no such suite\n");
    return 2;
  }
  return 0;
}
