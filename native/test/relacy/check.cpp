/// Plays a structure's plays under relacy.
///
///   relacy_check SUBJECT                  ring, events or ledger; 0 if nothing broke; prints the interleaving that broke something,
///                                         and what every ordering is worth
///   relacy_check SUBJECT --canary=FAULT   weakens the core's orderings by FAULT (canaries.hpp); 0 if relacy saw it
///   relacy_check SUBJECT --sweep          plays every row of canaries.cpp; 0 if each says what is the case
///
/// Executions are numbered, and a number is a seed: the same ones are played on every machine. SIGNALBOX_RELACY_FIRST and
/// SIGNALBOX_RELACY_EXECUTIONS (of each play) choose others, and more.
#include "canaries.hpp"
#include "plays.hpp"

#include <chrono>
#include <cstdio>
#include <cstring>

namespace {

using namespace signalbox::relacy;

Play* playing = nullptr;

template <int thread_count>
struct Suite : rl::test_suite<Suite<thread_count>, thread_count> {
  void before() {
    Memory::instance().begin();
    playing->before();
  }
  void thread(unsigned index) { playing->thread(index); }
  void after() {
    playing->after();
    Memory::instance().end();
  }
};

/// Keeps what relacy prints without allocating, which is relacy's while it runs.
class Transcript : public std::streambuf {
 public:
  Transcript() { setp(text_, text_ + sizeof text_); }
  [[nodiscard]] std::string text() const { return {pbase(), pptr()}; }
  void clear() { setp(text_, text_ + sizeof text_); }

