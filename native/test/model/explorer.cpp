#include "explorer.hpp"

#include <cstring>

#include "execution.hpp"

namespace signalbox::model {

Executions* Executions::active_ = nullptr;

namespace {

std::string name_of(const char* file, unsigned line) {
  const char* slash = std::strrchr(file, '/');
  return std::string(slash != nullptr ? slash + 1 : file) + ":" + std::to_string(line);
}

}  // namespace

bool Executions::is_runnable(std::size_t thread) const {
  if (thread >= scenario_.threads.size()) return false;
  const Thread& state = threads_[thread];
  if (state.has_ended || state.has_died) return false;
  return state.waits_for == kThreadsMax || threads_[state.waits_for].has_ended || threads_[state.waits_for].has_died;
}

/// Before every step: go on, or let somebody else run first, or die.
void Executions::schedule() {
  if (++step_count_ > kStepsMax) {
    broken("an operation does not end although nobody is in its way");
    stop();
  }
  std::size_t others[kThreadsMax];
  unsigned count = 0;
  for (std::size_t thread = 0; thread < scenario_.threads.size(); ++thread) {
    if (thread != running_ && is_runnable(thread)) others[count++] = thread;
  }
  const bool is_mortal = running_ < scenario_.mortal;
  const unsigned taken = choices_.choose(1 + count + (is_mortal ? 1 : 0), 1);
  if (taken == 0) return;
  if (taken == 1 + count) {
    threads_[running_].has_died = true;
    note("dies");
    switch_away();
    return;
  }
  const std::size_t from = running_;
  running_ = others[taken - 1];
  swapcontext(&threads_[from].context, &threads_[running_].context);
}

/// The running thread cannot go on: somebody else runs, or the execution is over.
void Executions::switch_away() {
  std::size_t others[kThreadsMax];
  unsigned count = 0;
  for (std::size_t thread = 0; thread < scenario_.threads.size(); ++thread) {
    if (is_runnable(thread)) others[count++] = thread;
  }
  const std::size_t from = running_;
  if (count == 0) {
    running_ = kThreadsMax;
    swapcontext(&threads_[from].context, &main_);
    return;
  }
  running_ = others[choices_.choose(count, 0)];
  if (running_ != from) swapcontext(&threads_[from].context, &threads_[running_].context);
}

void Executions::stop() {
  running_ = kThreadsMax;
  setcontext(&main_);
  std::abort();
}

void Executions::broken(const std::string& what) {
  if (broken_.empty()) broken_ = what + "\n" + text_of_trace();
}

std::size_t Executions::step(const Word* word) {
  schedule();
  memory_.tick(running_);
  const auto index = static_cast<std::size_t>(reinterpret_cast<const std::uint64_t*>(word) - scenario_.words);
  if (index >= scenario_.word_count) {
    broken("an access outside the region");
    stop();
  }
  return index;
}

std::memory_order Executions::order_at(const Site& site, std::memory_order order, const char* what) {
  if (order == std::memory_order_relaxed) return order;
  if (what != nullptr) sites_.try_emplace({site.file_name(), site.line()}, what);
  switch (fault_.kind) {
    case Fault::Kind::kNoAcquires:
      if (order == std::memory_order_acquire) return std::memory_order_relaxed;
      return order == std::memory_order_release ? order : std::memory_order_release;
    case Fault::Kind::kNoReleases:
      if (order == std::memory_order_release) return std::memory_order_relaxed;
      return order == std::memory_order_acquire ? order : std::memory_order_acquire;
    case Fault::Kind::kRelaxedSite:
      return name_of(site.file_name(), site.line()) == fault_.site ? std::memory_order_relaxed : order;
    default: return order;
  }
}

std::uint64_t Executions::load(const Word* word, std::memory_order order, const Site& site) {
  order = order_at(site, order, "load acquire");
  const std::size_t index = step(word);
  const unsigned count = memory_.candidates(running_, index, scenario_.words[index]);
  const unsigned age = choices_.choose(count, 1);
  const std::uint64_t value = memory_.load(running_, index, age, order);
  trace(acquires(order) ? "load acquire" : "load", index, value, age, site);
  return value;
}

void Executions::store(Word* word, std::uint64_t value, std::memory_order order, const Site& site) {
  order = order_at(site, order, "store release");
  const std::size_t index = step(word);
  memory_.store(running_, index, scenario_.words[index], value, order);
  scenario_.words[index] = value;
  trace(releases(order) ? "store release" : "store", index, value, 0, site);
}

void Executions::fence(std::memory_order order, const Site& site) {
  const bool is_acquire = order == std::memory_order_acquire;
  sites_.try_emplace({site.file_name(), site.line()}, is_acquire ? "fence acquire" : "fence release");
  if (fault_.kind == (is_acquire ? Fault::Kind::kNoAcquireFences : Fault::Kind::kNoReleaseFences)) return;
  if (fault_.kind == Fault::Kind::kRelaxedSite && name_of(site.file_name(), site.line()) == fault_.site) return;
  memory_.tick(running_);
  memory_.fence(running_, order);
  trace(is_acquire ? "fence acquire" : "fence release", kNoWord, 0, 0, site);
}

Moment Executions::moment() {
  memory_.tick(running_);
  const Clock& clock = memory_.clock_of(running_);
  return {running_, clock.at[running_], clock};
}

bool Executions::wait_for_end(std::size_t awaited) {
  Thread& thread = threads_[running_];
  thread.waits_for = awaited;
  if (!is_runnable(running_)) switch_away();
  thread.waits_for = kThreadsMax;
  memory_.join(running_, awaited);
  return threads_[awaited].has_died;
}

void Executions::enter(unsigned high, unsigned low) {
  auto* executions = reinterpret_cast<Executions*>((static_cast<std::uintptr_t>(high) << 32) | low);
  const std::size_t thread = executions->running_;
  executions->scenario_.threads[thread]();
  executions->threads_[thread].has_ended = true;
  executions->switch_away();
  // Nobody runs an ended thread again.
  std::abort();
}

void Executions::execute() {
  std::memcpy(scenario_.words, image_.data(), image_.size() * 8);
  memory_.begin();
  choices_.begin();
  steps_.clear();
  step_count_ = 0;
  scenario_.reset();
  const auto bits = reinterpret_cast<std::uintptr_t>(this);
  for (std::size_t index = 0; index < scenario_.threads.size(); ++index) {
    Thread& thread = threads_[index];
    thread.has_ended = thread.has_died = false;
    thread.waits_for = kThreadsMax;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStackBytes;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, reinterpret_cast<void (*)()>(&Executions::enter), 2, static_cast<unsigned>(bits >> 32),
                static_cast<unsigned>(bits & 0xffffffff));
  }
  running_ = choices_.choose(static_cast<unsigned>(scenario_.threads.size()), 0);
  swapcontext(&main_, &threads_[running_].context);
  running_ = kThreadsMax;
  if (broken_.empty()) scenario_.audit();
}

