/// Explores every scenario whose title contains the argument, or all of them.
///
///   explore [TEXT]                 0 if nothing broke; prints the interleaving that broke something
///   explore --canary=FAULT [TEXT]  puts that fault into the words; 0 if the search saw it
///   explore --without=CHECK [TEXT] takes that check of the core out (taken_out.hpp), or several joined by +; without TEXT, in the
///                                  play that the check's row names; 0 if the search saw it without drawing
///   explore --sweep-checks [TEXT]  takes every check of the core out in turn, and says which plays miss it
///   explore --sweep [TEXT]         relaxes every ordered access of the core in turn, and lists which of them are missed
///
/// SIGNALBOX_SEED, SIGNALBOX_DEVIATIONS, SIGNALBOX_EXECUTIONS and SIGNALBOX_RANDOM_EXECUTIONS change the budget.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "stage.hpp"

namespace {

using namespace signalbox::model;

Fault fault_of(const char* name) {
  static constexpr struct {
    const char* name;
    Fault::Kind kind;
  } kFaults[] = {
      {"no-acquire-fences", Fault::Kind::kNoAcquireFences}, {"no-release-fences", Fault::Kind::kNoReleaseFences},
      {"no-acquires", Fault::Kind::kNoAcquires},            {"no-releases", Fault::Kind::kNoReleases},
      {"check-then-act", Fault::Kind::kCheckThenAct},       {"no-additions", Fault::Kind::kNoAdditions},
      {"no-marks", Fault::Kind::kNoMarks},
  };
  for (const auto& known : kFaults) {
    if (std::strcmp(known.name, name) == 0) return {known.kind};
  }
  std::fprintf(stderr, "no fault is called %s\n", name);
  std::exit(2);
}

Fault without(const char* names) { return {Fault::Kind::kTakenOut, {}, checks_of(names)}; }

std::uint64_t setting(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

std::vector<Play> plays_of(const char* wanted) {
  std::vector<Play> chosen;
  for (const auto& plays : {event_table_plays(), handle_plays(), death_plays(), ring_plays(), ledger_plays(), token_plays(),
                            participant_plays()}) {
    for (const Play& play : plays) {
      if (play.scenario.title.find(wanted) != std::string::npos) chosen.push_back(play);
    }
  }
  if (chosen.empty()) {
    std::fprintf(stderr, "no scenario has \"%s\" in its title\n", wanted);
    std::exit(2);
  }
  return chosen;
}

/// How many scenarios broke; with a fault put in, the first is enough.
unsigned play_all(const std::vector<Play>& plays, const Budget& budget, std::uint64_t seed, const Fault& fault) {
  unsigned faults = 0;
  for (const Play& play : plays) {
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = explore(play.scenario, budget, seed, fault);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::printf("%s  %s\n        %llu executions, %s up to %u deviations, %.1f s\n",
                outcome.fault.empty() ? "ok    " : "BROKEN", play.scenario.title.c_str(),
                static_cast<unsigned long long>(outcome.executions),
                outcome.fault.empty() ? (outcome.is_exhaustive ? "exhaustive" : "cut short") : "stopped", budget.deviations,
                seconds.count());
    if (!outcome.fault.empty()) std::printf("    %s\n", outcome.fault.c_str());
    std::fflush(stdout);
    faults += outcome.fault.empty() ? 0 : 1;
    if (faults > 0 && fault.kind != Fault::Kind::kNone) break;
  }
  return faults;
}

void sweep(const std::vector<Play>& plays, const Budget& budget, std::uint64_t seed) {
  std::map<std::string, std::string> sites;
  Budget first = budget;
  first.executions_max = 20'000;
  for (const Play& play : plays) sites.merge(explore(play.scenario, first, seed).sites);
  for (const auto& [site, what] : sites) {
    std::string seen_by;
    for (const Play& play : plays) {
      if (seen_by.empty() && !explore(play.scenario, budget, seed, {Fault::Kind::kRelaxedSite, site}).fault.empty()) {
        seen_by = play.scenario.title;
      }
    }
    std::printf("%-28s %-14s %s\n", site.c_str(), what.c_str(), seen_by.empty() ? "NOT SEEN" : seen_by.c_str());
    std::fflush(stdout);
  }
}

void sweep_checks(const std::vector<Play>& plays, Budget budget, std::uint64_t seed) {
  budget.random_executions = 0;
  for (std::size_t number = 0; number < checks().size(); ++number) {
    std::printf("%s\n", checks()[number].name);
    for (const Play& play : plays) {
      const Outcome outcome = explore(play.scenario, budget, seed, {Fault::Kind::kTakenOut, {}, {number}});
      if (outcome.fault.empty()) continue;
      std::printf("  %8llu  %s\n", static_cast<unsigned long long>(outcome.executions), play.scenario.title.c_str());
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** arguments) {
  Fault fault;
  bool sweeps = false;
  bool sweeps_checks = false;
  const char* wanted = "";
  for (int index = 1; index < count; ++index) {
    if (std::strncmp(arguments[index], "--canary=", 9) == 0) fault = fault_of(arguments[index] + 9);
    else if (std::strncmp(arguments[index], "--without=", 10) == 0) fault = without(arguments[index] + 10);
    else if (std::strcmp(arguments[index], "--sweep-checks") == 0) sweeps_checks = true;
    else if (std::strcmp(arguments[index], "--sweep") == 0) sweeps = true;
    else wanted = arguments[index];
  }
  Budget budget;
  budget.deviations = static_cast<unsigned>(setting("SIGNALBOX_DEVIATIONS", budget.deviations));
  budget.executions_max = setting("SIGNALBOX_EXECUTIONS", budget.executions_max);
  budget.random_executions = setting("SIGNALBOX_RANDOM_EXECUTIONS", budget.random_executions);
  const std::uint64_t seed =
      setting("SIGNALBOX_SEED", static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) >> 10);
  std::printf("SIGNALBOX_SEED=%llu\n", static_cast<unsigned long long>(seed));
  if (fault.kind == Fault::Kind::kTakenOut) {
    // What the search finds without drawing it finds every time.
    budget.random_executions = 0;
    if (*wanted == 0) wanted = checks()[fault.checks.front()].seen_by;
  }
  const std::vector<Play> plays = plays_of(wanted);
  if (sweeps_checks) {
    sweep_checks(plays, budget, seed);
    return 0;
  }
  if (sweeps) {
    sweep(plays, budget, seed);
    return 0;
  }
  const unsigned faults = play_all(plays, budget, seed, fault);
  if (fault.kind == Fault::Kind::kNone) return faults > 0 ? 1 : 0;
  if (faults == 0) std::printf("the fault that was put in was not seen\n");
  return faults > 0 ? 0 : 1;
}