 private:
  static char text_[1 << 20];
};
char Transcript::text_[1 << 20];

struct Outcome {
  bool is_broken;
  rl::iteration_t executions;
  std::string transcript;
};

/// Executions `first` to `first + count - 1`, drawn; or, with `switches`, every one that changes threads no more often than that.
Outcome play(Play* chosen, rl::iteration_t first, rl::iteration_t count, unsigned switches = 0) {
  static Transcript transcript;
  static std::ostream out(&transcript);
  static std::ostream nowhere(nullptr);
  transcript.clear();
  playing = chosen;
  rl::test_params params;
  params.output_stream = &out;
  params.progress_stream = &nowhere;
  params.search_type = switches > 0 ? rl::fair_context_bound_scheduler_type : rl::random_scheduler_type;
  params.context_bound = switches;
  params.execution_depth_limit = 20'000;
  if (switches == 0) params.initial_state = (std::to_string(first) + " ").c_str();
  params.iteration_count = first + count - 1;
  const bool kept = chosen->threads() == 2 ? rl::simulate<Suite<2>>(params) : rl::simulate<Suite<3>>(params);
  return {!kept, params.stop_iteration - (switches == 0 ? first - 1 : 0), transcript.text()};
}

/// The line in which relacy says what broke.
std::string reason_in(const std::string& transcript) {
  // Behind the suite's name.
  const std::size_t begin = transcript.find('\n') + 1;
  return transcript.substr(begin, transcript.find('\n', begin) - begin);
}

std::vector<Play*> plays_of(const std::string& subject) {
  if (subject == "ring") return ring_plays();
  if (subject == "events") return event_table_plays();
  if (subject == "ledger") return ledger_plays();
  std::fprintf(stderr, "relacy_check ring|events|ledger [--canary=FAULT | --sweep]\n");
  std::exit(2);
}

std::uint64_t setting(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

struct Budget {
  rl::iteration_t first;
  rl::iteration_t executions;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool report(const Play* played, const Outcome& outcome, const char* how, double seconds) {
  std::printf("%s  %s\n        %llu executions, %s, %.1f s\n", outcome.is_broken ? "BROKEN" : "ok    ", played->title(),
              static_cast<unsigned long long>(outcome.executions), how, seconds);
  if (outcome.is_broken) std::printf("%s\n", outcome.transcript.c_str());
  std::fflush(stdout);
  return outcome.is_broken;
}

/// 0 if every play kept what it has to keep.
int play_all(const std::vector<Play*>& plays, const Budget& budget) {
  int broken = 0;
  for (Play* each : plays) {
    auto begin = std::chrono::steady_clock::now();
    const Outcome drawn = play(each, budget.first, budget.executions);
    broken += report(each, drawn, "drawn", seconds_since(begin));
    if (each->switches() == 0) continue;
    begin = std::chrono::steady_clock::now();
    const Outcome searched = play(each, 1, 0, each->switches());
    const std::string how = "all with up to " + std::to_string(each->switches()) + " changes of thread";
    broken += report(each, searched, how.c_str(), seconds_since(begin));
  }
  return broken > 0 ? 1 : 0;
}

/// What a fault broke: the play and relacy's reason; empty if nothing. Slices that grow, so that no play waits for another.
std::string broken_by(const std::string& fault, const std::vector<Play*>& plays, const Budget& budget) {
  Memory::instance().fault = weakenings_of(fault);
  std::string seen;
  rl::iteration_t first = 0;
  for (rl::iteration_t slice = 1'000; first < budget.executions && seen.empty(); slice *= 4) {
    slice = std::min(slice, budget.executions - first);
    for (Play* each : plays) {
      const Outcome outcome = play(each, budget.first + first, slice);
      if (!outcome.is_broken) continue;
      seen = std::string(each->title()) + "\n        " + reason_in(outcome.transcript) + ", execution " +
             std::to_string(budget.first + first + outcome.executions - 1);
      break;
    }
    first += slice;
  }
  Memory::instance().fault.clear();
  return seen;
}

/// 0 if relacy saw the fault.
int play_canary(const std::string& fault, const std::vector<Play*>& plays, const Budget& budget) {
  const std::string seen = broken_by(fault, plays, budget);
  std::printf("%s  %s\n", seen.empty() ? "MISSED" : "seen  ", fault.c_str());
  if (seen.empty()) std::printf("        the fault that was put in was not seen\n");
  else std::printf("        %s\n", seen.c_str());
  std::fflush(stdout);
  return seen.empty() ? 1 : 0;
}

/// Which orderings the structure's canaries weigh; 1 if one of them is in no row, or no play passes it.
int weigh(const std::string& subject) {
  int missing = 0;
  for (const Site& site : sites()) {
    bool is_passed = false;
    for (const Half half : {Half::kAcquire, Half::kRelease}) {
      const bool has = Memory::instance().sites.has(&site, half);
      is_passed = is_passed || has;
      if (!has || is_weighed(site, half)) continue;
      std::printf("NOT WEIGHED  %s: give it a row in canaries.cpp\n", name_of(site, half).c_str());
      ++missing;
    }
    if (is_passed || subject != site.subject) continue;
    std::printf("NOT PASSED  %s: no play of %s comes there\n", site.name, subject.c_str());
    ++missing;
  }
  std::printf("Weakened, these break a play:\n");
  for (const Canary& canary : canaries()) {
    if (canary.verdict == Verdict::kSeen && subject == canary.subject) std::printf("  %-36s %s\n", canary.fault, canary.why);
  }
  std::printf("Weakened, these break none, because\n");
  for (const Canary& canary : canaries()) {
    if (canary.verdict == Verdict::kUnseen && subject == canary.subject) std::printf("  %-36s %s\n", canary.fault, canary.why);
  }
  return missing > 0 ? 1 : 0;
}

/// 0 if every row of the table says what is the case.
int sweep(const std::string& subject, const std::vector<Play*>& plays, const Budget& budget) {
  int wrong = 0;
  for (const Canary& canary : canaries()) {
    if (subject != canary.subject) continue;
    // Nothing ends the search for what is not there: it gets a tenth.
    const bool is_wanted = canary.verdict == Verdict::kSeen;
    const Budget spent{budget.first, is_wanted ? budget.executions : budget.executions / 10};
    const bool is_seen = !broken_by(canary.fault, plays, spent).empty();
    const bool is_right = is_seen == is_wanted;
    std::printf("%s  %-36s %s\n", is_right ? "ok   " : "WRONG", canary.fault, is_seen ? "seen" : "not seen");
    std::fflush(stdout);
    wrong += !is_right;
  }
  return wrong > 0 ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string subject = count > 1 ? arguments[1] : "";
  const std::string how = count > 2 ? arguments[2] : "";
  const std::vector<Play*> plays = plays_of(subject);
  // relacy owns `new` while it runs.
  sites();
  // A canary ends where its fault shows; the rarest shows once in some hundred thousand.
  const bool is_canary = how.rfind("--canary=", 0) == 0;
  const bool is_sweep = how == "--sweep";
  const rl::iteration_t executions = is_canary || is_sweep ? 1'000'000 : subject == "ring" ? 400'000 : 60'000;
  const Budget budget{setting("SIGNALBOX_RELACY_FIRST", 1), setting("SIGNALBOX_RELACY_EXECUTIONS", executions)};
  if (is_canary) return play_canary(how.substr(9), plays, budget);
  if (is_sweep) return sweep(subject, plays, budget);
  const int broken = play_all(plays, budget);
  return weigh(subject) + broken > 0 ? 1 : 0;
}
