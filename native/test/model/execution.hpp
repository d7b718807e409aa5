/// One scenario's executions: threads as coroutines on stacks of their own, switched by the explorer's choices. One thread.
#pragma once

#include <ucontext.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "choices.hpp"
#include "explorer.hpp"
#include "memory.hpp"
#include "model_word.hpp"

namespace signalbox::model {

class Executions {
 public:
  Executions(const Scenario& scenario, std::uint64_t seed, const Fault& fault)
      : scenario_(scenario),
        fault_(fault),
        image_(scenario.words, scenario.words + scenario.word_count),
        memory_(scenario.word_count),
        choices_(seed) {}

  /// The one that is being explored, or null.
  static Executions* active() { return active_; }
  /// The one whose threads are running right now, or null: in set-up and audits a word is a plain word.
  static Executions* running() { return active_ != nullptr && active_->running_ < kThreadsMax ? active_ : nullptr; }

  Outcome run(const Budget& budget);

  std::uint64_t load(const Word* word, std::memory_order order, const Site& site);
  void store(Word* word, std::uint64_t value, std::memory_order order, const Site& site);
  template <typename Change>
  std::uint64_t modify(Word* word, std::memory_order success, std::memory_order failure, const char* what, const Site& site,
                       Change change) {
    success = order_at(site, success, what);
    failure = order_at(site, failure, nullptr);
    const std::size_t index = step(word);
    bool changed = false;
    const std::uint64_t before =
        memory_.modify(running_, index, scenario_.words[index], success, failure,
                       [&](std::uint64_t* value) {
                         changed = change(value);
                         if (changed) scenario_.words[index] = *value;
                         return changed;
                       },
                       &changed);
    trace(changed ? what : "cas fails", index, changed ? scenario_.words[index] : before, 0, site);
    return before;
  }
  void fence(std::memory_order order, const Site& site);

  void broken(const std::string& what);
  Moment moment();
  void note(const std::string& text) { steps_.push_back({running_, "--", kNoWord, 0, 0, 0, text}); }
  bool wait_for_end(std::size_t awaited);
  [[nodiscard]] Fault::Kind fault() const { return fault_.kind; }

 private:
  static constexpr std::size_t kStackBytes = 256 * 1024;
  /// More steps than any fair execution takes.
  static constexpr std::size_t kStepsMax = 20'000;
  static constexpr std::size_t kNoWord = ~std::size_t{0};

  struct Thread {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[kStackBytes]};
    bool has_ended = false;
    bool has_died = false;
    std::size_t waits_for = kThreadsMax;
  };
  struct Step {
    std::size_t thread;
    const char* what;
    std::size_t word;
    std::uint64_t value;
    unsigned age;
    unsigned line;
    std::string text;
  };

  void execute();
  static void enter(unsigned high, unsigned low);
  void schedule();
  void switch_away();
  [[nodiscard]] bool is_runnable(std::size_t thread) const;
  [[noreturn]] void stop();
  std::size_t step(const Word* word);
  /// The order in which an access runs, after the fault that is put in; notes its site.
  std::memory_order order_at(const Site& site, std::memory_order order, const char* what);
  void trace(const char* what, std::size_t word, std::uint64_t value, unsigned age, const Site& site) {
    steps_.push_back({running_, what, word, value, age, site.line(), {}});
  }
  [[nodiscard]] std::string text_of_trace() const;

  static Executions* active_;

  const Scenario& scenario_;
  const Fault fault_;
  const std::vector<std::uint64_t> image_;
  Memory memory_;
  Choices choices_;
  std::array<Thread, kThreadsMax> threads_;
  ucontext_t main_{};
  std::size_t running_ = kThreadsMax;
  std::size_t step_count_ = 0;
  std::vector<Step> steps_;
  std::string broken_;
  std::map<std::pair<const char*, unsigned>, std::string> sites_;
};

}  // namespace signalbox::model