Outcome Executions::run(const Budget& budget) {
  Outcome outcome;
  active_ = this;
  for (const std::size_t number : fault_.checks) taken_out[number] = true;
  choices_.search(budget.deviations);
  do {
    execute();
    outcome.is_exhaustive = ++outcome.executions < budget.executions_max;
  } while (broken_.empty() && outcome.is_exhaustive && choices_.advance());
  choices_.draw(budget.random_deviations);
  for (std::uint64_t drawn = 0; broken_.empty() && drawn < budget.random_executions; ++drawn) {
    execute();
    ++outcome.executions;
  }
  active_ = nullptr;
  for (const std::size_t number : fault_.checks) taken_out[number] = false;
  std::memcpy(scenario_.words, image_.data(), image_.size() * 8);
  outcome.fault = broken_;
  for (const auto& [site, what] : sites_) outcome.sites.emplace(name_of(site.first, site.second), what);
  return outcome;
}

std::string Executions::text_of_trace() const {
  std::string text;
  char line[160];
  for (const Step& step : steps_) {
    if (step.word == kNoWord) {
      std::snprintf(line, sizeof line, "    T%zu  %s %s\n", step.thread, step.what, step.text.c_str());
    } else {
      std::snprintf(line, sizeof line, "    T%zu  %-13s %-18s %llx  (line %u%s)\n", step.thread, step.what,
                    scenario_.name(step.word).c_str(), static_cast<unsigned long long>(step.value), step.line,
                    step.age != 0 ? ", an old value" : "");
    }
    text += line;
  }
  return text;
}

Outcome explore(const Scenario& scenario, const Budget& budget, std::uint64_t seed, const Fault& fault) {
  return Executions(scenario, seed, fault).run(budget);
}

void broken(const std::string& what) {
  if (Executions::active() != nullptr) Executions::active()->broken(what);
}

Moment moment() { return Executions::active()->moment(); }

void note(const std::string& text) {
  if (Executions::running() != nullptr) Executions::running()->note(text);
}

bool wait_for_end(std::size_t thread) { return Executions::active()->wait_for_end(thread); }

}  // namespace signalbox::model
